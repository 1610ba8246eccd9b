//! A finding of a rule about a request.

use serde::{Deserialize, Serialize};

/// Something noteworthy about a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Name of the [`Invariant`](crate::Invariant).
    pub rule: String,
    /// How bad it is.
    #[serde(default)]
    pub severity: Severity,
    /// The finding in words.
    pub text: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A specification or the real service forbids it, or it gives a secret away.
    #[default]
    Error,
    /// It works, and should be done differently.
    Warning,
}
