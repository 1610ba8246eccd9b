//! The places where threads meet. In tests a model checker can say whose turn it is at each of
//! those that the warm path and a fetch go through.

#[cfg(test)]
mod modelled;

#[cfg(not(test))]
pub(crate) use std::sync::atomic::AtomicI64;
use std::sync::{LockResult, Mutex as StdMutex, MutexGuard as StdGuard, PoisonError};
#[cfg(not(test))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(test)]
pub(crate) use self::modelled::{AtomicI64, Mutex, MutexGuard, ThreadOrTask as Thread};

/// Locks `mutex`, even if a thread that held it panicked. Nothing here that can panic stands
/// between two changes that belong together, so the value is whole all the same.
#[inline]
pub(crate) fn lock<M: Lockable>(mutex: &M) -> M::Guard<'_> {
    mutex.acquire().unwrap_or_else(PoisonError::into_inner)
}

/// A mutex, of the standard library or of a model.
pub(crate) trait Lockable {
    type Guard<'a>
    where
        Self: 'a;

    /// Waits for the mutex; an error says that a thread that held it panicked.
    fn acquire(&self) -> LockResult<Self::Guard<'_>>;
}

impl<T> Lockable for StdMutex<T> {
    type Guard<'a>
        = StdGuard<'a, T>
    where
        Self: 'a;

    #[inline]
    fn acquire(&self) -> LockResult<Self::Guard<'_>> {
        self.lock()
    }
}

/// A name for the running thread, as far as the model checker tells several apart on one thread.
/// Outside of its tests what is kept per thread is one thread's, and all names are the same.
#[cfg(not(test))]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Thread;

#[cfg(not(test))]
impl Thread {
    pub(crate) fn current() -> Self {
        Self
    }
}
