//! A pipeline over a source that a test controls.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::context::{Clock, Context, NoTransport, VirtualClock};
use crate::error::{Error, Result};
use crate::pipeline::{Pipeline, Source};
use crate::testing::{START, drive, world};
use crate::token::{AccessToken, Token, TokenRequest};

pub(super) const LATENCY: Duration = Duration::from_millis(200);
pub(super) const HOUR: u64 = 3600;

/// A source that gives `t0`, `t1`…, each after 200 ms and valid for `lifetime`; or fails; or
/// panics.
pub(super) struct Fake {
    calls: AtomicUsize,
    lifetime: Mutex<Duration>,
    failing: AtomicBool,
    panics: bool,
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fake")
    }
}

impl Source for Arc<Fake> {
    const NAME: &'static str = "FakeCredential";

    async fn fetch(&self, _: &TokenRequest, context: &Context) -> Result<AccessToken> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        context.clock.sleep(LATENCY).await;
        assert!(!self.panics, "on purpose");
        if self.failing.load(Ordering::SeqCst) {
            return Err(Error::rejected(format!("failure {call}")));
        }
        let now = context.clock.now();
        let lifetime = *self.lifetime.lock().unwrap();
        let long = lifetime >= Duration::from_secs(2 * HOUR);
        let refresh_on = long.then(|| now.plus(lifetime / 2));
        let token = Token::new(
            &format!("t{call}"),
            "Bearer",
            now.plus(lifetime),
            refresh_on,
        );
        Ok(AccessToken(Arc::new(token)))
    }
}

pub(super) struct Rig {
    pub(super) clock: VirtualClock,
    source: Arc<Fake>,
    pub(super) pipeline: Pipeline<Arc<Fake>>,
}

impl Rig {
    pub(super) fn new(lifetime: u64) -> Self {
        Self::with(lifetime, false, |context| context)
    }

    pub(super) fn with(
        lifetime: u64,
        panics: bool,
        change: impl FnOnce(Context) -> Context,
    ) -> Self {
        let clock = VirtualClock::new(START);
        let source = Arc::new(Fake {
            calls: AtomicUsize::new(0),
            lifetime: Mutex::new(Duration::from_secs(lifetime)),
            failing: AtomicBool::new(false),
            panics,
        });
        let context = change(world(&clock, &[], Arc::new(NoTransport)));
        let pipeline = Pipeline::new(Arc::clone(&source), context);
        Self {
            clock,
            source,
            pipeline,
        }
    }

    pub(super) async fn get(&self, scope: &str) -> Result<String> {
        let token = drive(&self.clock, self.pipeline.get_token(&[scope])).await?;
        Ok(token.token().to_owned())
    }

    pub(super) async fn text(&self) -> String {
        self.get("s")
            .await
            .unwrap_or_else(|error| error.to_string())
    }

    pub(super) fn calls(&self) -> usize {
        self.source.calls.load(Ordering::SeqCst)
    }

    pub(super) fn fail(&self, failing: bool) {
        self.source.failing.store(failing, Ordering::SeqCst);
    }

    /// From now on tokens live this long.
    pub(super) fn live(&self, seconds: u64) {
        *self.source.lifetime.lock().unwrap() = Duration::from_secs(seconds);
    }

    /// Lets background tasks run to their end.
    pub(super) async fn idle(&self) {
        let clock = self.clock.clone();
        drive(&self.clock, async move { clock.sleep(LATENCY * 2).await }).await;
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}
