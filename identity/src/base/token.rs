//! Access tokens; requests for them are in `request`.

mod request;

use std::fmt;
use std::sync::Arc;

use time::OffsetDateTime;

pub use self::request::{TokenRequest, TokenRequestOptions};
pub(crate) use self::request::{check_tenant, is_one_word};
use crate::secret::Secret;
use crate::unix_time::UnixTime;

/// An access token: cheap to clone, its text hidden from `Debug` and wiped when the last clone
/// is dropped.
#[derive(Clone)]
pub struct AccessToken(pub(crate) Arc<Token>);

/// The data that clones of a token share. The alignment keeps two tokens, with their reference
/// counters, out of one cache line of a processor, so that threads that use different tokens do not
/// slow each other down.
#[derive(Clone)]
#[repr(align(64))]
pub(crate) struct Token {
    pub(crate) text: Arc<Secret>,
    pub(crate) token_type: String,
    pub(crate) expires_on: UnixTime,
    pub(crate) refresh_on: Option<UnixTime>,
    /// `expires_on` as it is handed out, converted in advance: the conversion takes longer than the
    /// rest of a call that is answered from the cache.
    calendar: OffsetDateTime,
}

impl Token {
    pub(crate) fn new(
        text: &str,
        token_type: &str,
        expires_on: UnixTime,
        refresh_on: Option<UnixTime>,
    ) -> Self {
        Self {
            text: Arc::new(Secret::new(text)),
            token_type: token_type.to_owned(),
            expires_on,
            refresh_on,
            calendar: expires_on.into(),
        }
    }
}

impl AccessToken {
    /// Creates a bearer token, for your own [`TokenCredential`](crate::TokenCredential).
    pub fn new(token: impl AsRef<str>, expires_on: OffsetDateTime) -> Self {
        Self(Arc::new(Token::new(
            token.as_ref(),
            "Bearer",
            expires_on.into(),
            None,
        )))
    }

    /// Returns a copy of the token with its own reference counter; both copies share the text.
    pub(crate) fn share(&self) -> Self {
        Self(Arc::new(Token::clone(&self.0)))
    }

    /// The token's text, which follows `Bearer ` in an `Authorization` header.
    pub fn token(&self) -> &str {
        self.0.text.expose()
    }

    /// The time at which the token stops being valid (UTC, to the millisecond).
    pub fn expires_on(&self) -> OffsetDateTime {
        self.0.calendar
    }

    /// The time at which the credential begins to ask for the next token: the time that the service
    /// named, else half of a lifetime of at least two hours. `None` for a shorter token for which
    /// the service named no time.
    pub fn refresh_on(&self) -> Option<OffsetDateTime> {
        self.0.refresh_on.map(OffsetDateTime::from)
    }

    /// The token type, `Bearer` unless the service named another.
    pub fn token_type(&self) -> &str {
        &self.0.token_type
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("token", &self.0.text)
            .field("token_type", &self.0.token_type)
            .field("expires_on", &self.0.expires_on)
            .field("refresh_on", &self.0.refresh_on)
            .finish()
    }
}
