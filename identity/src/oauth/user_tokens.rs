//! Reads what a user's sign-in, or a refresh token, brought.

use serde_json::{Map, Value};

use crate::context::{Response, UnixTime};
use crate::error::Result;
use crate::oauth::success;
use crate::oauth::user::User;
use crate::secret::Secret;
use crate::token::AccessToken;

/// A token of a user, with all that makes the next one possible.
#[derive(Clone, Debug)]
pub(crate) struct UserTokens {
    pub(crate) access_token: AccessToken,
    /// What it was granted for, where the service says so.
    pub(crate) scope: Option<String>,
    pub(crate) refresh_token: Option<Secret>,
    /// The family of applications that may use the refresh token.
    pub(crate) family_id: Option<String>,
    pub(crate) id_token: Option<Secret>,
    /// Whose it is; a refresh need not say so again.
    pub(crate) user: Option<User>,
}

impl UserTokens {
    /// The tokens in `response`, or the error it stands for. `secrets` are kept out of error texts.
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
