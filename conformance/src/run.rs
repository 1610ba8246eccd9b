//! A whole run: many cases at once, each in a world of its own, results as they come.

mod plan;
mod play;
mod ready;

pub use plan::{Candidate, Chosen, Decision, Planned, plan, select};
pub use play::{Played, play};
pub use ready::Ready;

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

/// How many cases to play at once where nobody says: six for each processor, for they mostly wait.
pub fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(4, |processors| processors.get() * 6)
}

/// Everything a run needs, complete before its first case.
#[derive(Debug)]
pub struct RunPlan {
    /// The implementations.
    pub candidates: Vec<Candidate>,
    /// The cases.
    pub cases: Vec<Chosen>,
    /// How many cases are played at once.
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
                .map(|one| one.about.clone())
                .collect(),
        }
    }

    /// Plays everything; `each` is told every result as soon as it is there.
    ///
    /// # Errors
    /// What `each` says, or a harness that cannot even begin.
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

    /// Starts every job; as many run at once as there are seats. Those that may take long go first,
    /// for nothing should be waited for at the end.
    fn start(
        &self,
        mut planned: Vec<Planned>,
        shared: &Shared,
    ) -> mpsc::UnboundedReceiver<CaseResult> {
        let seats = Arc::new(Semaphore::new(self.jobs.max(1)));
        let (sender, results) = mpsc::unbounded_channel();
        let file = |planned: &Planned| &self.cases[planned.case].file;
        planned.sort_by_key(|planned| Reverse(file(planned).case.timeout_s));
        for planned in planned {
            let job = Job {
                shared: shared.clone(),
                ready: self.candidates[planned.candidate].ready.clone(),
                file: file(&planned).clone(),
                planned,
            };
            let (seats, sender) = (Arc::clone(&seats), sender.clone());
            tokio::spawn(async move {
                // The semaphore is never closed, and the receiver outlives every job.
                let seat = seats.acquire_owned().await.ok();
                sender.send(job.result().await).ok();
                drop(seat);
            });
        }
        results
    }
}

struct Job {
    shared: Shared,
    ready: Ready,
    file: CaseFile,
    planned: Planned,
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
            Decision::Play => match play(&self.shared, &self.ready, &self.file).await {
                Ok(played) => fill(&mut result, played),
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
            implementation: self.ready.implementation.name.clone(),
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

fn fill(result: &mut CaseResult, played: Played) {
    let Played {
        case,
        seen,
        secrets,
    } = played;
    let mut checks = check::all(&case, &seen, &secrets);
    for check in &mut checks {
        check.saw = check::redact(&check.saw, &secrets);
    }
    result.outcome = match &seen.ending {
        Some(Ending::Crash(_)) => Outcome::Crash,
        Some(Ending::Hang(_)) => Outcome::Hang,
        Some(Ending::Unsupported(_)) => Outcome::Unsupported,
        None if checks.iter().all(|check| check.passed) => Outcome::Pass,
        None => Outcome::Fail,
    };
    result.note = seen
        .ending
        .as_ref()
        .map(|ending| check::redact(ending.text(), &secrets));
    result.stderr = check::redact(&seen.stderr, &secrets);
    result.transcript = seen.exchanges;
    result.checks = checks;
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
