//! Driver protocol v1: JSON lines on stdin and stdout, described for driver authors in
//! `PROTOCOL.md`. The harness writes [`Request`]s, a driver answers each with one [`Reply`].

mod capability;
mod credential;
mod failure;

pub use capability::CAPABILITIES;
pub use credential::{Credential, DeveloperCache, Entra, Tool, Workload};
pub use failure::{Failure, FailureKind};

use serde::{Deserialize, Serialize};

/// The only protocol version there is.
pub const VERSION: u32 = 1;

/// One line from the harness to a driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Request {
    /// Asks who the driver is and what it can do; always the first line.
    Hello {
        /// Echoed in the reply.
        id: u64,
        /// Protocol version the harness speaks, [`VERSION`].
        version: u32,
    },
    /// Asks for one token.
    Token {
        /// Echoed in the reply.
        id: u64,
        /// The credential and the request to make of it.
        #[serde(flatten)]
        ask: Ask,
    },
    /// Asks for `n` tokens at once: all calls are started before any is awaited.
    Tokens {
        /// Echoed in the reply.
        id: u64,
        /// How many callers.
        n: u32,
        /// The request of every caller.
        #[serde(flatten)]
        ask: Ask,
    },
    /// Puts the library's clock forward (capability `clock`).
    Later {
        /// Echoed in the reply.
        id: u64,
        /// How many seconds further ahead of the real time its clock is than before.
        seconds: u64,
    },
}

impl Request {
    /// The number a reply must carry.
    pub fn id(&self) -> u64 {
        match self {
            Self::Hello { id, .. }
            | Self::Token { id, .. }
            | Self::Tokens { id, .. }
            | Self::Later { id, .. } => *id,
        }
    }
}

/// A question for a token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The credential to build; without one, the credential built last is used again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// Scopes, as the caller of the library writes them.
    pub scopes: Vec<String>,
    /// Tenant to ask instead of the credential's own (capability `option.tenant_id`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Claims challenge to pass on, a JSON text (capability `option.claims`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<String>,
    /// Whether the caller handles continuous access evaluation (capability `option.enable_cae`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub enable_cae: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// One line from a driver: the answer to the request with this id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The request's id.
    pub id: u64,
    /// Answer to `hello`: who the driver is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<About>,
    /// Answer to `hello`: its capabilities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub can: Option<Vec<String>>,
    /// An event before the answer: a user has to do something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
    /// Answer to `token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// Answer to `tokens`: one token for each caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Vec<Token>>,
    /// The error, where there is no token; for `tokens` the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// The capability that is missing; only allowed when `can` lacks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<String>,
}

/// An event in which a library asks a user to act.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// The page to open.
    pub url: String,
    /// The code to type there; without one the page is a sign-in itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_code: Option<String>,
}

impl std::fmt::Debug for Prompt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let page = self.url.split('?').next().unwrap_or_default();
        write!(f, "Prompt({page:?})")
    }
}

/// The library behind a driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The library's name, as its package registry has it.
    pub name: String,
    /// The library's version.
    pub version: String,
    /// Programming language, lower case.
    pub language: String,
}

/// A token a library handed out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The access token itself.
    pub value: String,
    /// The time it expires, in seconds since 1970.
    pub expires_on: i64,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token(expires_on: {})", self.expires_on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_serialized_as_protocol_md_shows() {
        let hello = serde_json::to_string(&Request::Hello {
            id: 1,
            version: VERSION,
        })
        .unwrap();
        assert_eq!(hello, r#"{"do":"hello","id":1,"version":1}"#);
        let ask = Ask {
            credential: Some(Credential::Chained {
                credentials: vec![Credential::ManagedIdentity {
                    client_id: Some("c".into()),
                    object_id: None,
                    resource_id: None,
                }],
            }),
            scopes: vec!["s/.default".into()],
            ..Ask::default()
        };
        let line = r#"{"do":"tokens","id":2,"n":3,"credential":{"kind":"chained","credentials":[{"kind":"managed_identity","client_id":"c"}]},"scopes":["s/.default"]}"#;
        let later = serde_json::to_string(&Request::Later { id: 3, seconds: 60 }).unwrap();
        assert_eq!(later, r#"{"do":"later","id":3,"seconds":60}"#);
        let request = Request::Tokens { id: 2, n: 3, ask };
        assert_eq!(serde_json::to_string(&request).unwrap(), line);
        assert_eq!(serde_json::from_str::<Request>(line).unwrap(), request);
    }

    #[test]
    fn every_whole_request_in_protocol_md_reads_and_writes_unchanged() {
        let document = include_str!("../PROTOCOL.md");
        let requests = document.lines().filter_map(|line| line.strip_prefix("→ "));
        let is_whole = |line: &&str| !line.contains("{…}") && !line.contains(",…");
        let mut whole = 0;
        for line in requests.filter(is_whole) {
            let request: Request = serde_json::from_str(line).unwrap();
            assert_eq!(serde_json::to_string(&request).unwrap(), line);
            whole += 1;
        }
        assert_eq!(whole, 3);
    }

    #[test]
    fn secrets_and_tokens_stay_out_of_debug_output() {
        let credential = Credential::ClientSecret(Box::new(Entra {
            client_secret: Some("hush".into()),
            ..Entra::default()
        }));
        let token = Token {
            value: "hush".into(),
            expires_on: 7,
        };
        assert!(!format!("{credential:?} {token:?}").contains("hush"));
    }
}
