//! A whole run: many cases at once, each in a world of its own, with results as they come.

mod launcher;
mod plan;
mod session;

pub use launcher::Launcher;
pub use plan::{Candidate, Decision, PlannedCase, SelectedCase, plan, select};
pub use session::{CaseRun, run_case};

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::{Semaphore, mpsc};

use crate::case::CaseFile;
use crate::check;
use crate::error::Fault;
use crate::observation::Ending;
use crate::results::{self, CaseResult, Footer, Header};
use crate::verdict::{Outcome, judge};
use crate::world::Shared;

/// How many cases run at once by default: six for each processor, because they mostly wait.
pub fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(4, |processors| processors.get() * 6)
}

/// Everything a run needs, complete before its first case.
#[derive(Debug)]
pub struct RunPlan {
    /// The implementations.
    pub candidates: Vec<Candidate>,
    /// The cases.
    pub cases: Vec<SelectedCase>,
    /// How many cases are case_run at once.
    pub jobs: usize,
}

impl RunPlan {
    /// The first line of the results.
    pub fn header(&self) -> Header {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Header {
            version: results::VERSION,
            harness: env!("CARGO_PKG_VERSION").to_owned(),
            started_ms: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
            implementations: self
                .candidates
                .iter()
                .map(|candidate| candidate.about.clone())
                .collect(),
        }
    }

    /// Runs everything; `each` gets every result as soon as it is there.
    ///
    /// # Errors
    /// The error of `each`, or a case that never ended.
    pub async fn run(
        self,
        shared: &Shared,
        mut each: impl FnMut(&CaseResult) -> Result<(), Fault>,
    ) -> Result<Footer, Fault> {
        let began = Instant::now();
        let planned = plan(&self.candidates, &self.cases);
        let all = planned.len();
        let mut results = self.start(planned, shared);
        let mut cases = 0;
        while let Some(result) = results.recv().await {
            each(&result)?;
            cases += 1;
        }
        if cases != all {
            return Err(Fault::new(format!(
                "{} cases never ended: a bug here",
                all - cases
            )));
        }
        Ok(Footer {
            cases,
            elapsed_ms: milliseconds(began),
        })
    }

    /// Starts every job; as many run at once as there are permits. Those that may take long go
    /// first, so that the end of the run does not wait for one of them alone.
    fn start(
        &self,
        mut planned: Vec<PlannedCase>,
        shared: &Shared,
    ) -> mpsc::UnboundedReceiver<CaseResult> {
        let permits = Arc::new(Semaphore::new(self.jobs.max(1)));
        let (sender, results) = mpsc::unbounded_channel();
        let file = |planned: &PlannedCase| &self.cases[planned.case].file;
        planned.sort_by_key(|planned| Reverse(file(planned).case.timeout_s));
        for planned in planned {
            let job = Job {
                shared: shared.clone(),
                launcher: self.candidates[planned.candidate].launcher.clone(),
                file: file(&planned).clone(),
                planned,
            };
            let (permits, sender) = (Arc::clone(&permits), sender.clone());
            tokio::spawn(async move {
                // The semaphore is never closed, and the receiver outlives every job.
                let permit = permits.acquire_owned().await.ok();
                sender.send(job.result().await).ok();
                drop(permit);
            });
        }
        results
    }
}

struct Job {
    shared: Shared,
    launcher: Launcher,
    file: CaseFile,
    planned: PlannedCase,
}

impl Job {
    async fn result(self) -> CaseResult {
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
            verdict: crate::verdict::Verdict::NotApplicable,
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

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
