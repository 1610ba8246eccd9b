//! The lines of `results.jsonl`, one JSON object each: a header, cases, a footer.

use serde::{Deserialize, Serialize};

use crate::case::Level;
use crate::check::Check;
use crate::implementation::Known;
use crate::observation::Exchange;
use crate::protocol::About;
use crate::verdict::{Outcome, Verdict};

/// The only format version there is.
pub const VERSION: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The first line.
    Header(Header),
    /// One case with one implementation.
    Case(Box<CaseResult>),
    /// The last line; without it the run did not end.
    Footer(Footer),
}

/// The start of a run, with the implementations it checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Format version, [`VERSION`].
    pub version: u32,
    /// Version of the harness.
    pub harness: String,
    /// Start of the run, in milliseconds since 1970.
    pub started_ms: u64,
    /// The implementations.
    pub implementations: Vec<ImplementationAbout>,
}

/// One implementation of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImplementationAbout {
    /// Name of its folder in `impls/`.
    pub name: String,
    /// The answer of its driver to `hello`.
    pub driver: About,
    /// The command line of a driver that is in no folder of implementations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
}

/// The result of one case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    /// The implementation.
    pub implementation: String,
    /// The case's id.
    pub case: String,
    /// The case's sentence.
    pub title: String,
    /// The public pages that specify the behaviour.
    pub source: Vec<String>,
    /// How binding it is.
    pub level: Level,
    /// How it ended.
    pub outcome: Outcome,
    /// The meaning of that for the run.
    pub verdict: Verdict,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
    /// Every check.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// The known failures that name it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<Known>,
    /// A remark: the capability it needs, how it broke off, or the harness's own error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The journal, secrets masked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transcript: Vec<Exchange>,
    /// The text the driver wrote to stderr, secrets masked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stderr: String,
}

impl CaseResult {
    /// The checks that are red.
    pub fn red(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.passed)
    }
}

/// The end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footer {
    /// How many case lines there are.
    pub cases: usize,
    /// How long the run took, in milliseconds.
    pub elapsed_ms: u64,
}
