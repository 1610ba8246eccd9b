//! The errors of all libraries, in words that all languages share.

use serde::{Deserialize, Serialize};

/// An error of a library, mapped once, in the driver, to the words all languages share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind of error.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_error_reads_back_from_its_word() {
        for kind in FailureKind::ALL {
            let json = format!("\"{}\"", kind.as_str());
            assert_eq!(serde_json::from_str::<FailureKind>(&json).unwrap(), kind);
        }
    }
}
