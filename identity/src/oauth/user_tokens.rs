//! The tokens that a user's sign-in or a refresh token brought.

use serde_json::{Map, Value};

use crate::context::{Response, UnixTime};
use crate::error::Result;
use crate::oauth::success;
use crate::oauth::user::User;
use crate::secret::Secret;
use crate::token::AccessToken;

/// An access token of a user, and the tokens that make the next one possible.
#[derive(Clone, Debug)]
pub(crate) struct UserTokens {
    pub(crate) access_token: AccessToken,
    /// The scopes that were granted, where the service names them.
    pub(crate) scope: Option<String>,
    pub(crate) refresh_token: Option<Secret>,
    /// The family of applications that may use the refresh token.
    pub(crate) family_id: Option<String>,
    pub(crate) id_token: Option<Secret>,
    /// The user. The response to a refresh token need not name them again.
    pub(crate) user: Option<User>,
}

impl UserTokens {
    /// Returns the tokens in `response`, or the error it stands for. `secrets` are kept out of
    /// error texts.
    pub(crate) fn read(response: &Response, now: UnixTime, secrets: &[&str]) -> Result<Self> {
        let (access_token, body) = success::read_with_body(response, now, secrets)?;
        let id_token = text(&body, "id_token");
        let user = id_token.and_then(|token| User::read(token, text(&body, "client_info")));
        Ok(Self {
            access_token,
            scope: text(&body, "scope").map(str::to_owned),
            refresh_token: text(&body, "refresh_token").map(Secret::new),
            family_id: text(&body, "foci").map(str::to_owned),
            id_token: id_token.map(Secret::new),
            user,
        })
    }
}

fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    body.get(name)?.as_str().filter(|text| !text.is_empty())
}
