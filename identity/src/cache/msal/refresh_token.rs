//! Refresh tokens.

use super::access_token::seconds;
use super::entry::Entry;
use super::record::{Kind, Record, key};
use super::scopes::Scopes;
use crate::context::UnixTime;
use crate::secret::Secret;

/// A refresh token, good for every tenant and resource of its account.
#[derive(Clone, Debug)]
pub(crate) struct RefreshToken {
    pub(crate) home_account_id: String,
    pub(crate) environment: String,
    /// The application it was issued to. Others may use it only if they are of its family.
    pub(crate) client_id: String,
    /// The family of applications that share it; `"1"` is the only one there is.
    pub(crate) family_id: Option<String>,
    /// The scopes it came with; it serves others as well.
    pub(crate) scopes: Scopes,
    pub(crate) secret: Secret,
    pub(crate) last_modification_time: UnixTime,
}

impl Record for RefreshToken {
    const KIND: Kind = Kind::RefreshToken;

    fn key(&self) -> String {
        let (home, environment) = (&self.home_account_id, &self.environment);
        // Nothing stands between the last two dashes: it is not bound to a tenant.
        let rest = key(&[&self.client_id, "", &self.scopes.target()]);
        prefix(home, environment) + &rest
    }

    fn read(entry: &Entry) -> Option<Self> {
        if entry.text("user_assertion_hash").is_some() || entry.text("userAssertionHash").is_some()
        {
            return None;
        }
        let modified = entry.number("last_modification_time").unwrap_or_default();
        Some(Self {
            home_account_id: entry.text("home_account_id")?.to_owned(),
            environment: entry.text("environment")?.to_owned(),
            client_id: entry.text("client_id").unwrap_or_default().to_owned(),
            family_id: entry.text("family_id").map(str::to_owned),
            scopes: Scopes::parse(entry.text("target").unwrap_or_default()),
            secret: Secret::new(entry.secret()?),
            last_modification_time: UnixTime::from_seconds(modified),
        })
    }

    fn write(&self, entry: &mut Entry) {
        entry.set("credential_type", Self::KIND.name());
        entry.set("secret", self.secret.expose());
        entry.set("home_account_id", self.home_account_id.clone());
        entry.set("environment", self.environment.clone());
        entry.set("client_id", self.client_id.clone());
        entry.set("target", self.scopes.target());
        entry.set(
            "last_modification_time",
            seconds(self.last_modification_time),
        );
        entry.set_or_remove("family_id", self.family_id.clone());
    }
}

/// The beginning of the keys of all refresh tokens of one account.
pub(super) fn prefix(home_account_id: &str, environment: &str) -> String {
    key(&[home_account_id, environment, "refreshtoken", ""])
}
