//! Checks: pure functions from a case and an observation to a list of green and red results.
//!
//! Every check has an id that stays the same as long as the case does: `step.2.token.same_as`,
//! `imds.token[1].header.metadata`, `invariant.secret_in_url`, `leak.stderr`.

mod explain;
mod failure;
mod invariant;
mod leak;
mod place;
mod request;
mod step;
mod token;
mod value;

pub use explain::explain;
pub use leak::{redact, secrets_of};

use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::observation::{Ending, Observation};

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The check's id, which is unique within the case.
    pub id: String,
    /// The expected value, for people.
    pub wanted: String,
    /// The observed value, for people.
    pub saw: String,
    /// Whether the expectation is met.
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
/// findings and by leaks only, because its later steps were never run.
pub fn all(case: &Case, observation: &Observation, secrets: &[String]) -> Vec<Check> {
    let mut checks = match &observation.ending {
        Some(ending) => vec![broken_off(ending)],
        None => {
            let mut checks = step::checks(case, observation);
            checks.extend(request::checks(&case.expect, &observation.exchanges));
            checks
        }
    };
    checks.extend(invariant::checks(
        &case.expect.findings,
        &observation.exchanges,
    ));
    checks.extend(leak::checks(observation, secrets));
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
