//! Our own crate, called directly: no process, no pipe, same cases.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{Driver, Farewell, RustDriver, accept};
use crate::observation::Ending;
use crate::protocol::{Reply, Request};

/// The `rust` implementation.
#[derive(Debug)]
pub struct InProcess {
    driver: RustDriver,
    timeout: Duration,
}

impl InProcess {
    /// A driver that sees `environment` instead of the process's own.
    pub fn new(environment: &BTreeMap<String, String>, timeout: Duration) -> Self {
        Self {
            driver: RustDriver::with_environment(environment),
            timeout,
        }
    }
}

impl Driver for InProcess {
    fn call<'a>(&'a mut self, request: &'a Request) -> BoxFuture<'a, Result<Reply, Ending>> {
        Box::pin(async move {
            let answer = AssertUnwindSafe(self.driver.answer(request)).catch_unwind();
            match tokio::time::timeout(self.timeout, answer).await {
                Ok(Ok(reply)) => accept(request, reply),
                Ok(Err(_)) => Err(Ending::Crash("it panicked".to_owned())),
                Err(_) => Err(Ending::Hang(format!("no answer within {:?}", self.timeout))),
            }
        })
    }

    fn wait<'a>(&'a mut self, _request: &'a Request) -> BoxFuture<'a, Result<Reply, Ending>> {
        Box::pin(async { Err(Ending::Crash("it never prompts".to_owned())) })
    }

    fn finish(self: Box<Self>) -> BoxFuture<'static, Farewell> {
        Box::pin(async { Farewell::default() })
    }
}
