//! Access tokens.

use std::sync::Arc;

use super::entry::Entry;
use super::record::{Kind, Record, key};
use super::scopes::Scopes;
use crate::context::UnixTime;
use crate::secret::Secret;
use crate::token::{self, Token};

/// An access token with its owner.
#[derive(Clone, Debug)]
pub(crate) struct AccessTokenRecord {
    /// `None` for a token of the application itself.
    pub(crate) home_account_id: Option<String>,
    pub(crate) environment: String,
    pub(crate) client_id: String,
    /// The tenant.
    pub(crate) realm: String,
    pub(crate) scopes: Scopes,
    pub(crate) secret: Secret,
    pub(crate) token_type: String,
    pub(crate) cached_at: UnixTime,
    pub(crate) expires_on: UnixTime,
    pub(crate) refresh_on: Option<UnixTime>,
}

/// Members that bind a token to more than its scopes: a key, the assertion of an on-behalf-of
/// request, a claims challenge, extra parameters. Such a token serves only who brings the same
/// again, so it is passed over here.
const BOUND: &[&str] = &[
    "key_id",
    "kid",
    "ext_cache_key",
    "user_assertion_hash",
    "userAssertionHash",
    "requested_claims",
    "requested_claims_hash",
    "requestedClaimsHash",
];

impl AccessTokenRecord {
    /// The token, for a caller.
    pub(crate) fn token(&self) -> token::AccessToken {
        token::AccessToken(Arc::new(Token::new(
            self.secret.expose(),
            &self.token_type,
            self.expires_on,
            self.refresh_on,
        )))
    }
}

impl Record for AccessTokenRecord {
    const KIND: Kind = Kind::AccessToken;

    fn key(&self) -> String {
        let home = self.home_account_id.as_deref();
        prefix(home, &self.environment, &self.client_id, &self.realm)
            + &self.scopes.target().to_lowercase()
    }

    fn read(entry: &Entry) -> Option<Self> {
        let token_type = entry.text("token_type").unwrap_or("Bearer");
        let bound = BOUND.iter().any(|name| entry.text(name).is_some());
        if bound || !token_type.eq_ignore_ascii_case("Bearer") {
            return None;
        }
        let moment = |name| entry.number(name).map(UnixTime::from_seconds);
        Some(Self {
            home_account_id: entry.text("home_account_id").map(str::to_owned),
            environment: entry.text("environment")?.to_owned(),
            client_id: entry.text("client_id")?.to_owned(),
            realm: entry.text("realm").unwrap_or_default().to_owned(),
            scopes: Scopes::parse(entry.text("target")?),
            secret: Secret::new(entry.secret()?),
            token_type: token_type.to_owned(),
            cached_at: moment("cached_at").unwrap_or(UnixTime::from_seconds(0)),
            expires_on: moment("expires_on")?,
            refresh_on: moment("refresh_on"),
        })
    }

    fn write(&self, entry: &mut Entry) {
        let expires_on = seconds(self.expires_on);
        entry.set("credential_type", Self::KIND.name());
        entry.set("secret", self.secret.expose());
        entry.set("home_account_id", self.home_account_id.clone());
        entry.set("environment", self.environment.clone());
        entry.set("client_id", self.client_id.clone());
        entry.set("target", self.scopes.target());
        entry.set("realm", self.realm.clone());
        entry.set("token_type", self.token_type.clone());
        entry.set("cached_at", seconds(self.cached_at));
        entry.set("extended_expires_on", expires_on.clone());
        entry.set("expires_on", expires_on);
        entry.set_or_remove("refresh_on", self.refresh_on.map(seconds));
    }
}

/// The beginning of the keys of all tokens of one owner.
pub(super) fn prefix(
    home: Option<&str>,
    environment: &str,
    client_id: &str,
    realm: &str,
) -> String {
    let parts = [
        home.unwrap_or_default(),
        environment,
        "accesstoken",
        client_id,
        realm,
        "",
    ];
    key(&parts)
}

/// The seconds since 1970 in digits, as the document has them.
pub(super) fn seconds(moment: UnixTime) -> String {
    moment.as_seconds().to_string()
}
