//! Locks that go on past poison.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks `mutex`, even if a thread that held it panicked. No holder of a lock here leaves two
/// changes that belong together half done, so the value is whole all the same, and one request that
/// panics does not end all others.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
