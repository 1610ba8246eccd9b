//! Tests of threads that meet in the cache, by a model checker that picks which goes on next.
//!
//! A failing test prints the schedule it failed with, for `shuttle::replay`.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{BoxFuture, poll_fn};
use shuttle::future::{JoinHandle, block_on, spawn, yield_now};
use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler};

use crate::cache::{Cache, KeyRef};
use crate::context::{Context, NoTransport, Spawn, VirtualClock};
use crate::error::{Error, Result};
use crate::pipeline::{Pipeline, Source};
use crate::testing::{START, world};
use crate::token::{AccessToken, Token, TokenRequest};

const DAY: Duration = Duration::from_secs(86_400);
const CALLERS: usize = 3;

#[test]
fn callers_share_one_fetch_in_whatever_order_they_come() {
    explore(|| {
        let rig = Rig::new(|_| true);
        for outcome in rig.outcomes(CALLERS) {
            assert_eq!(outcome, "t0");
        }
        assert_eq!(rig.calls(), 1);
    });
}

#[test]
fn a_failure_is_shared_and_no_fetch_begins_while_one_is_going_on() {
    explore(|| {
        let rig = Rig::new(|_| false);
        let mut failures = rig.outcomes(CALLERS);
        failures.sort();
        failures.dedup();
        let each: Vec<_> = (0..rig.calls())
            .map(|call| format!("failure {call}"))
            .collect();
        assert_eq!(failures, each, "every failure is somebody's");
        assert_eq!(rig.most_at_once(), 1);
    });
}

#[test]
fn a_caller_that_leaves_costs_the_others_nothing() {
    explore(|| {
        let rig = Rig::new(|_| true);
        let impatient = rig.ask_and_leave_after(thread_rng().gen_range(0..4));
        let outcomes = rig.outcomes(CALLERS - 1);
        block_on(impatient).unwrap();
        assert_eq!(outcomes[0], outcomes[1], "they share one fetch");
        assert_eq!(rig.most_at_once(), 1);
        let text = rig.outcomes(1).remove(0);
        assert_eq!(text, outcomes[0], "and it was kept");
    });
}

#[test]
fn all_callers_get_the_valid_token_while_one_fetch_replaces_it() {
    for succeeds in [true, false] {
        explore(move || {
            let rig = Rig::new(move |call| call == 0 || succeeds);
            assert_eq!(rig.outcomes(1), ["t0"]);
            rig.clock.advance(DAY / 2);
            for text in rig.outcomes(CALLERS) {
                assert!(text == "t0" || succeeds && text == "t1", "{text}");
            }
            rig.background.end();
            assert_eq!(rig.calls(), 2);
            let last = if succeeds { "t1" } else { "t0" };
            assert_eq!(rig.outcomes(1), [last]);
        });
    }
}

#[test]
fn tokens_that_are_stored_at_the_same_time_are_all_found() {
    explore(|| {
        let cache = Arc::new(Cache::default());
        let writers = ["a", "b", "c"].map(|scope| {
            let cache = Arc::clone(&cache);
            spawn(async move {
                store(&cache, scope, DAY);
                assert!(found(&cache, scope), "the writer finds its own token");
            })
        });
        for writer in writers {
            block_on(writer).unwrap();
        }
        for scope in ["a", "b", "c"] {
            assert!(found(&cache, scope), "{scope}");
        }
    });
}

#[test]
fn a_thread_that_has_found_a_token_finds_its_successor_once_that_is_stored() {
    explore(|| {
        let cache = Arc::new(Cache::default());
        let stored = Arc::new(AtomicBool::new(false));
        store(&cache, "a", DAY);
        let readers = [(); 2].map(|()| {
            let (cache, stored) = (Arc::clone(&cache), Arc::clone(&stored));
            spawn(async move {
                // Held on to, so that no token is dropped meanwhile.
                let mut found: Vec<AccessToken> = Vec::new();
                for _ in 0..4 {
                    let new = stored.load(Ordering::SeqCst);
                    found.extend(find(&cache, "a"));
                    let last = found.last().unwrap().0.expires_on;
                    assert!(!new || last == START.plus(2 * DAY));
                }
                assert!(found.is_sorted_by_key(|token| token.0.expires_on));
            })
        });
        store(&cache, "a", 2 * DAY);
        stored.store(true, Ordering::SeqCst);
        for reader in readers {
            block_on(reader).unwrap();
        }
    });
}

#[test]
fn the_token_of_a_fetch_begun_before_the_cache_was_cleared_is_not_found() {
    explore(|| {
        let cache = Arc::new(Cache::default());
        let request = TokenRequest::new(&["a"]).unwrap();
        let before = cache.slot(&request, START);
        let (fetching, fetched) = (Arc::clone(&cache), request.clone());
        let fetch = spawn(async move { fetching.store(&before, &fetched, token("t", DAY), START) });
        let cleared = Arc::clone(&cache);
        let clearing = spawn(async move {
            cleared.clear();
            cleared.slot(&request, START)
        });
        let after = block_on(clearing).unwrap();
        block_on(fetch).unwrap();
        assert!(!found(&cache, "a"));
        assert!(after.valid(START).is_none());
    });
}

