//! What is got; what is asked for is in `request`.

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

/// What clones of a token share. No two of them, nor their counters, lie on one line of a
/// processor's cache: threads that use different ones do not hold each other up.
#[derive(Clone)]
#[repr(align(64))]
pub(crate) struct Token {
    pub(crate) text: Arc<Secret>,
    pub(crate) token_type: String,
    pub(crate) expires_on: UnixTime,
    pub(crate) refresh_on: Option<UnixTime>,
    /// `expires_on` once more: converting it costs more than all the rest of a warm call.
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
    /// A bearer token, for your own [`TokenCredential`](crate::TokenCredential).
    pub fn new(token: impl AsRef<str>, expires_on: OffsetDateTime) -> Self {
        Self(Arc::new(Token::new(
            token.as_ref(),
            "Bearer",
            expires_on.into(),
            None,
        )))
    }

    /// The same token with a counter of its own; the text stays one.
    pub(crate) fn share(&self) -> Self {
        Self(Arc::new(Token::clone(&self.0)))
    }

    /// The token itself, what goes after `Bearer ` in an `Authorization` header.
    pub fn token(&self) -> &str {
        self.0.text.expose()
    }

    /// When it stops being valid (UTC, to the millisecond).
    pub fn expires_on(&self) -> OffsetDateTime {
        self.0.calendar
    }

    /// When to ask for the next one: what the service said, or half of a lifetime of at least two
    /// hours. `None` for shorter tokens the service said nothing about.
    pub fn refresh_on(&self) -> Option<OffsetDateTime> {
        self.0.refresh_on.map(OffsetDateTime::from)
    }

    /// How to present it, `Bearer` unless the service said otherwise.
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
