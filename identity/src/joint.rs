//! One piece of work for all who want it at the same time.

mod bell;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use futures_util::future::{BoxFuture, FutureExt};

use self::bell::{Bell, Place};
use crate::error::{Error, ErrorKind, Result};
use crate::sync::{Mutex, lock};

/// Where callers meet who want the same.
pub(crate) struct Joint<T>(Mutex<Weak<Work<T>>>);

impl<T: Clone> Joint<T> {
    /// A seat in the work on its way, or in the one `start` makes; and whether it was made.
    ///
    /// Work that has ended is nobody's: who comes after it begins again. Work that everybody has
    /// left is dropped.
    ///
    /// `name` is the credential's, for the error of work that panics.
    pub(crate) fn seat<F>(&self, name: &'static str, start: impl FnOnce() -> F) -> (Flight<T>, bool)
    where
        F: Future<Output = Result<T>> + Send + 'static,
        T: Send + 'static,
    {
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

impl<T> Default for Joint<T> {
    fn default() -> Self {
        Self(Mutex::new(Weak::new()))
    }
}

/// A seat in work on its way. Whoever holds one drives it, and all share its end.
pub(crate) struct Flight<T> {
    work: Arc<Work<T>>,
    place: Place,
}

impl<T> Flight<T> {
    fn of(work: Arc<Work<T>>) -> Self {
        let place = work.bell.place();
        Self { work, place }
    }
}

impl<T: Clone> Future for Flight<T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // Before the look: what happens from here on is heard.
        self.work.bell.wait(&self.place, context.waker());
        self.work.advance(&self.place)
    }
}

/// The one who leaves may be the one who was to go on: the others look.
impl<T> Drop for Flight<T> {
    fn drop(&mut self) {
        let bell = &self.work.bell;
        bell.give_back(&self.place);
        if !self.work.has_ended() {
            bell.ring();
        }
    }
}

struct Work<T> {
    state: Mutex<State<T>>,
    /// Apart from the work: what it waits for holds on to the bell, not to the work.
    bell: Arc<Bell>,
}

enum State<T> {
    /// Whoever comes next goes on with it.
    Resting(BoxFuture<'static, Result<T>>),
    /// Somebody is at it.
    Going,
    Ended(Result<T>),
}

impl<T> Work<T> {
    fn new(future: BoxFuture<'static, Result<T>>) -> Self {
        Self {
            state: Mutex::new(State::Resting(future)),
            bell: Arc::default(),
        }
    }

    fn has_ended(&self) -> bool {
        matches!(*lock(&self.state), State::Ended(_))
    }
}

impl<T: Clone> Work<T> {
    /// Has who waits at `place` go on with the work as far as it goes, if nobody else does.
    fn advance(&self, place: &Place) -> Poll<Result<T>> {
        let mut future = match self.begin() {
            Ok(future) => future,
            Err(outcome) => return outcome,
        };
        self.bell.listen();
        let waker = Waker::from(Arc::clone(&self.bell));
        let mut context = Context::from_waker(&waker);
        // No lock is held: the work may do what it likes, and whoever it wakes finds no closed
        // door.
        let Poll::Ready(outcome) = future.as_mut().poll(&mut context) else {
            *lock(&self.state) = State::Resting(future);
            // Who was woken meanwhile found somebody at it.
            self.bell.ring_again();
            return Poll::Pending;
        };
        drop(future);
        *lock(&self.state) = State::Ended(outcome.clone());
        self.bell.leave(place);
        self.bell.ring();
        Poll::Ready(outcome)
    }

    /// The work, if it is there to be taken; or what to say instead.
    fn begin(&self) -> Result<BoxFuture<'static, Result<T>>, Poll<Result<T>>> {
        let mut state = lock(&self.state);
        match std::mem::replace(&mut *state, State::Going) {
            State::Resting(future) => Ok(future),
            State::Going => Err(Poll::Pending),
            State::Ended(outcome) => {
                *state = State::Ended(outcome.clone());
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
