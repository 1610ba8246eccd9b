//! One piece of work for all callers who ask for it at the same time.

mod waiters;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use futures_util::future::{BoxFuture, FutureExt};

use self::waiters::{Waiter, Waiters};
use crate::error::{Error, ErrorKind, Result};
use crate::sync::{Mutex, lock};

/// A meeting point: callers who come while work is on its way join it, the first begins it.
///
/// It holds the work weakly. The flights own it, so work that every caller has left is dropped.
pub(crate) struct SingleFlight<T>(Mutex<Weak<Work<T>>>);

impl<T: Clone> SingleFlight<T> {
    /// Joins the work on its way, or begins what `start` makes; returns whether it was begun.
    ///
    /// Nobody joins work that has ended: a caller who comes after its end begins again.
    ///
    /// `name` is the credential's, for the error of work that panics.
    pub(crate) fn join<F>(&self, name: &'static str, start: impl FnOnce() -> F) -> (Flight<T>, bool)
    where
        F: Future<Output = Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        // Held while `start` runs, so that two callers cannot both begin. It only makes a future.
        let mut work = lock(&self.0);
        let current = work.upgrade().filter(|work| !work.has_ended());
        if let Some(current) = current {
            return (Flight::of(current), false);
        }
        let started = Arc::new(Work::new(catch_panic(name, start()).boxed()));
        *work = Arc::downgrade(&started);
        (Flight::of(started), true)
    }

    /// Whether work is on its way.
    pub(crate) fn in_flight(&self) -> bool {
        lock(&self.0).strong_count() > 0
    }
}

impl<T> Default for SingleFlight<T> {
    fn default() -> Self {
        Self(Mutex::new(Weak::new()))
    }
}

/// A caller's part in work on its way. Whichever flight is polled drives the work, and all of them
/// end with its outcome.
pub(crate) struct Flight<T> {
    work: Arc<Work<T>>,
    waiter: Waiter,
}

impl<T> Flight<T> {
    fn of(work: Arc<Work<T>>) -> Self {
        let waiter = work.waiters.add();
        Self { work, waiter }
    }
}

impl<T: Clone> Future for Flight<T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // The waker is stored before the work is looked at: a wake-up in between is not missed.
        self.work.waiters.store(&self.waiter, context.waker());
        self.work.advance(&self.waiter)
    }
}

impl<T> Drop for Flight<T> {
    fn drop(&mut self) {
        let waiters = &self.work.waiters;
        waiters.remove(&self.waiter);
        // This may be the caller that was woken to drive the work on. The others have to look.
        if !self.work.has_ended() {
            waiters.wake_all();
        }
    }
}

/// Work, and everyone who waits for it.
struct Work<T> {
    state: Mutex<WorkState<T>>,
    /// In an `Arc` of its own: what the work waits for holds on to this waker, and must not keep
    /// the work alive.
    waiters: Arc<Waiters>,
}

enum WorkState<T> {
    /// Nobody is polling it: the next caller does.
    Idle(BoxFuture<'static, Result<T>>),
    /// A caller is polling it, and has taken it out of here meanwhile.
    Polled,
    Ended(Result<T>),
}

impl<T> Work<T> {
    fn new(future: BoxFuture<'static, Result<T>>) -> Self {
        Self {
            state: Mutex::new(WorkState::Idle(future)),
            waiters: Arc::default(),
        }
    }

    fn has_ended(&self) -> bool {
        matches!(*lock(&self.state), WorkState::Ended(_))
    }
}

impl<T: Clone> Work<T> {
    /// Polls the work for `waiter`, unless another caller is at it or it has ended.
    fn advance(&self, waiter: &Waiter) -> Poll<Result<T>> {
        let mut future = match self.take() {
            Ok(future) => future,
            Err(answer) => return answer,
        };
        self.waiters.forget_wake_ups();
        let waker = Waker::from(Arc::clone(&self.waiters));
        let mut context = Context::from_waker(&waker);
        // No lock is held here: the work may do what it likes, and callers that it wakes can lock.
        let Poll::Ready(outcome) = future.as_mut().poll(&mut context) else {
            *lock(&self.state) = WorkState::Idle(future);
            // Callers that were woken during the poll found the work taken, and gave up.
            self.waiters.wake_late_comers();
            return Poll::Pending;
        };
        // What it holds is freed before anybody is told that it has ended.
        drop(future);
        *lock(&self.state) = WorkState::Ended(outcome.clone());
        // The caller that ends it need not be woken: it returns.
        self.waiters.clear(waiter);
        self.waiters.wake_all();
        Poll::Ready(outcome)
    }

    /// Takes the work out to poll it; the error is the answer to a caller who cannot.
    fn take(&self) -> Result<BoxFuture<'static, Result<T>>, Poll<Result<T>>> {
        let mut state = lock(&self.state);
        match std::mem::replace(&mut *state, WorkState::Polled) {
            WorkState::Idle(future) => Ok(future),
            WorkState::Polled => Err(Poll::Pending),
            WorkState::Ended(outcome) => {
                *state = WorkState::Ended(outcome.clone());
                Err(Poll::Ready(outcome))
            }
        }
    }
}

/// Does `work` for the credential `name`. Should it panic, that is an error like any other for all
/// who wait, and nobody waits forever.
///
/// No `async fn`: that would have room for the work twice.
pub(crate) fn catch_panic<T>(
    name: &'static str,
    work: impl Future<Output = Result<T>>,
) -> impl Future<Output = Result<T>> {
    // What the work had borrowed is dropped with it, or is behind a lock that outlives panics.
    let caught = AssertUnwindSafe(work).catch_unwind();
    caught.map(move |caught| {
        caught.unwrap_or_else(|_| {
            let text = format!("{name}: a panic while getting a token; please report it as a bug");
            Err(Error::new(ErrorKind::Panicked, text))
        })
    })
}

#[cfg(test)]
mod tests;
