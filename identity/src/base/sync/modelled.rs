//! Mutexes and atomics for tests with the model checker `shuttle`: every use is one step, before
//! which any other task may take its turns. Outside of a model they are what they are in a program.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering;
use std::sync::{LockResult, PoisonError};

use shuttle::current::{TaskId, try_get_current_task};
use shuttle::sync::atomic::AtomicBool;

use super::{Lockable, lock};

/// Lets the model's other tasks go first, or not.
fn step() {
    if try_get_current_task().is_some() {
        AtomicBool::new(false).load(Ordering::SeqCst);
    }
}

/// A name for the running task of a model. Outside of models all threads have the same, as in a
/// program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThreadOrTask(Option<TaskId>);

impl ThreadOrTask {
    pub(crate) fn current() -> Self {
        Self(try_get_current_task())
    }
}

#[derive(Default)]
pub(crate) struct AtomicI64(std::sync::atomic::AtomicI64);

impl AtomicI64 {
    pub(crate) fn load(&self, ordering: Ordering) -> i64 {
        step();
        self.0.load(ordering)
    }

    pub(crate) fn store(&self, value: i64, ordering: Ordering) {
        step();
        self.0.store(value, ordering);
    }
}

/// Tasks of a model queue at `turn`, so that `value` is never waited for.
pub(crate) struct Mutex<T> {
    turn: Option<shuttle::sync::Mutex<()>>,
    value: std::sync::Mutex<T>,
}

/// Frees the value before the turn.
pub(crate) struct MutexGuard<'a, T> {
    value: std::sync::MutexGuard<'a, T>,
    _turn: Option<shuttle::sync::MutexGuard<'a, ()>>,
}

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            turn: try_get_current_task().map(|_| shuttle::sync::Mutex::new(())),
            value: std::sync::Mutex::new(value),
        }
    }

    pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let turn = self.turn.as_ref().map(lock);
        let with = |value| MutexGuard { value, _turn: turn };
        match self.value.lock() {
            Ok(value) => Ok(with(value)),
            Err(poisoned) => Err(PoisonError::new(with(poisoned.into_inner()))),
        }
    }
}

impl<T> Lockable for Mutex<T> {
    type Guard<'a>
        = MutexGuard<'a, T>
    where
        Self: 'a;

    fn acquire(&self) -> LockResult<MutexGuard<'_, T>> {
        self.lock()
    }
}

impl<T> Lockable for shuttle::sync::Mutex<T> {
    type Guard<'a>
        = shuttle::sync::MutexGuard<'a, T>
    where
        Self: 'a;

    fn acquire(&self) -> LockResult<Self::Guard<'_>> {
        self.lock()
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}
