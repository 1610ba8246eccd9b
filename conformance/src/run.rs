//! A whole run: many cases at once, each in a world of its own, with results as they come.

mod job;
mod launcher;
mod plan;
mod session;
mod shard;

pub use self::shard::Shard;
pub use launcher::Launcher;
pub use plan::{Candidate, Decision, PlannedCase, SelectedCase, plan, select};
pub use session::{CaseRun, run_case};

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::{Semaphore, mpsc};

use self::job::Job;
use crate::error::Fault;
use crate::results::{self, CaseResult, Footer, Header};
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
    /// The pairs to run, as names of implementations and ids of cases; all without it.
    pub only: Option<BTreeSet<(String, String)>>,
    /// The options of the run.
    pub options: RunOptions,
}

/// The options of a run that do not change which cases it has.
#[derive(Debug, Clone, Copy)]
pub struct RunOptions {
    /// How many cases run at once.
    pub jobs: usize,
    /// The seed of a random order, which shows cases that depend on one another.
    pub shuffle: Option<u64>,
    /// Whether the run ends with the first result that has to be looked at.
    pub fail_fast: bool,
    /// How often each case is run; 1 or more.
    pub repeat: u32,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            jobs: default_jobs(),
            shuffle: None,
            fail_fast: false,
            repeat: 1,
        }
    }
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
        let planned = self.planned();
        let all = planned.len();
        let (mut results, permits) = self.start(planned, shared);
        let mut cases = 0;
        while let Some(result) = results.recv().await {
            each(&result)?;
            cases += 1;
            if self.options.fail_fast && result.verdict.exit_code() > 0 {
                // No further job gets a permit; those that run are dropped with the runtime.
                permits.close();
                break;
            }
        }
        if cases != all && !permits.is_closed() {
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

    fn planned(&self) -> Vec<PlannedCase> {
        let mut planned = plan(&self.candidates, &self.cases);
        if let Some(only) = &self.only {
            planned.retain(|planned| {
                let name = &self.candidates[planned.candidate].about.name;
                let id = &self.cases[planned.case].file.id;
                only.contains(&(name.clone(), id.clone()))
            });
        }
        match self.options.shuffle {
            Some(seed) => planned.sort_by_key(|planned| {
                let mut hasher = DefaultHasher::new();
                (seed, planned.candidate, planned.case).hash(&mut hasher);
                hasher.finish()
            }),
            // Those that may take long go first, so that the end of the run does not wait for one
            // of them alone.
            None => {
                planned
                    .sort_by_key(|planned| Reverse(self.cases[planned.case].file.case.timeout_s));
            }
        }
        planned
    }

    /// Starts every job; as many run at once as there are permits.
    fn start(
        &self,
        planned: Vec<PlannedCase>,
        shared: &Shared,
    ) -> (mpsc::UnboundedReceiver<CaseResult>, Arc<Semaphore>) {
        let permits = Arc::new(Semaphore::new(self.options.jobs.max(1)));
        let (sender, results) = mpsc::unbounded_channel();
        let jobs: Vec<Job> = planned
            .into_iter()
            .map(|planned| self.job(planned, shared))
            .collect();
        let dispatcher = Arc::clone(&permits);
        tokio::spawn(async move {
            // One task takes the permits, so that jobs start in the order of the list.
            for job in jobs {
                // Closed after a failure with `fail_fast`: the other jobs are not wanted any more.
                let Ok(permit) = Arc::clone(&dispatcher).acquire_owned().await else {
                    return;
                };
                let sender = sender.clone();
                tokio::spawn(async move {
                    // The receiver is gone in the same case.
                    sender.send(job.result().await).ok();
                    drop(permit);
                });
            }
        });
        (results, permits)
    }

    fn job(&self, planned: PlannedCase, shared: &Shared) -> Job {
        Job {
            shared: shared.clone(),
            launcher: self.candidates[planned.candidate].launcher.clone(),
            file: self.cases[planned.case].file.clone(),
            planned,
            repeat: self.options.repeat,
        }
    }
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
