//! A machine with a user in front of it, made of test doubles.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{self, BoxFuture, FutureExt, poll_fn};
use futures_util::poll;
use identity::context::{
    Browser, BrowserRequest, Clock, Context, Listener, Loopback, Page, Request, Response, Terminal,
    Transport, UnixTime, VirtualClock,
};
use identity::{Options, Result};
use url::Url;

type Answer = dyn Fn(&UserMachine, usize, &Request) -> Result<Response> + Send + Sync;
type Fields = Vec<(String, String)>;

/// A machine with a user in front of it. Clones share one state.
#[derive(Clone)]
pub(crate) struct UserMachine(Arc<State>);

struct State {
    clock: VirtualClock,
    answer: Box<Answer>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    sent: Vec<(Duration, Request)>,
    told: Vec<String>,
    opened: Vec<Url>,
    listening: usize,
    /// The requests of browsers to the listener, and the pages they were shown.
    visits: VecDeque<(http::Method, String, String)>,
    shown: Vec<Page>,
    /// The parts that the machine lacks.
    port_taken: bool,
    no_browser: bool,
}

const START: UnixTime = UnixTime::from_seconds(1_700_000_000);
pub(crate) const PORT: u16 = 8411;

impl UserMachine {
    /// Returns a machine whose requests are answered by a function of their number and content.
    pub(crate) fn answering(
        answer: impl Fn(&Self, usize, &Request) -> Result<Response> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(State {
            clock: VirtualClock::new(START),
            answer: Box::new(answer),
            inner: Mutex::default(),
        }))
    }

    pub(crate) fn options(&self) -> Options {
        let context = Context {
            transport: Arc::new(self.clone()),
            env: Arc::new(identity::context::StaticEnv::default()),
            browser: Arc::new(self.clone()),
            loopback: Arc::new(self.clone()),
            terminal: Arc::new(self.clone()),
            clock: Arc::new(self.0.clock.clone()),
            ..Context::system()
        };
        Options {
            context,
            ..Options::default()
        }
    }

    /// Returns the forms sent so far, each with the time since the beginning.
    pub(crate) fn sent(&self) -> Vec<(u64, BTreeMap<String, String>)> {
        let form = |request: &Request| {
            url::form_urlencoded::parse(&request.body)
                .into_owned()
                .collect()
        };
        let inner = self.inner();
        inner
            .sent
            .iter()
            .map(|(at, request)| (at.as_secs(), form(request)))
            .collect()
    }

    pub(crate) fn messages(&self) -> Vec<String> {
        self.inner().told.clone()
    }

    pub(crate) fn opened(&self) -> Vec<Url> {
        self.inner().opened.clone()
    }

    /// Returns a parameter of the page opened last.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let page = self.inner().opened.last()?.clone();
        page.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    pub(crate) fn pages(&self) -> Vec<Page> {
        self.inner().shown.clone()
    }

    pub(crate) fn listening(&self) -> usize {
        self.inner().listening
    }

    pub(crate) fn takes_the_port(&self) {
        self.inner().port_taken = true;
    }

    pub(crate) fn has_no_browser(&self) {
        self.inner().no_browser = true;
    }

    /// Posts these fields as the page of the open sign-in does, with its own state unless they have
    /// one.
    pub(crate) fn posts(&self, fields: &[(&str, &str)]) {
        let body = self.encoded(fields);
        self.inner()
            .visits
            .push_back((http::Method::POST, "/".into(), body));
    }

    /// Sends these fields in the query of a redirect.
    pub(crate) fn redirects(&self, fields: &[(&str, &str)]) {
        let target = format!("/?{}", self.encoded(fields));
        self.inner()
            .visits
            .push_back((http::Method::GET, target, String::new()));
    }

    fn encoded(&self, fields: &[(&str, &str)]) -> String {
        let mut all: Fields = fields
            .iter()
            .map(|&(k, v)| (k.to_owned(), v.to_owned()))
            .collect();
        if !fields.iter().any(|(name, _)| *name == "state") {
            all.extend(
                self.parameter("state")
                    .map(|state| ("state".to_owned(), state)),
            );
        }
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(all)
            .finish()
    }

    /// Drives `future` until nothing more happens without time passing.
    pub(crate) async fn settle<F: Future + Unpin>(&self, future: &mut F) -> Option<F::Output> {
        for _ in 0..20 {
            if let Poll::Ready(output) = poll!(&mut *future) {
                return Some(output);
            }
            tokio::task::yield_now().await;
        }
        None
    }

    /// Drives `future` to its end, and moves the clock on whenever nothing else can happen.
    pub(crate) async fn finish<F: Future>(&self, future: F) -> F::Output {
        let mut future = Box::pin(future);
        loop {
            if let Some(output) = self.settle(&mut future).await {
                return output;
            }
            let moved = self.0.clock.advance_to_next();
            assert!(moved.is_some(), "it waits for nothing, and would for ever");
        }
    }

    pub(crate) fn elapsed(&self) -> u64 {
        self.0.clock.now().since(START).as_secs()
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.0.clock.advance(Duration::from_secs(seconds));
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap()
    }
}

impl Transport for UserMachine {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        let number = self.inner().sent.len();
        let at = self.0.clock.now().since(START);
        self.inner().sent.push((at, request.clone()));
        future::ready((self.0.answer)(self, number, &request)).boxed()
    }
}

impl Terminal for UserMachine {
    fn tell(&self, message: &str) {
        self.inner().told.push(message.to_owned());
    }
}

impl Browser for UserMachine {
    fn open<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, io::Result<()>> {
        if self.inner().no_browser {
            return future::ready(Err(io::Error::other("this machine has no display"))).boxed();
        }
        self.inner().opened.push(url.clone());
        future::ready(Ok(())).boxed()
    }
}

impl Loopback for UserMachine {
    fn listen<'a>(&'a self, _: &'a str, port: u16) -> BoxFuture<'a, io::Result<Box<dyn Listener>>> {
        if self.inner().port_taken {
            return future::ready(Err(io::ErrorKind::AddrInUse.into())).boxed();
        }
        self.inner().listening += 1;
        let port = if port == 0 { PORT } else { port };
        let listener: Box<dyn Listener> = Box::new(Port(self.clone(), port));
        future::ready(Ok(listener)).boxed()
    }
}

#[derive(Debug)]
struct Port(UserMachine, u16);

impl Listener for Port {
    fn port(&self) -> u16 {
        self.1
    }

    fn next(&mut self) -> BoxFuture<'_, io::Result<BrowserRequest>> {
        let machine = self.0.clone();
        async move {
            let visit = poll_fn(|_| match machine.inner().visits.pop_front() {
                Some(visit) => Poll::Ready(visit),
                None => Poll::Pending,
            });
            let (method, target, body) = visit.await;
            let form = Some("application/x-www-form-urlencoded".to_owned());
            let (request, pending) = BrowserRequest::new(method, target, form, body.into());
            let shown = machine.clone();
            tokio::spawn(async move {
                if let Some((page, _done)) = pending.page().await {
                    shown.inner().shown.push(page);
                }
            });
            Ok(request)
        }
        .boxed()
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.0.inner().listening -= 1;
    }
}

impl std::fmt::Debug for UserMachine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserMachine")
    }
}
