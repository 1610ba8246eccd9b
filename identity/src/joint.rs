//! One piece of work for all who want it at the same time.

use std::sync::PoisonError;

use futures_util::future::{BoxFuture, FutureExt, Shared, WeakShared};

use crate::error::Result;
use crate::sync::{Mutex, MutexGuard};

/// Work on its way; everyone who holds it drives it and shares its end.
pub(crate) type Flight<T> = Shared<BoxFuture<'static, Result<T>>>;

/// Where callers meet who want the same.
pub(crate) struct Joint<T: Clone>(Mutex<Option<WeakFlight<T>>>);

/// Weak: work that everybody has left is dropped.
type WeakFlight<T> = WeakShared<BoxFuture<'static, Result<T>>>;

impl<T: Clone> Joint<T> {
    /// A seat in the work on its way, or in the one `start` makes; and whether it was made.
    ///
    /// Work that has ended is nobody's: who comes after it begins again.
    pub(crate) fn seat(
        &self,
        start: impl FnOnce() -> BoxFuture<'static, Result<T>>,
    ) -> (Flight<T>, bool) {
        let mut flight = self.lock();
        let current = flight.as_ref().and_then(WeakShared::upgrade);
        if let Some(current) = current.filter(|flight| flight.peek().is_none()) {
            return (current, false);
        }
        let started = start().shared();
        *flight = started.downgrade();
        (started, true)
    }

    /// Whether work is on its way.
    pub(crate) fn in_flight(&self) -> bool {
        self.lock()
            .as_ref()
            .is_some_and(|flight| flight.upgrade().is_some())
    }

    fn lock(&self) -> MutexGuard<'_, Option<WeakFlight<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Default for Joint<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}
