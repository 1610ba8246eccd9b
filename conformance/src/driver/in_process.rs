//! Our own crate, called directly: no process, no pipe, same cases.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;

use super::{Driver, Farewell, Mount, RustDriver, accept};
use crate::observation::Ending;
use crate::protocol::{Prompt, Reply, Request};

/// The `rust` implementation.
#[derive(Debug)]
pub struct InProcess {
    driver: Arc<Mutex<RustDriver>>,
    prompts: UnboundedReceiver<Prompt>,
    /// The answer that is on its way; it goes on while a user does what it asked for.
    answer: Option<JoinHandle<Reply>>,
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
            timeout,
        }
    }

    /// The next prompt, or the answer.
    async fn next(&mut self, request: &Request) -> Result<Reply, Ending> {
        let Some(answer) = &mut self.answer else {
            return Err(Ending::Crash("nothing was asked".to_owned()));
        };
        let next = async {
            tokio::select! {
                biased;
                Some(prompt) = self.prompts.recv() => Ok(Reply {
                    id: request.id(),
                    prompt: Some(prompt),
                    ..Reply::default()
                }),
                answered = answer => answered.map_err(|_| "it panicked"),
            }
        };
        match tokio::time::timeout(self.timeout, next).await {
            Ok(Ok(reply)) => accept(request, reply),
            Ok(Err(what)) => Err(Ending::Crash(what.to_owned())),
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

    fn finish(self: Box<Self>) -> BoxFuture<'static, Farewell> {
        Box::pin(async { Farewell::default() })
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        if let Some(answer) = &self.answer {
            answer.abort();
        }
    }
}
