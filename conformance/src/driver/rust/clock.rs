//! The clock of the library, which the harness can put forward.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use identity::context::{Clock, SystemClock, UnixTime};

/// The machine's clock, put forward. Clones show the same time.
#[derive(Clone, Debug, Default)]
pub(super) struct ClockAhead(Arc<AtomicU64>);

impl ClockAhead {
    pub(super) fn put_forward(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for ClockAhead {
    fn now(&self) -> UnixTime {
        let ahead = Duration::from_secs(self.0.load(Ordering::Relaxed));
        SystemClock.now().plus(ahead)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }
}
