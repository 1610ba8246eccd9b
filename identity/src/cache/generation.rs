//! Generations of caches: a number for each state a cache was ever in.

use std::sync::atomic::{AtomicI64, Ordering};

/// A number for one state of one cache. No two states share one, whichever caches they are of, but
/// for the first state of every cache, in which there is nothing to find.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Generation(pub(super) i64);

impl Generation {
    /// A number that was not there before.
    pub(super) fn next() -> Self {
        static LAST: AtomicI64 = AtomicI64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}
