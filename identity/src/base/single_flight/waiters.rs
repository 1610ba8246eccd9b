//! The callers who wait for a piece of work.

use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::sync::{Mutex, MutexGuard, lock};

/// A waker that wakes everyone who waits. They are woken with nothing locked: one that runs at once
/// does not wait for the thread that woke it.
#[derive(Default)]
pub(super) struct Waiters(Mutex<Wakers>);

#[derive(Default)]
struct Wakers {
    /// A place for each caller, empty while it is not waiting. Places are found by number, for many
    /// may wait, and each comes again after every wake-up.
    by_number: Vec<Option<Waker>>,
    free: Vec<usize>,
    /// Whether there was a wake-up since [`Waiters::forget_wake_ups`].
    has_woken: bool,
}

/// The place of one caller.
pub(super) struct Waiter(usize);

#[cfg(test)]
impl Waiter {
    pub(super) fn number(&self) -> usize {
        self.0
    }
}

impl Waiters {
    /// Makes a place for one more caller.
    pub(super) fn add(&self) -> Waiter {
        let mut wakers = self.wakers();
        let free = wakers.free.pop();
        Waiter(free.unwrap_or_else(|| {
            wakers.by_number.push(None);
            wakers.by_number.len() - 1
        }))
    }

    /// Has the next wake-up wake `waker`.
    pub(super) fn store(&self, waiter: &Waiter, waker: &Waker) {
        let mut wakers = self.wakers();
        let known = &mut wakers.by_number[waiter.0];
        if known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            return;
        }
        let before = known.replace(waker.clone());
        drop(wakers);
        // Dropped without the lock: it may be all that is left of a task, and that may own a flight
        // whose end locks here.
        drop(before);
    }

    /// Has no wake-up wake `waiter` until it stores a waker again.
    pub(super) fn clear(&self, waiter: &Waiter) {
        let before = self.wakers().by_number[waiter.0].take();
        // Without the lock, as in `store`.
        drop(before);
    }

    /// Takes the place of `waiter` away.
    pub(super) fn remove(&self, waiter: &Waiter) {
        self.clear(waiter);
        self.wakers().free.push(waiter.0);
    }

    /// Begins to watch for wake-ups, for [`Waiters::wake_late_comers`].
    pub(super) fn forget_wake_ups(&self) {
        self.wakers().has_woken = false;
    }

    /// If there was a wake-up, wakes those who have stored a waker since.
    pub(super) fn wake_late_comers(&self) {
        let has_woken = self.wakers().has_woken;
        if has_woken {
            self.wake_all();
        }
    }

    pub(super) fn wake_all(&self) {
        let mut wakers = self.wakers();
        wakers.has_woken = true;
        let all = wakers.by_number.iter_mut().filter_map(Option::take);
        let all: Vec<_> = all.collect();
        drop(wakers);
        all.into_iter().for_each(Waker::wake);
    }

    fn wakers(&self) -> MutexGuard<'_, Wakers> {
        lock(&self.0)
    }
}

impl Wake for Waiters {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_all();
    }
}