/// Runs `model` under many schedules: some of pure chance, some with few changes of turn.
fn explore(model: impl Fn() + Clone + Send + Sync + 'static) {
    let config = || {
        let mut config = shuttle::Config::new();
        config.stack_size = 1 << 20;
        config
    };
    shuttle::Runner::new(RandomScheduler::new(600), config()).run(model.clone());
    shuttle::Runner::new(PctScheduler::new(3, 600), config()).run(model);
}

/// A credential whose service needs two steps for every answer.
struct Rig {
    clock: VirtualClock,
    service: Arc<Service>,
    background: Background,
    pipeline: Pipeline<Arc<Service>>,
}

impl Rig {
    fn new(succeeds: impl Fn(usize) -> bool + Send + Sync + 'static) -> Self {
        let clock = VirtualClock::new(START);
        let service = Arc::new(Service {
            succeeds: Box::new(succeeds),
            calls: AtomicUsize::default(),
            now: AtomicUsize::default(),
            most: AtomicUsize::default(),
        });
        let background = Background::default();
        let context = Context {
            spawn: Arc::new(background.clone()),
            ..world(&clock, &[], Arc::new(NoTransport))
        };
        let pipeline = Pipeline::new(Arc::clone(&service), context);
        Self {
            clock,
            service,
            background,
            pipeline,
        }
    }

    /// The tokens or errors of so many callers at once.
    fn outcomes(&self, callers: usize) -> Vec<String> {
        let ask = |_| {
            let pipeline = self.pipeline.clone();
            spawn(async move { pipeline.get_token(&["s"]).await })
        };
        let callers: Vec<_> = (0..callers).map(ask).collect();
        let outcome = |caller: JoinHandle<Result<AccessToken>>| match block_on(caller).unwrap() {
            Ok(token) => token.token().to_owned(),
            Err(error) => error.to_string(),
        };
        callers.into_iter().map(outcome).collect()
    }

    fn ask_and_leave_after(&self, polls: usize) -> JoinHandle<()> {
        let pipeline = self.pipeline.clone();
        spawn(async move {
            let mut call = pin!(pipeline.get_token(&["s"]));
            let mut left = polls;
            poll_fn(|context| {
                if left == 0 {
                    return Poll::Ready(());
                }
                left -= 1;
                call.as_mut().poll(context).map(drop)
            })
            .await;
        })
    }

    fn calls(&self) -> usize {
        self.service.calls.load(Ordering::SeqCst)
    }

    /// How many fetches there were at the same time, at most.
    fn most_at_once(&self) -> usize {
        self.service.most.load(Ordering::SeqCst)
    }
}

struct Service {
    succeeds: Box<dyn Fn(usize) -> bool + Send + Sync>,
    calls: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service")
    }
}

impl Source for Arc<Service> {
    const NAME: &'static str = "ServiceCredential";

    async fn fetch(&self, _: &TokenRequest, _: &Context) -> Result<AccessToken> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let going_on = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(going_on, Ordering::SeqCst);
        let _end = End(&self.now);
        yield_now().await;
        yield_now().await;
        match (self.succeeds)(call) {
            true => Ok(token(&format!("t{call}"), DAY * (call as u32 + 1))),
            false => Err(Error::rejected(format!("failure {call}"))),
        }
    }
}

/// A fetch ends with its last line or when it is dropped.
struct End<'a>(&'a AtomicUsize);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The tasks that run in the background.
#[derive(Clone, Default)]
struct Background(Arc<Mutex<Vec<JoinHandle<()>>>>);

impl Background {
    /// Waits for all of it.
    fn end(&self) {
        let tasks = std::mem::take(&mut *self.0.lock().unwrap());
        for task in tasks {
            block_on(task).unwrap();
        }
    }
}

impl Spawn for Background {
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Option<BoxFuture<'static, ()>> {
        let task = spawn(task);
        self.0.lock().unwrap().push(task);
        None
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Background")
    }
}

fn token(text: &str, life: Duration) -> AccessToken {
    let refresh_on = START.plus(life / 2);
    let token = Token::new(text, "Bearer", START.plus(life), Some(refresh_on));
    AccessToken(Arc::new(token))
}

fn store(cache: &Cache, scope: &str, life: Duration) {
    let request = TokenRequest::new(&[scope]).unwrap();
    let slot = cache.slot(&request, START);
    cache.store(&slot, &request, token("t", life), START);
}

fn find(cache: &Cache, scope: &str) -> Option<AccessToken> {
    cache.fresh(&KeyRef::scopes(&[scope]), START)
}

fn found(cache: &Cache, scope: &str) -> bool {
    find(cache, scope).is_some()
}
