//! Driver protocol v1: JSON lines on stdin and stdout, described for driver authors in
//! `PROTOCOL.md`. The harness writes [`Request`]s, a driver answers each with one [`Reply`].

use serde::{Deserialize, Serialize};

/// The only protocol version there is.
pub const VERSION: u32 = 1;

/// What a driver may say it can do, and what that means. Closed, so that a typo in a case or a
/// driver is an error and not a case that silently never applies.
pub const CAPABILITIES: &[(&str, &str)] = &[
    (
        "credential.client_secret",
        "builds `client_secret` credentials",
    ),
    (
        "credential.managed_identity",
        "builds `managed_identity` credentials",
    ),
    ("credential.environment", "builds `environment` credentials"),
    ("credential.default", "builds `default` credentials"),
    ("credential.chained", "builds `chained` credentials"),
    (
        "imds.endpoint_override",
        "AZURE_POD_IDENTITY_AUTHORITY_HOST moves the metadata service",
    ),
    ("option.tenant_id", "a single call can name another tenant"),
    (
        "option.claims",
        "a single call can carry a claims challenge",
    ),
    ("error.oauth", "errors tell the OAuth `error` word"),
    (
        "error.attempts",
        "errors of a chain name every credential tried",
    ),
    (
        "parallel",
        "`tokens`: many callers at once on one credential",
    ),
];

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
        /// What to ask, and whom.
        #[serde(flatten)]
        ask: Ask,
    },
    /// Asks for `n` tokens at once: all calls are started before any is awaited.
    Tokens {
        /// Echoed in the reply.
        id: u64,
        /// How many callers.
        n: u32,
        /// What every caller asks.
        #[serde(flatten)]
        ask: Ask,
    },
}

impl Request {
    /// The number a reply must carry.
    pub fn id(&self) -> u64 {
        match self {
            Self::Hello { id, .. } | Self::Token { id, .. } | Self::Tokens { id, .. } => *id,
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
}

/// How to build a credential. `authority`, `ca_file` and `disable_instance_discovery` are filled
/// in by the harness; everything else comes from the case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Credential {
    /// An application with a secret.
    ClientSecret {
        /// Tenant, by id or domain.
        tenant_id: String,
        /// Application id.
        client_id: String,
        /// Its secret.
        client_secret: String,
        /// Tenants besides its own that it may be asked for; `*` is all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        additionally_allowed_tenants: Vec<String>,
        /// Where the authority is, for example `https://127.0.0.1:41233`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        authority: Option<String>,
        /// PEM file with the certificate authority to trust.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ca_file: Option<String>,
        /// Always true in a run: the emulator's address is in no library's list of clouds.
        #[serde(default, skip_serializing_if = "is_false")]
        disable_instance_discovery: bool,
    },
    /// A managed identity: the system-assigned one, or the one named.
    ManagedIdentity {
        /// User-assigned, by client id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
        /// User-assigned, by object id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        object_id: Option<String>,
        /// User-assigned, by Azure resource id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resource_id: Option<String>,
    },
    /// Whatever the environment variables say.
    Environment {
        /// See `ClientSecret`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ca_file: Option<String>,
        /// See `ClientSecret`.
        #[serde(default, skip_serializing_if = "is_false")]
        disable_instance_discovery: bool,
    },
    /// The library's default chain.
    Default {
        /// See `ClientSecret`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ca_file: Option<String>,
        /// See `ClientSecret`.
        #[serde(default, skip_serializing_if = "is_false")]
        disable_instance_discovery: bool,
    },
    /// A chain of the given credentials, in this order.
    Chained {
        /// Its members.
        credentials: Vec<Self>,
    },
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ClientSecret { .. } => "ClientSecret(..)",
            Self::ManagedIdentity { .. } => "ManagedIdentity(..)",
            Self::Environment { .. } => "Environment",
            Self::Default { .. } => "Default",
            Self::Chained { credentials } => return write!(f, "Chained{credentials:?}"),
        })
    }
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
    /// Answer to `token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// Answer to `tokens`: one token for each caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Vec<Token>>,
    /// Why there is no token; for `tokens` the first error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// The capability that is missing; only allowed when `can` lacks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<String>,
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
    /// When it ends, in seconds since 1970.
    pub expires_on: i64,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token(expires_on: {})", self.expires_on)
    }
}

/// An error of a library, mapped once, in the driver, to the words all languages share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of error it is.
    pub kind: FailureKind,
    /// The OAuth `error` word, where the library tells it (capability `error.oauth`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth: Option<String>,
    /// The AADSTS numbers in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aadsts: Vec<u32>,
    /// Names of the credentials a chain tried, in order (capability `error.attempts`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<String>,
    /// The message, verbatim: reported, searched for secrets, never compared.
    #[serde(default)]
    pub text: String,
}

/// The six kinds of error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// This credential cannot be used here; a chain goes on to the next.
    Unavailable,
    /// The service said no.
    Rejected,
    /// A user must act first.
    InteractionRequired,
    /// Time ran out.
    Timeout,
    /// The service could not be reached, or its answer could not be understood.
    Transport,
    /// The caller's configuration cannot be right.
    Config,
}

impl FailureKind {
    /// Every kind, in the order of `PROTOCOL.md`.
    pub const ALL: [Self; 6] = [
        Self::Unavailable,
        Self::Rejected,
        Self::InteractionRequired,
        Self::Timeout,
        Self::Transport,
        Self::Config,
    ];

    /// The word on the wire and in cases.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Rejected => "rejected",
            Self::InteractionRequired => "interaction_required",
            Self::Timeout => "timeout",
            Self::Transport => "transport",
            Self::Config => "config",
        }
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_the_document_are_the_lines_on_the_wire() {
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
        let request = Request::Tokens { id: 2, n: 3, ask };
        assert_eq!(serde_json::to_string(&request).unwrap(), line);
        assert_eq!(serde_json::from_str::<Request>(line).unwrap(), request);
    }

    #[test]
    fn every_kind_of_error_reads_back_from_its_word() {
        for kind in FailureKind::ALL {
            let json = format!("\"{}\"", kind.as_str());
            assert_eq!(serde_json::from_str::<FailureKind>(&json).unwrap(), kind);
        }
    }

    #[test]
    fn secrets_and_tokens_stay_out_of_debug_output() {
        let credential = Credential::ClientSecret {
            tenant_id: "t".into(),
            client_id: "c".into(),
            client_secret: "hush".into(),
            additionally_allowed_tenants: Vec::new(),
            authority: None,
            ca_file: None,
            disable_instance_discovery: true,
        };
        let token = Token {
            value: "hush".into(),
            expires_on: 7,
        };
        assert!(!format!("{credential:?} {token:?}").contains("hush"));
    }
}
