//! How a sign-in without a browser ends.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use crate::entra::sign_in::visit::Refused;
use crate::exchange::error::Aadsts;

/// The end of a sign-in: the request that the browser makes to the application.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInAnswer {
    /// It goes to this URL: the redirect URI with `code` and the like, or with `error`.
    Redirect(String),
    /// It posts a form there (`response_mode=form_post`).
    FormPost {
        /// The redirect URI.
        action: String,
        /// Names and values, in order.
        fields: Vec<(String, String)>,
    },
}

/// Why a sign-in has no answer: what the last page said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInError {
    code: Option<u32>,
    text: String,
}

impl SignInAnswer {
    /// A field of the answer, wherever it travels: `code`, `state`, `error`.
    pub fn field(&self, name: &str) -> Option<String> {
        let find = |pairs: Vec<(String, String)>| {
            let mut pairs = pairs.into_iter();
            pairs.find(|(key, _)| key == name).map(|(_, value)| value)
        };
        match self {
            Self::FormPost { fields, .. } => find(fields.clone()),
            Self::Redirect(url) => {
                let url = Url::parse(url).ok()?;
                let fragment = url.fragment().unwrap_or_default();
                let pairs = url.query_pairs().into_owned();
                let more = form_urlencoded::parse(fragment.as_bytes()).into_owned();
                find(pairs.chain(more).collect())
            }
        }
    }
}

impl SignInError {
    /// The number of the error, if it has one.
    pub fn aadsts_code(&self) -> Option<u32> {
        self.code
    }

    /// `AADSTS50126: …` on a page whose form came back.
    pub(super) fn said(text: String) -> Self {
        let number = text
            .strip_prefix("AADSTS")
            .and_then(|rest| rest.split(':').next());
        let code = number.and_then(|number| number.parse().ok());
        Self { code, text }
    }

    pub(super) fn new(text: impl Into<String>) -> Self {
        let (code, text) = (None, text.into());
        Self { code, text }
    }
}

impl From<&Refused> for SignInError {
    fn from(Refused { code, text }: &Refused) -> Self {
        Self {
            code: Some(*code),
            text: text.clone(),
        }
    }
}

impl From<Aadsts> for SignInError {
    fn from(error: Aadsts) -> Self {
        Self {
            code: Some(error.code()),
            text: error.message(),
        }
    }
}

impl fmt::Display for SignInError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for SignInError {}

/// An answer holds codes and tokens.
impl fmt::Debug for SignInAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, to) = match self {
            Self::Redirect(url) => ("Redirect", url.split(['?', '#']).next().unwrap_or_default()),
            Self::FormPost { action, .. } => ("FormPost", action.as_str()),
        };
        f.debug_tuple(kind).field(&to).finish_non_exhaustive()
    }
}
