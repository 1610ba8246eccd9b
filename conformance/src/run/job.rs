//! One case with one implementation: run, checked and judged.

use std::time::Instant;

use super::{CaseRun, Decision, Launcher, PlannedCase, milliseconds, run_case};
use crate::case::CaseFile;
use crate::check;
use crate::observation::Ending;
use crate::results::CaseResult;
use crate::verdict::{Outcome, Verdict, judge};
use crate::world::Shared;

/// One case with one implementation, ready to be run.
pub(super) struct Job {
    pub(super) shared: Shared,
    pub(super) launcher: Launcher,
    pub(super) file: CaseFile,
    pub(super) planned: PlannedCase,
    /// How often the case is run; 1 or more.
    pub(super) repeat: u32,
}

impl Job {
    /// Runs the case and judges it. Of several repeats the first that has to be looked at is
    /// returned, with the number of those that were like it.
    pub(super) async fn result(self) -> CaseResult {
        let mut result = self.once().await;
        let mut red = u32::from(result.verdict.exit_code() > 0);
        // What is not run at all is not different the next time.
        let repeats = match self.planned.decision {
            Decision::Run => self.repeat,
            _ => 1,
        };
        for _ in 1..repeats {
            let next = self.once().await;
            let is_red = next.verdict.exit_code() > 0;
            if is_red && red == 0 {
                result = next;
            }
            red += u32::from(is_red);
        }
        if red > 0 && repeats > 1 {
            let count = format!("red in {red} of {repeats} repeats");
            result.note = Some(match result.note {
                Some(note) => format!("{note}; {count}"),
                None => count,
            });
        }
        result
    }

    async fn once(&self) -> CaseResult {
        let began = Instant::now();
        let mut result = self.blank();
        match &self.planned.decision {
            Decision::NotApplicable(capability) => {
                result.note = Some(format!("needs {capability}"));
            }
            Decision::Skip => result.outcome = Outcome::NotRun,
            Decision::LeaveOut => {
                result.outcome = Outcome::LeftOut;
                let waits = self.file.case.waits_s.unwrap_or_default();
                result.note = Some(format!("waits about {waits} s; --slow plays it"));
            }
            Decision::Run => match run_case(&self.shared, &self.launcher, &self.file).await {
                Ok(case_run) => fill(&mut result, case_run),
                Err(fault) => {
                    result.outcome = Outcome::Fault;
                    result.note = Some(fault.to_string());
                }
            },
        }
        result.elapsed_ms = milliseconds(began);
        let red: Vec<&str> = result.red().map(|check| check.id.as_str()).collect();
        let known: Vec<_> = self.planned.known.iter().collect();
        result.verdict = judge(&result.outcome, &red, result.level, &known);
        result
    }

    fn blank(&self) -> CaseResult {
        CaseResult {
            implementation: self.launcher.implementation.name.clone(),
            case: self.file.id.clone(),
            title: self.file.case.title.clone(),
            source: self.file.case.source.clone(),
            level: self.file.case.level,
            outcome: Outcome::NotApplicable,
            verdict: Verdict::NotApplicable,
            elapsed_ms: 0,
            checks: Vec::new(),
            known: self.planned.known.clone(),
            note: None,
            transcript: Vec::new(),
            stderr: String::new(),
        }
    }
}

fn fill(result: &mut CaseResult, case_run: CaseRun) {
    let CaseRun {
        case,
        observation,
        secrets,
    } = case_run;
    let mut checks = check::all(&case, &observation, &secrets);
    for check in &mut checks {
        check.saw = check::redact(&check.saw, &secrets);
    }
    result.outcome = match &observation.ending {
        Some(Ending::Crash(_)) => Outcome::Crash,
        Some(Ending::Hang(_)) => Outcome::Hang,
        Some(Ending::Unsupported(_)) => Outcome::Unsupported,
        None if checks.iter().all(|check| check.passed) => Outcome::Pass,
        None => Outcome::Fail,
    };
    result.note = observation
        .ending
        .as_ref()
        .map(|ending| check::redact(ending.text(), &secrets));
    result.stderr = check::redact(&observation.stderr, &secrets);
    result.transcript = observation.exchanges;
    result.checks = checks;
}
