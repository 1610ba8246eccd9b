//! The cache against the simplest thing that could do its work, in virtual time.

use std::collections::HashMap;

use proptest::prelude::*;

use super::rig::Rig;

/// All times in milliseconds.
const LATENCY: i64 = 200;
/// The time between two calls, for fetches in the background.
const IDLE: i64 = 2 * LATENCY;
const EXPIRING: i64 = 300_000;
const BACK_OFF: i64 = 30_000;
const TWO_HOURS: i64 = 7_200_000;

/// An event in the life of a cache.
#[derive(Clone, Debug)]
enum Event {
    /// A caller asks for the token of a scope.
    Ask(usize),
    /// Seconds pass.
    Pass(u64),
    /// The service fails from now on, or does not.
    Fail(bool),
    /// From now on tokens live so many seconds.
    Live(u64),
}

const SCOPES: [&str; 3] = ["a", "b", "c"];

fn event() -> impl Strategy<Value = Event> {
    let seconds = vec![1, 9, 25, 29, 31, 200, 299, 301, 1800, 3300, 40_000];
    let lives = vec![5, 40, 250, 600, 3600, 7199, 7200, 86_400];
    prop_oneof![
        4 => (0..SCOPES.len()).prop_map(Event::Ask),
        3 => prop::sample::select(seconds).prop_map(Event::Pass),
        1 => any::<bool>().prop_map(Event::Fail),
        1 => prop::sample::select(lives).prop_map(Event::Live),
    ]
}

#[derive(Clone)]
struct Held {
    text: String,
    expires: i64,
    refresh: Option<i64>,
}

/// The cache as one would explain it: without concurrency or structure, one decision after another.
struct Model {
    now: i64,
    calls: usize,
    failing: bool,
    life: i64,
    held: HashMap<usize, Held>,
    back_off_until: HashMap<usize, i64>,
}

impl Model {
    fn new(life: u64) -> Self {
        Self {
            now: 0,
            calls: 0,
            failing: false,
            life: seconds(life),
            held: HashMap::new(),
            back_off_until: HashMap::new(),
        }
    }

    fn ask(&mut self, scope: usize) -> String {
        let now = self.now;
        let valid = self.held.get(&scope).filter(|held| now < held.expires);
        let Some(held) = valid.cloned() else {
            return self.fetch(scope).unwrap_or_else(|failure| failure);
        };
        let backing_off = now < self.back_off_until.get(&scope).copied().unwrap_or_default();
        if backing_off {
            return held.text;
        }
        if held.expires - EXPIRING <= now {
            return match self.fetch(scope) {
                Ok(text) => text,
                Err(_) if self.now < held.expires => held.text,
                Err(failure) => failure,
            };
        }
        if held.refresh.is_some_and(|moment| moment <= now) {
            // In the background: the time it takes is part of what passes until the next call.
            let _ = self.fetch(scope);
            self.now = now;
        }
        held.text
    }

    fn fetch(&mut self, scope: usize) -> Result<String, String> {
        let call = self.calls;
        self.calls += 1;
        self.now += LATENCY;
        if self.failing {
            self.back_off_until.insert(scope, self.now + BACK_OFF);
            return Err(format!("failure {call}"));
        }
        let refresh = (self.life >= TWO_HOURS).then_some(self.now + self.life / 2);
        let held = Held {
            text: format!("t{call}"),
            expires: self.now + self.life,
            refresh,
        };
        let back_off = BACK_OFF.min(self.life / 2);
        self.back_off_until.insert(scope, self.now + back_off);
        self.held.insert(scope, held.clone());
        Ok(held.text)
    }
}

fn seconds(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap() * 1000
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_cache_does_what_its_explanation_does(
        events in prop::collection::vec(event(), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (rig, mut model) = (Rig::new(250), Model::new(250));
            for (step, event) in events.iter().enumerate() {
                match *event {
                    Event::Ask(scope) => {
                        let text = rig.get(SCOPES[scope]).await;
                        let text = text.unwrap_or_else(|error| error.to_string());
                        prop_assert_eq!(&text, &model.ask(scope), "step {}", step);
                        rig.idle().await;
                        model.now += IDLE;
                        prop_assert_eq!(rig.calls(), model.calls, "step {}", step);
                    }
                    Event::Pass(time) => {
                        rig.pass(time);
                        model.now += seconds(time);
                    }
                    Event::Fail(failing) => {
                        rig.fail(failing);
                        model.failing = failing;
                    }
                    Event::Live(life) => {
                        rig.live(life);
                        model.life = seconds(life);
                    }
                }
            }
            Ok(())
        })?;
    }
}
