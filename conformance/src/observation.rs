//! The observation of a case: recorded data, and all that checks look at.

use serde::{Deserialize, Serialize};

use crate::protocol::{Failure, Token};

/// Everything recorded of one case.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    /// The driver's answers to the steps, in order.
    pub steps: Vec<StepAnswer>,
    /// The requests the emulator received, in order.
    pub exchanges: Vec<Exchange>,
    /// The emulator's whole journal, as it would be exported.
    pub journal: String,
    /// The text the driver wrote to stderr.
    pub stderr: String,
    /// The reason why the case broke off, if it did.
    pub ending: Option<Ending>,
}

/// The answer of a driver to one step.
#[derive(Debug, Clone)]
pub enum StepAnswer {
    /// Tokens, one for each caller.
    Tokens {
        /// The tokens.
        tokens: Vec<Token>,
        /// The time of the reply, in seconds since 1970.
        at: i64,
    },
    /// An error of the library.
    Error(Failure),
    /// None by the time the caller stopped waiting.
    Waiting,
    /// Whether the library prompted the user of a `user` step.
    Prompted(bool),
    /// None, because the step sends the driver no request for a token.
    Nothing,
}

/// The reason why a case ended before its last step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The driver process ended, or wrote what the protocol does not allow.
    Crash(String),
    /// The driver did not answer in time.
    Hang(String),
    /// The driver lacks a capability it had declared.
    Unsupported(String),
}

impl Ending {
    /// The description for people.
    pub fn text(&self) -> &str {
        match self {
            Self::Crash(text) | Self::Hang(text) | Self::Unsupported(text) => text,
        }
    }
}

/// One request to the emulator with its answer, secrets masked; or one call of a program of the
/// case (`cli.az`), which has the method `run` and its words before the first option as path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Symbolic name of the endpoint, for example `entra.token`.
    pub endpoint: String,
    /// When it arrived, in milliseconds since 1970.
    pub at_ms: u64,
    /// HTTP method.
    pub method: String,
    /// Path, without the query.
    pub path: String,
    /// Query parameters, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// Headers, names in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Form fields, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<(String, String)>,
    /// Options of a program that was called, dashes included, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub option: Vec<(String, String)>,
    /// Status of the answer; 0 when the connection was dropped.
    pub status: u16,
    /// The answer's body, secrets masked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// SHA-256 of every token the answer carried, in hexadecimal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issued: Vec<String>,
    /// Whether the answer was scripted by the case.
    #[serde(default)]
    pub scripted: bool,
    /// Findings, things the real service would refuse or warn of: rule and description.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<(String, String)>,
}

impl Exchange {
    /// Whether this went to `endpoint`, which may end in `*`.
    pub fn is_to(&self, endpoint: &str) -> bool {
        match endpoint.strip_suffix('*') {
            Some(start) => self.endpoint.starts_with(start),
            None => self.endpoint == endpoint,
        }
    }
}
