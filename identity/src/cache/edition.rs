//! Which state of which cache something was found in.

use std::sync::atomic::{AtomicI64, Ordering};

/// A state of one cache; every state of every cache has another, but for the first, in which there
/// is nothing to find.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Edition(pub(super) i64);

impl Edition {
    /// One that was not there before.
    pub(super) fn next() -> Self {
        static LAST: AtomicI64 = AtomicI64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}
