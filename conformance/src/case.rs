//! A case as its author wrote it: strict data, no behaviour. The format is described in
//! `cases/README.md`; an unknown key is an error that names the key and the line.

mod command;
mod describe;
mod expect;
mod load;
mod matcher;
mod matrix;
mod number_matcher;
mod placeholder;
mod sound;
mod step;

pub use command::CommandSpec;
pub use describe::describe;
pub use expect::{ErrorExpect, Expect, RequestExpect, StepExpect, TokenExpect};
pub use load::{CaseError, CaseFile, load_built_in, load_folder};
pub use matcher::Matcher;
pub use number_matcher::NumberMatcher;
pub use placeholder::{Placeholders, UnknownName};
pub use step::{Step, UserAct};

use std::collections::BTreeMap;
use std::str::FromStr;

use identity_emulator::IdentityHost;
use serde::Deserialize;

/// One behaviour, from a fresh world to what must have happened.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// One sentence that says the behaviour.
    pub title: String,
    /// The public pages that specify the behaviour.
    pub source: Vec<String>,
    /// Whether a failure counts.
    pub level: Level,
    /// Capabilities a driver must have declared for the case to apply to it.
    #[serde(default)]
    pub needs: Vec<String>,
    /// How long an answer of the driver may take here, in seconds, if that is more than its
    /// implementation says; 300 at most.
    #[serde(default)]
    pub timeout_s: u64,
    /// About how many seconds of real time the case waits, if that is so long that it runs only
    /// when somebody asks for it.
    pub waits_s: Option<u64>,
    /// Parameters: the case is run once for every combination.
    #[serde(default)]
    pub matrix: BTreeMap<String, Vec<toml::Value>>,
    /// The surroundings of the driver.
    #[serde(default)]
    pub world: WorldSpec,
    /// The steps, in order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
    /// The requests the emulator must have received by the end.
    #[serde(default)]
    pub expect: Expect,
}

/// How binding a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// An implementation that fails it is wrong.
    Must,
    /// An implementation that fails it has a reason worth writing down.
    Should,
    /// Reported, never counted.
    May,
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let levels = [Self::Must, Self::Should, Self::May];
        let found = levels.into_iter().find(|level| level.as_str() == text);
        found.ok_or_else(|| "the levels are: must, should, may".to_owned())
    }
}

impl Level {
    /// The word in cases and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        }
    }
}

/// The surroundings of the driver.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WorldSpec {
    /// Directory the emulator serves: `basic`, or the stem of a file in `worlds/`.
    pub directory: Option<String>,
    /// A workload of the directory, in whose pod the driver runs.
    pub workload: Option<String>,
    /// The managed identity host the driver runs on, such as `app-service`: its variables are in
    /// the environment.
    pub host: Option<IdentityHost>,
    /// Environment variables besides those every driver gets.
    pub env: BTreeMap<String, String>,
    /// Files below HOME, by relative path.
    pub files: BTreeMap<String, String>,
    /// Programs on the PATH.
    pub command: Vec<CommandSpec>,
    /// Answers the emulator gives instead of its own: rules and presets.
    pub script: identity_emulator::Rules,
}
