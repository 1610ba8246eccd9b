//! Plays one case: starts its world and its driver, takes the steps, records what is seen.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::timeout;

use super::Ready;
use crate::case::{Case, CaseFile, Step, UserAct};
use crate::check;
use crate::driver::Driver;
use crate::error::Fault;
use crate::observation::{Ending, Observation, Told};
use crate::protocol::{Ask, Reply, Request, VERSION};
use crate::world::{Shared, World};

/// What playing a case left behind.
#[derive(Debug)]
pub struct Played {
    /// The case as it was in its world.
    pub case: Case,
    /// What was seen.
    pub seen: Observation,
    /// What was secret.
    pub secrets: Vec<String>,
}

/// Plays one case with one implementation.
///
/// # Errors
/// A fault of the harness or the emulator; whatever a driver does is an observation.
pub async fn play(shared: &Shared, ready: &Ready, file: &CaseFile) -> Result<Played, Fault> {
    let (world, case) = World::of_case(shared, file).await?;
    let mut seen = Observation::default();
    let mut session = Session {
        ready,
        world: &world,
        driver: None,
        next_id: 1,
        users: VecDeque::new(),
        ahead: 0,
        seen: &mut seen,
    };
    session.play(&case).await?;
    let secrets = check::secrets_of(&case, world.placeholders());
    (seen.exchanges, seen.journal) = world.end().await;
    Ok(Played {
        case,
        seen,
        secrets,
    })
}

struct Session<'a> {
    ready: &'a Ready,
    world: &'a World,
    driver: Option<Box<dyn Driver>>,
    next_id: u64,
    /// Users who wait for a prompt, and the positions of their steps.
    users: VecDeque<(usize, UserAct)>,
    /// How many seconds have passed without anybody waiting.
    ahead: u64,
    seen: &'a mut Observation,
}

impl Session<'_> {
    async fn play(&mut self, case: &Case) -> Result<(), Fault> {
        self.start().await?;
        for step in &case.steps {
            if self.seen.ending.is_some() {
                break;
            }
            let told = self.step(step).await?;
            self.seen.steps.push(told);
        }
        self.finish().await;
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> Result<Told, Fault> {
        let id = self.next_id;
        let ask = asked(step);
        Ok(match step {
            Step::Token { .. } => {
                let asking = self.ask(Request::Token { id, ask });
                match step.patience_ms().map(Duration::from_millis) {
                    None => asking.await,
                    Some(patience) => match timeout(patience, asking).await {
                        Ok(told) => told,
                        Err(_) => self.hang_up(),
                    },
                }
            }
            Step::Tokens { n, .. } => self.ask(Request::Tokens { id, n: *n, ask }).await,
            Step::User(act) => {
                self.users.push_back((self.seen.steps.len(), act.clone()));
                Told::Prompted(false)
            }
            Step::Restart => {
                self.finish().await;
                self.start().await?;
                Told::Nothing
            }
            Step::Later { seconds } => {
                self.ahead = self.ahead.saturating_add(*seconds);
                self.world.pass(Duration::from_secs(*seconds));
                let seconds = *seconds;
                self.ask(Request::Later { id, seconds }).await
            }
            Step::Pause { ms } => {
                tokio::time::sleep(Duration::from_millis(*ms)).await;
                Told::Nothing
            }
        })
    }

    async fn start(&mut self) -> Result<(), Fault> {
        if self.seen.ending.is_none() {
            self.driver = Some(self.ready.start(self.world)?);
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

    async fn ask(&mut self, request: Request) -> Told {
        self.next_id += 1;
        match self.answer(&request).await {
            Ok(None) => Told::Nothing,
            Ok(Some(Reply {
                error: Some(failure),
                ..
            })) => Told::Error(failure),
            Ok(Some(Reply { token, tokens, .. })) => {
                let tokens = tokens.unwrap_or_else(|| token.into_iter().collect());
                match tokens.is_empty() {
                    true => Told::Nothing,
                    false => Told::Tokens {
                        tokens,
                        at: now().saturating_add_unsigned(self.ahead),
                    },
                }
            }
            Err(ending) => {
                self.seen.ending = Some(ending);
                Told::Nothing
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
            if let Some(told) = self.seen.steps.get_mut(step) {
                *told = Told::Prompted(true);
            }
            let acted = self.world.act(&act, prompt).await;
            acted.map_err(|why| Ending::Crash(format!("its prompt leads nowhere: {why}")))?;
            reply = driver.wait(request).await?;
        }
        Ok(Some(reply))
    }

    /// The caller goes: the driver is ended in the middle of its answer.
    fn hang_up(&mut self) -> Told {
        self.driver = None;
        Told::Waiting
    }

    async fn finish(&mut self) {
        let Some(driver) = self.driver.take() else {
            return;
        };
        // One that hangs is not asked politely: dropping it kills it, and its stderr is lost.
        let farewell = driver.finish().await;
        self.seen.stderr.push_str(&farewell.stderr);
        if self.seen.ending.is_none() {
            self.seen.ending = farewell.ending;
        }
    }
}

/// The question in a step; an empty one where there is none.
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
