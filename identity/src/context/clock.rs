//! The clock: the present time, and waiting for it to pass.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, poll_fn};
use futures_util::task::AtomicWaker;

use crate::sync::lock;
use crate::unix_time::UnixTime;

/// Tells the time and waits for it to pass.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Returns the present time, exact to a few milliseconds.
    fn now(&self) -> UnixTime;

    /// Ends after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The machine's clock. It waits on tokio's timers, or without a runtime on a thread.
///
/// With the feature `coarse-clock` it reads Linux's coarse clock, which is exact to 4 ms or so and
/// costs a tenth of the exact one; every call of a credential asks for the time.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[cfg(all(
        feature = "coarse-clock",
        any(target_os = "linux", target_os = "android")
    ))]
    fn now(&self) -> UnixTime {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse);
        UnixTime::from_millis(
            now.tv_sec
                .saturating_mul(1000)
                .saturating_add(now.tv_nsec / 1_000_000),
        )
    }

    #[cfg(not(all(
        feature = "coarse-clock",
        any(target_os = "linux", target_os = "android")
    )))]
    #[expect(clippy::disallowed_methods, reason = "this is the port")]
    fn now(&self) -> UnixTime {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        UnixTime::from_millis(0).plus(since_epoch.unwrap_or_default())
    }

    #[expect(clippy::disallowed_methods, reason = "this is the port")]
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        match tokio::runtime::Handle::try_current() {
            Ok(_) => tokio::time::sleep(duration).boxed(),
            Err(_) => sleep_on_thread(duration),
        }
    }
}

fn sleep_on_thread(duration: Duration) -> BoxFuture<'static, ()> {
    let alarm = Arc::new(Alarm::default());
    let ring = Arc::clone(&alarm);
    std::thread::spawn(move || {
        std::thread::sleep(duration);
        ring.ring();
    });
    alarm.wait()
}

/// A clock that stands still until it is moved, so that tests of expiry, retries and timeouts take
/// no time.
///
/// ```
/// use std::time::Duration;
/// use identity::context::{Clock, UnixTime, VirtualClock};
///
/// let clock = VirtualClock::new(UnixTime::from_seconds(1_700_000_000));
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), UnixTime::from_seconds(1_700_000_060));
/// ```
#[derive(Clone)]
pub struct VirtualClock(Arc<Mutex<VirtualTime>>);

struct VirtualTime {
    now: UnixTime,
    /// By the moment they wake up. The number of the sleep keeps those of one moment apart, and in
    /// the order in which they began.
    sleepers: BTreeMap<(UnixTime, u64), Arc<Alarm>>,
    sleeps_begun: u64,
}

impl VirtualClock {
    /// Returns a clock that shows `now`.
    pub fn new(now: UnixTime) -> Self {
        Self(Arc::new(Mutex::new(VirtualTime {
            now,
            sleepers: BTreeMap::new(),
            sleeps_begun: 0,
        })))
    }

    /// Moves the clock on by `duration` and wakes all sleeps that end by then.
    pub fn advance(&self, duration: Duration) {
        let mut state = lock(&*self.0);
        state.now = state.now.plus(duration);
        let now = state.now;
        let later = state.sleepers.split_off(&(now, u64::MAX));
        let due = std::mem::replace(&mut state.sleepers, later);
        due.values().for_each(|alarm| alarm.ring());
    }

    /// Moves the clock on to the end of the next sleep and returns how far that was. Returns `None`
    /// and does not move when nothing sleeps.
    pub fn advance_to_next(&self) -> Option<Duration> {
        let (next, now) = {
            let mut state = lock(&*self.0);
            // A sleeper nobody waits for any more (a timeout that was not needed) is gone.
            state
                .sleepers
                .retain(|_, alarm| Arc::strong_count(alarm) > 1);
            (state.sleepers.keys().next()?.0, state.now)
        };
        let step = next.since(now);
        self.advance(step);
        Some(step)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> UnixTime {
        lock(&*self.0).now
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut state = lock(&*self.0);
        let alarm = Arc::new(Alarm::default());
        let key = (state.now.plus(duration), state.sleeps_begun);
        state.sleeps_begun += 1;
        state.sleepers.insert(key, Arc::clone(&alarm));
        drop(state);
        alarm.wait()
    }
}

impl fmt::Debug for VirtualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VirtualClock")
            .field(&lock(&*self.0).now)
            .finish()
    }
}

/// A signal that is given once and that one task waits for.
#[derive(Default)]
struct Alarm {
    rung: AtomicBool,
    waiter: AtomicWaker,
}

impl Alarm {
    fn ring(&self) {
        self.rung.store(true, Ordering::Release);
        self.waiter.wake();
    }

    fn wait(self: Arc<Self>) -> BoxFuture<'static, ()> {
        poll_fn(move |cx| {
            // Registered before the flag is read: an alarm that rings in between wakes the task.
            self.waiter.register(cx.waker());
            match self.rung.load(Ordering::Acquire) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleepers_wake_in_order_and_dropped_ones_are_forgotten() {
        let clock = VirtualClock::new(UnixTime::from_seconds(0));
        let mut late = clock.sleep(Duration::from_secs(9));
        let mut early = clock.sleep(Duration::from_secs(2));
        drop(clock.sleep(Duration::from_secs(1)));
        assert_eq!(clock.advance_to_next(), Some(Duration::from_secs(2)));
        assert!((&mut early).now_or_never().is_some());
        assert!((&mut late).now_or_never().is_none());
        clock.advance(Duration::from_secs(7));
        assert!(late.now_or_never().is_some());
        assert_eq!(clock.advance_to_next(), None);
    }

    #[test]
    fn the_system_clock_agrees_with_the_calendar() {
        let calendar = UnixTime::from(time::OffsetDateTime::now_utc());
        assert!(SystemClock.now().since(calendar) < Duration::from_secs(1));
        assert!(calendar.since(SystemClock.now()) < Duration::from_secs(1));
    }
}
