//! Where threads meet. In tests a model checker can say whose turn it is at each of these places.

#[cfg(test)]
mod modelled;

#[cfg(not(test))]
pub(crate) use std::sync::atomic::AtomicI64;
#[cfg(not(test))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(test)]
pub(crate) use self::modelled::{AtomicI64, Mutex, MutexGuard, Thread};

/// Tells apart those a model has on one thread; in a program there is one to a thread.
#[cfg(not(test))]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Thread;

#[cfg(not(test))]
impl Thread {
    pub(crate) fn current() -> Self {
        Self
    }
}
