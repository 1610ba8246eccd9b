//! What was seen while a case was played: recorded data, the only thing checks look at.

use serde::{Deserialize, Serialize};

use crate::protocol::{Failure, Token};

/// Everything one case left behind.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    /// What the driver said to each step, in order.
    pub steps: Vec<Told>,
    /// What the emulator saw, in order.
    pub exchanges: Vec<Exchange>,
    /// The emulator's whole journal, as it would be exported.
    pub journal: String,
    /// What the driver wrote to stderr.
    pub stderr: String,
    /// Why the case could not be played to its end.
    pub ending: Option<Ending>,
}

/// What a driver said to one step.
#[derive(Debug, Clone)]
pub enum Told {
    /// Tokens, one for each caller, and when they came (seconds since 1970).
    Tokens {
        /// The tokens.
        tokens: Vec<Token>,
        /// When the reply came.
        at: i64,
    },
    /// An error of the library.
    Error(Failure),
    /// Nothing yet, when the caller went.
    Waiting,
    /// What a user was there for: whether the library asked.
    Prompted(bool),
    /// The step asks the driver nothing.
    Nothing,
}

/// Why a case ended before its last step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The driver process ended, or said what no driver may say.
    Crash(String),
    /// The driver did not answer in time.
    Hang(String),
    /// The driver lacks a capability it had declared.
    Unsupported(String),
}

impl Ending {
    /// What is told to people of it.
    pub fn text(&self) -> &str {
        match self {
            Self::Crash(text) | Self::Hang(text) | Self::Unsupported(text) => text,
        }
    }
}

/// One request the emulator saw and what it answered, secrets masked; or one call of a program of
/// the case (`cli.az`), which has the method `run` and its words before the first option as path.
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
    /// What the real service would refuse or warn of: name of the rule, and what was wrong.
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
