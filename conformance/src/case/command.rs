//! Programs a case puts on the driver's PATH.

use serde::Deserialize;

/// A program, and how it answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandSpec {
    /// What it is called, for example `az`. Several of one name answer in the order written: the
    /// first whose `when` fits.
    pub name: String,
    /// An argument the call must have; any call fits without it.
    pub when: Option<String>,
    /// It answers so to one call only; later ones get the next answer that fits.
    #[serde(default)]
    pub once: bool,
    /// What it writes to standard output.
    #[serde(default)]
    pub stdout: String,
    /// What it writes to standard error.
    #[serde(default)]
    pub stderr: String,
    /// Its exit code.
    #[serde(default)]
    pub exit: u8,
    /// It never ends by itself.
    #[serde(default)]
    pub hangs: bool,
}
