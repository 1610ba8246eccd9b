//! The run of one case: starts its world and its driver, takes the steps, records the answers.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::timeout;

use super::Launcher;
use crate::case::{Case, CaseFile, Step, UserAct};
use crate::check;
use crate::driver::Driver;
use crate::error::Fault;
use crate::observation::{Ending, Observation, StepAnswer};
use crate::protocol::{Ask, Reply, Request, VERSION};
use crate::world::{Shared, World};

/// A case that was run, with everything recorded of it.
#[derive(Debug)]
pub struct CaseRun {
    /// The case as it was in its world.
    pub case: Case,
    /// The recorded data.
    pub observation: Observation,
    /// The secrets of its world.
    pub secrets: Vec<String>,
}

/// Runs one case with one implementation.
///
/// # Errors
/// A fault of the harness or the emulator. A failure of the driver is an observation, not an error.
pub async fn run_case(
    shared: &Shared,
    launcher: &Launcher,
    file: &CaseFile,
) -> Result<CaseRun, Fault> {
    let (world, case) = World::of_case(shared, file).await?;
    let mut observation = Observation::default();
    let mut session = Session {
        launcher,
        world: &world,
        driver: None,
        next_id: 1,
        users: VecDeque::new(),
        ahead: 0,
        observation: &mut observation,
    };
    session.run_case(&case).await?;
    let secrets = check::secrets_of(&case, world.placeholders());
    (observation.exchanges, observation.journal) = world.end().await;
    Ok(CaseRun {
        case,
        observation,
        secrets,
    })
}

struct Session<'a> {
    launcher: &'a Launcher,
    world: &'a World,
    driver: Option<Box<dyn Driver>>,
    next_id: u64,
    /// Users who wait for a prompt, and the positions of their steps.
    users: VecDeque<(usize, UserAct)>,
    /// How many seconds the clocks were put forward, for drivers started later.
    ahead: u64,
    observation: &'a mut Observation,
}

impl Session<'_> {
    async fn run_case(&mut self, case: &Case) -> Result<(), Fault> {
        self.start().await?;
        for step in &case.steps {
            if self.observation.ending.is_some() {
                break;
            }
            let answer = self.step(step).await?;
            self.observation.steps.push(answer);
        }
        self.finish().await;
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> Result<StepAnswer, Fault> {
        let id = self.next_id;
        let ask = asked(step);
        Ok(match step {
            Step::Token { .. } => {
                let asking = self.ask(Request::Token { id, ask });
                match step.patience_ms().map(Duration::from_millis) {
                    None => asking.await,
                    Some(patience) => match timeout(patience, asking).await {
                        Ok(answer) => answer,
                        Err(_) => self.hang_up(),
                    },
                }
            }
            Step::Tokens { n, .. } => self.ask(Request::Tokens { id, n: *n, ask }).await,
            Step::User(act) => {
                self.users
                    .push_back((self.observation.steps.len(), act.clone()));
                StepAnswer::Prompted(false)
            }
            Step::Restart => {
                self.finish().await;
                self.start().await?;
                StepAnswer::Nothing
            }
            Step::Later { seconds } => {
                self.ahead = self.ahead.saturating_add(*seconds);
                self.world.pass(Duration::from_secs(*seconds));
                let seconds = *seconds;
                self.ask(Request::Later { id, seconds }).await
            }
            Step::Pause { ms } => {
                tokio::time::sleep(Duration::from_millis(*ms)).await;
                StepAnswer::Nothing
            }
        })
    }

    async fn start(&mut self) -> Result<(), Fault> {
        if self.observation.ending.is_none() {
            self.driver = Some(self.launcher.start(self.world)?);
            self.ask(Request::Hello {
                id: self.next_id,
                version: VERSION,
            })
            .await;
            if self.ahead > 0 {
                let (id, seconds) = (self.next_id, self.ahead);
                self.ask(Request::Later { id, seconds }).await;
            }
        }
        Ok(())
    }

    async fn ask(&mut self, request: Request) -> StepAnswer {
        self.next_id += 1;
        match self.answer(&request).await {
            Ok(None) => StepAnswer::Nothing,
            Ok(Some(Reply {
                error: Some(failure),
                ..
            })) => StepAnswer::Error(failure),
            Ok(Some(Reply { token, tokens, .. })) => {
                let tokens = tokens.unwrap_or_else(|| token.into_iter().collect());
                match tokens.is_empty() {
                    true => StepAnswer::Nothing,
                    false => StepAnswer::Tokens {
                        tokens,
                        at: now().saturating_add_unsigned(self.ahead),
                    },
                }
            }
            Err(ending) => {
                self.observation.ending = Some(ending);
                StepAnswer::Nothing
            }
        }
    }

    /// The last reply to a request; users take care of the prompts before it.
    async fn answer(&mut self, request: &Request) -> Result<Option<Reply>, Ending> {
        let Some(driver) = &mut self.driver else {
            return Ok(None);
        };
        let mut reply = driver.call(request).await?;
        while let Some(prompt) = &reply.prompt {
            let nobody = || Ending::Crash("it prompts, and no user is there".to_owned());
            let (step, act) = self.users.pop_front().ok_or_else(nobody)?;
            if let Some(answer) = self.observation.steps.get_mut(step) {
                *answer = StepAnswer::Prompted(true);
            }
            let acted = self.world.act(&act, prompt).await;
            acted.map_err(|why| Ending::Crash(format!("its prompt leads nowhere: {why}")))?;
            reply = driver.wait(request).await?;
        }
        Ok(Some(reply))
    }

    /// Ends the driver in the middle of its answer, as a caller does who stops waiting.
    fn hang_up(&mut self) -> StepAnswer {
        self.driver = None;
        StepAnswer::Waiting
    }

    async fn finish(&mut self) {
        let Some(driver) = self.driver.take() else {
            return;
        };
        // Dropping a driver kills it and loses its stderr, so each is ended in order first.
        let exit = driver.finish().await;
        self.observation.stderr.push_str(&exit.stderr);
        if self.observation.ending.is_none() {
            self.observation.ending = exit.ending;
        }
    }
}

/// The request in a step; an empty one where there is none.
fn asked(step: &Step) -> Ask {
    match step.clone() {
        Step::Token {
            credential,
            scopes,
            tenant_id,
            claims,
            enable_cae,
            ..
        } => Ask {
            credential,
            scopes,
            tenant_id,
            claims,
            enable_cae,
        },
        Step::Tokens {
            credential, scopes, ..
        } => Ask {
            credential,
            scopes,
            ..Ask::default()
        },
        Step::User(_) | Step::Restart | Step::Later { .. } | Step::Pause { .. } => Ask::default(),
    }
}

fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
