//! Test doubles for the crate's own tests.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use futures_util::future::{self, BoxFuture, FutureExt};
use futures_util::poll;

use crate::context::{
    Command, Context, Output, Processes, Request, Response, StaticEnv, Transport, UnixTime,
    VirtualClock,
};
use crate::error::Result;

/// The time at which the clocks of tests begin.
pub(crate) const START: UnixTime = UnixTime::from_seconds(1_700_000_000);

/// A transport that answers requests by a function of their number and content, and records them.
pub(crate) struct Answers<F> {
    seen: Mutex<Vec<Request>>,
    answer: F,
}

impl<F: Fn(usize, &Request) -> Option<Result<Response>> + Send + Sync> Answers<F> {
    /// Returns the transport. Where `answer` gives `None`, the request is never answered.
    pub(crate) fn new(answer: F) -> Arc<Self> {
        Arc::new(Self {
            seen: Mutex::default(),
            answer,
        })
    }

    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

impl<F> std::fmt::Debug for Answers<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answers")
    }
}

impl<F: Fn(usize, &Request) -> Option<Result<Response>> + Send + Sync> Transport for Answers<F> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        let mut seen = self.seen.lock().unwrap();
        let answer = (self.answer)(seen.len(), &request);
        seen.push(request);
        match answer {
            Some(answer) => future::ready(answer).boxed(),
            None => future::pending().boxed(),
        }
    }
}

/// Programs whose output is given by a function of the number of the run. Their commands are
/// recorded.
pub(crate) struct Programs {
    installed: &'static [&'static str],
    seen: Mutex<Vec<Command>>,
    answer: Box<dyn Fn(usize) -> (i32, &'static str, &'static str) + Send + Sync>,
}

impl Programs {
    /// Returns the programs. `answer` gives exit code, standard output and standard error.
    pub(crate) fn new(
        installed: &'static [&'static str],
        answer: impl Fn(usize) -> (i32, &'static str, &'static str) + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            installed,
            seen: Mutex::default(),
            answer: Box::new(answer),
        })
    }

    pub(crate) fn seen(&self) -> Vec<Command> {
        self.seen.lock().unwrap().clone()
    }
}

impl std::fmt::Debug for Programs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Programs")
    }
}

impl Processes for Programs {
    fn find<'a>(&'a self, name: &'a str, _: &'a str) -> BoxFuture<'a, Option<PathBuf>> {
        let installed = self.installed.contains(&name);
        future::ready(installed.then(|| name.into())).boxed()
    }

    fn run(&self, command: Command) -> BoxFuture<'_, io::Result<Output>> {
        let mut seen = self.seen.lock().unwrap();
        let (code, stdout, stderr) = (self.answer)(seen.len());
        seen.push(command);
        let output = Output {
            code: Some(code),
            stdout: stdout.into(),
            stderr: stderr.into(),
        };
        future::ready(Ok(output)).boxed()
    }
}

/// Returns a context with this clock, these variables, this transport and no programs.
pub(crate) fn world(
    clock: &VirtualClock,
    variables: &[(&str, &str)],
    transport: Arc<dyn Transport>,
) -> Context {
    Context {
        transport,
        env: Arc::new(StaticEnv::from_iter(variables.iter().copied())),
        processes: Programs::new(&[], |_| (127, "", "")),
        clock: Arc::new(clock.clone()),
        ..Context::system()
    }
}

/// Drives `future` to its end, and moves `clock` on whenever nothing else can happen.
pub(crate) async fn drive<F: Future>(clock: &VirtualClock, future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        // Spawned tasks get their turns before time passes.
        for _ in 0..3 {
            if let Poll::Ready(output) = poll!(&mut future) {
                return output;
            }
            tokio::task::yield_now().await;
        }
        clock.advance_to_next();
    }
}
