//! ID tokens.

use super::entry::Entry;
use super::record::{Kind, Record, key};
use crate::secret::Secret;

/// A statement of the token service about a user who signed in.
#[derive(Clone, Debug)]
pub(crate) struct IdToken {
    pub(crate) home_account_id: String,
    pub(crate) environment: String,
    pub(crate) client_id: String,
    /// The tenant.
    pub(crate) realm: String,
    pub(crate) secret: Secret,
}

impl Record for IdToken {
    const KIND: Kind = Kind::IdToken;

    fn key(&self) -> String {
        let (home, environment) = (&self.home_account_id, &self.environment);
        // Nothing stands after the last dash: an ID token has no scopes.
        key(&[
            home,
            environment,
            "idtoken",
            &self.client_id,
            &self.realm,
            "",
        ])
    }

    fn read(entry: &Entry) -> Option<Self> {
        Some(Self {
            home_account_id: entry.text("home_account_id")?.to_owned(),
            environment: entry.text("environment")?.to_owned(),
            client_id: entry.text("client_id")?.to_owned(),
            realm: entry.text("realm").unwrap_or_default().to_owned(),
            secret: Secret::new(entry.secret()?),
        })
    }

    fn write(&self, entry: &mut Entry) {
        entry.set("credential_type", Self::KIND.name());
        entry.set("secret", self.secret.expose());
        entry.set("home_account_id", self.home_account_id.clone());
        entry.set("environment", self.environment.clone());
        entry.set("realm", self.realm.clone());
        entry.set("client_id", self.client_id.clone());
    }
}
