//! Test doubles in memory whose time passes at once.

use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{self, BoxFuture, Either, FutureExt, select};
use futures_util::poll;
use identity::context::{
    Clock, Command, Context, Files, Output, Processes, Request, Response, StaticEnv, Transport,
    UnixTime, VirtualClock,
};
use identity::{Error, ErrorKind, Options, Result};

/// The value of all secrets in these tests.
pub(crate) const SECRET: &str = "hush-hush";
pub(crate) const START: UnixTime = UnixTime::from_seconds(1_700_000_000);

/// The token file of the pods in these tests.
pub(crate) const TOKEN_FILE: &str = "/var/run/secrets/token";

/// A transport that gives every request the same answer.
pub(crate) struct Always<F>(pub(crate) F);

impl<F> std::fmt::Debug for Always<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Always")
    }
}

impl<F: Fn() -> Option<Result<Response>> + Send + Sync> Transport for Always<F> {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response>> {
        match (self.0)() {
            Some(answer) => future::ready(answer).boxed(),
            None => future::pending().boxed(),
        }
    }
}

/// A transport that answers some requests itself and leaves the rest to another.
pub(crate) struct Before {
    pub(crate) first: fn(&Request) -> Option<Response>,
    pub(crate) rest: Arc<dyn Transport>,
}

impl std::fmt::Debug for Before {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Before")
    }
}

impl Transport for Before {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        match (self.first)(&request) {
            Some(answer) => future::ready(Ok(answer)).boxed(),
            None => self.rest.send(request),
        }
    }
}

/// A transport on which a request that is not answered is one whose connection is never made.
#[derive(Debug)]
struct Unconnected {
    clock: VirtualClock,
    rest: Arc<dyn Transport>,
}

impl Transport for Unconnected {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        let limit = request.connect_timeout;
        let answer = self.rest.send(request);
        match limit {
            None => answer,
            Some(limit) => select(answer, self.clock.sleep(limit))
                .map(|first| match first {
                    Either::Left((answer, _)) => answer,
                    Either::Right(_) => Err(Error::new(ErrorKind::Timeout, "no connection")),
                })
                .boxed(),
        }
    }
}

/// A file system with [`TOKEN_FILE`], which holds [`SECRET`].
#[derive(Debug)]
pub(crate) struct Pod;

impl Files for Pod {
    fn read<'a>(&'a self, path: &'a Path, _: u64) -> BoxFuture<'a, std::io::Result<Vec<u8>>> {
        let found = path == Path::new(TOKEN_FILE);
        let content = found.then(|| SECRET.into());
        future::ready(content.ok_or_else(|| std::io::ErrorKind::NotFound.into())).boxed()
    }
}

/// A machine with every program, where each run has the same result.
impl<F: Fn() -> Option<std::io::Result<Output>> + Send + Sync> Processes for Always<F> {
    fn find<'a>(&'a self, name: &'a str, _: &'a str) -> BoxFuture<'a, Option<std::path::PathBuf>> {
        future::ready(Some(name.into())).boxed()
    }

    fn run(&self, _: Command) -> BoxFuture<'_, std::io::Result<Output>> {
        match (self.0)() {
            Some(outcome) => future::ready(outcome).boxed(),
            None => future::pending().boxed(),
        }
    }
}

/// A machine without programs.
#[derive(Debug)]
pub(crate) struct NoPrograms;

impl Processes for NoPrograms {
    fn find<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Option<std::path::PathBuf>> {
        future::ready(None).boxed()
    }

    fn run(&self, _: Command) -> BoxFuture<'_, std::io::Result<Output>> {
        future::ready(Err(std::io::ErrorKind::NotFound.into())).boxed()
    }
}

/// Returns options for a machine with these variables and without programs, at the time [`START`].
pub(crate) fn options(
    clock: &VirtualClock,
    variables: &[(&str, &str)],
    transport: Arc<dyn Transport>,
) -> Options {
    let transport = Unconnected {
        clock: clock.clone(),
        rest: transport,
    };
    Options {
        context: Context {
            transport: Arc::new(transport),
            env: Arc::new(StaticEnv::from_iter(variables.iter().copied())),
            files: Arc::new(Pod),
            processes: Arc::new(NoPrograms),
            clock: Arc::new(clock.clone()),
            ..Context::system()
        },
        ..Options::default()
    }
}

/// Runs `call` and returns its output and the virtual time it took. Time passes whenever nothing
/// else happens.
pub(crate) fn timed<T>(
    clock: &VirtualClock,
    call: impl Future<Output = Result<T>>,
) -> (Result<T>, Duration) {
    let began = clock.now();
    let outcome = async {
        let mut call = pin!(call);
        loop {
            if let Poll::Ready(outcome) = poll!(&mut call) {
                return outcome;
            }
            let moved = clock.advance_to_next();
            assert!(moved.is_some(), "it hangs: nothing is left to wait for");
        }
    };
    let outcome = outcome.now_or_never().expect("it never gives way");
    (outcome, clock.now().since(began))
}

/// Checks that nothing in `error` shows a secret.
pub(crate) fn assert_discreet(what: &str, error: &Error) {
    let said = format!(
        "{error} {error:?} {:?} {:?}",
        error.claims(),
        error.attempts()
    );
    assert!(!said.contains(SECRET), "{what}: {said}");
    assert!(!error.to_string().is_empty(), "{what}");
}
