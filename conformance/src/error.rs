//! The error of the harness itself, never of an implementation.

use std::fmt;

/// A fault of the harness, the emulator or the machine: the run ends with exit code 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    text: String,
}

impl Fault {
    /// A fault, in one sentence that says what to do where that is known.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.trim_end())
    }
}

impl std::error::Error for Fault {}
