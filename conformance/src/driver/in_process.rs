//! The driver of our own crate by function calls: no process, no pipe, the same cases.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;

use super::{Driver, Exit, Mount, RustDriver, accept};
use crate::observation::Ending;
use crate::protocol::{Prompt, Reply, Request};

/// The `rust` implementation.
#[derive(Debug)]
pub struct InProcess {
    driver: Arc<Mutex<RustDriver>>,
    prompts: UnboundedReceiver<Prompt>,
    /// The answer that is being worked on; it goes on while a user reacts to a prompt.
    answer: Option<JoinHandle<Reply>>,
    /// The answer that is complete while a prompt sent before it is still to be returned.
    answered: Option<Reply>,
    timeout: Duration,
}

impl InProcess {
    /// A driver that sees `environment` instead of the process's own, and `mounts`.
    pub fn new(
        environment: &BTreeMap<String, String>,
        mounts: &[Mount],
        timeout: Duration,
    ) -> Self {
        let (driver, prompts) = RustDriver::with_environment(environment, mounts);
        Self {
            driver: Arc::new(Mutex::new(driver)),
            prompts,
            answer: None,
            answered: None,
            timeout,
        }
    }

    /// Waits for the next prompt or for the answer.
    async fn next(&mut self, request: &Request) -> Result<Reply, Ending> {
        let Some(answer) = &mut self.answer else {
            return Err(Ending::Crash("nothing was asked".to_owned()));
        };
        let prompt = |prompt| Reply {
            id: request.id(),
            prompt: Some(prompt),
            ..Reply::default()
        };
        let next = async {
            loop {
                // `select!` takes either when both are there: prompts sent before the answer go
                // first.
                if let Ok(said) = self.prompts.try_recv() {
                    return Ok(prompt(said));
                }
                if let Some(reply) = self.answered.take() {
                    return Ok(reply);
                }
                tokio::select! {
                    Some(said) = self.prompts.recv() => return Ok(prompt(said)),
                    reply = &mut *answer => match reply {
                        Ok(reply) => self.answered = Some(reply),
                        Err(_) => return Err(Ending::Crash("it panicked".to_owned())),
                    },
                }
            }
        };
        match tokio::time::timeout(self.timeout, next).await {
            Ok(next) => next.and_then(|reply| accept(request, reply)),
            Err(_) => Err(Ending::Hang(format!("no answer within {:?}", self.timeout))),
        }
    }
}

impl Driver for InProcess {
    fn call<'a>(&'a mut self, request: &'a Request) -> BoxFuture<'a, Result<Reply, Ending>> {
        let (driver, asked) = (Arc::clone(&self.driver), request.clone());
        let answer = async move { driver.lock().await.answer(&asked).await };
        self.answer = Some(tokio::spawn(answer));
        Box::pin(self.next(request))
    }

    fn wait<'a>(&'a mut self, request: &'a Request) -> BoxFuture<'a, Result<Reply, Ending>> {
        Box::pin(self.next(request))
    }

    fn finish(self: Box<Self>) -> BoxFuture<'static, Exit> {
        Box::pin(async { Exit::default() })
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        if let Some(answer) = &self.answer {
            answer.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_prompt_before_the_answer_is_returned_before_it() {
        let request = Request::Later { id: 1, seconds: 1 };
        let timeout = Duration::from_secs(60);
        // `select!` chooses at random between two that are ready, so one attempt proves nothing.
        for _ in 0..64 {
            let mut driver = InProcess::new(&BTreeMap::new(), &[], timeout);
            let (sender, prompts) = tokio::sync::mpsc::unbounded_channel();
            driver.prompts = prompts;
            driver.answer = Some(tokio::spawn(async move {
                let (url, user_code) = ("https://localhost".to_owned(), None);
                sender.send(Prompt { url, user_code }).unwrap();
                let id = 1;
                Reply {
                    id,
                    ..Reply::default()
                }
            }));
            let first = driver.wait(&request).await.unwrap();
            assert!(first.prompt.is_some());
            let then = driver.wait(&request).await.unwrap();
            assert!(then.prompt.is_none());
        }
    }
}
