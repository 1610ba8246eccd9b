//! Checks: pure functions from what a case expects and what was seen to a list of answers.
//!
//! Every check has an id that stays the same as long as the case does: `step.2.token.same_as`,
//! `imds.token[1].header.metadata`, `invariant.secret_in_url`, `leak.stderr`.

mod failure;
mod invariant;
mod leak;
mod place;
mod request;
mod step;
mod token;
mod value;

pub use leak::{redact, secrets_of};

use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::observation::{Ending, Observation};

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which check of the case this is.
    pub id: String,
    /// What had to be.
    pub wanted: String,
    /// What was.
    pub saw: String,
    /// Whether that is the same.
    pub passed: bool,
}

impl Check {
    fn new(id: impl Into<String>, wanted: impl ToString, saw: impl ToString, passed: bool) -> Self {
        Self {
            id: id.into(),
            wanted: wanted.to_string(),
            saw: saw.to_string(),
            passed,
        }
    }
}

/// Every check of a case. A case that broke off is judged by how it broke off, by the emulator's
/// findings and by what leaked: its remaining expectations were never put to the test.
pub fn all(case: &Case, seen: &Observation, secrets: &[String]) -> Vec<Check> {
    let mut checks = match &seen.ending {
        Some(ending) => vec![broken_off(ending)],
        None => {
            let mut checks = step::checks(case, seen);
            checks.extend(request::checks(&case.expect, &seen.exchanges));
            checks
        }
    };
    checks.extend(invariant::checks(&case.expect.findings, &seen.exchanges));
    checks.extend(leak::checks(seen, secrets));
    checks
}

fn broken_off(ending: &Ending) -> Check {
    let (id, wanted, saw) = match ending {
        Ending::Crash(saw) => ("driver.crash", "a driver that stays up", saw),
        Ending::Hang(saw) => ("driver.hang", "an answer in time", saw),
        Ending::Unsupported(saw) => ("driver.unsupported", "what `can` declares", saw),
    };
    Check::new(id, wanted, saw, false)
}
