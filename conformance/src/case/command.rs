//! Programs a case puts on the driver's PATH.

use serde::Deserialize;

/// A program, and how it answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandSpec {
    /// The name of its file, for example `az`. Of several with one name the first answers whose
    /// `when` fits, in the order written.
    pub name: String,
    /// An argument the call must have; without it any call fits.
    pub when: Option<String>,
    /// Whether it answers one call only; later calls get the next answer that fits.
    #[serde(default)]
    pub once: bool,
    /// The text it writes to standard output.
    #[serde(default)]
    pub stdout: String,
    /// The text it writes to standard error.
    #[serde(default)]
    pub stderr: String,
    /// Its exit code.
    #[serde(default)]
    pub exit: u8,
    /// Whether it never ends by itself.
    #[serde(default)]
    pub hangs: bool,
}
