//! A context of test doubles for tests of the public interface.

#![allow(dead_code, reason = "each test file uses some of it")]

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, UNIX_EPOCH};

use futures_util::future::{self, BoxFuture, FutureExt};
use futures_util::poll;
use identity::context::{
    Context, Env, FileVersion, Files, Request, Response, Transport, UnixTime, VirtualClock,
};
use identity::{Options, Result};

pub(crate) const TOKEN: &str = r#"{"access_token":"t","expires_in":3600}"#;

type Answer = dyn Fn(usize, &Request) -> Result<Response> + Send + Sync;

/// The machine and the services around a credential, as a test sets them up. Clones share one
/// state.
#[derive(Clone)]
pub(crate) struct World(Arc<State>);

struct State {
    clock: VirtualClock,
    answer: Box<Answer>,
    seen: Mutex<Vec<Request>>,
    variables: Mutex<HashMap<String, String>>,
    files: Mutex<HashMap<String, (u64, Vec<u8>)>>,
    reads: AtomicUsize,
}

impl World {
    /// Returns a world in which requests are answered by a function of their number and content.
    pub(crate) fn answering(
        answer: impl Fn(usize, &Request) -> Result<Response> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(State {
            clock: VirtualClock::new(UnixTime::from_seconds(1_700_000_000)),
            answer: Box::new(answer),
            seen: Mutex::default(),
            variables: Mutex::default(),
            files: Mutex::default(),
            reads: AtomicUsize::new(0),
        }))
    }

    pub(crate) fn giving_tokens() -> Self {
        Self::answering(|_, _| Ok(Response::new(200, TOKEN)))
    }

    pub(crate) fn options(&self) -> Options {
        let context = Context {
            transport: Arc::new(self.clone()),
            env: Arc::new(self.clone()),
            files: Arc::new(self.clone()),
            clock: Arc::new(self.0.clock.clone()),
            ..Context::system()
        };
        Options {
            context,
            ..Options::default()
        }
    }

    /// Returns the requests sent so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.0.seen.lock().unwrap().clone()
    }

    /// Returns how often a file was read.
    pub(crate) fn reads(&self) -> usize {
        self.0.reads.load(Ordering::SeqCst)
    }

    pub(crate) fn set(&self, name: &str, value: &str) -> Option<String> {
        self.0
            .variables
            .lock()
            .unwrap()
            .insert(name.into(), value.into())
    }

    pub(crate) fn write(&self, path: &str, content: &str) {
        let mut files = self.0.files.lock().unwrap();
        let version = files.get(path).map_or(0, |(version, _)| version + 1);
        files.insert(path.into(), (version, content.into()));
    }

    /// Changes a file's content without changing its version.
    pub(crate) fn write_unseen(&self, path: &str, content: &str) {
        self.0.files.lock().unwrap().get_mut(path).unwrap().1 = content.into();
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.0.clock.advance(time);
    }

    /// Drives `future` to its end, and moves the clock on whenever nothing else can happen.
    pub(crate) async fn drive<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(output) = poll!(&mut future) {
                return output;
            }
            tokio::task::yield_now().await;
            self.0.clock.advance_to_next();
        }
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

impl Transport for World {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        let mut seen = self.0.seen.lock().unwrap();
        let answer = (self.0.answer)(seen.len(), &request);
        seen.push(request);
        future::ready(answer).boxed()
    }
}

impl Env for World {
    fn var(&self, name: &str) -> Option<String> {
        self.0.variables.lock().unwrap().get(name).cloned()
    }
}

impl Files for World {
    fn read<'a>(&'a self, path: &'a Path, _: u64) -> BoxFuture<'a, io::Result<Vec<u8>>> {
        self.0.reads.fetch_add(1, Ordering::SeqCst);
        let found = self
            .0
            .files
            .lock()
            .unwrap()
            .get(path.to_str().unwrap())
            .cloned();
        let found = found.map(|(_, content)| content);
        future::ready(found.ok_or_else(|| io::ErrorKind::NotFound.into())).boxed()
    }

    fn version<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, Option<FileVersion>> {
        let files = self.0.files.lock().unwrap();
        let found = files
            .get(path.to_str().unwrap())
            .map(|(version, content)| FileVersion {
                modified: UNIX_EPOCH + Duration::from_secs(*version),
                length: content.len() as u64,
            });
        future::ready(found).boxed()
    }
}

/// Returns the fields of a request's form.
pub(crate) fn form(request: &Request) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(&request.body)
        .into_owned()
        .collect()
}
