//! Who waits for something to happen.

use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::sync::{Mutex, MutexGuard, lock};

/// Wakes everyone who waits. They are woken with nothing locked, so that whoever runs at once does
/// not wait for the one who woke it.
#[derive(Default)]
pub(super) struct Bell(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    /// By places; many may wait, and each comes again after every ring.
    wakers: Vec<Option<Waker>>,
    free: Vec<usize>,
    /// Whether it has rung since somebody began to listen.
    has_rung: bool,
}

/// Where one of them waits.
pub(super) struct Place(usize);

#[cfg(test)]
impl Place {
    pub(super) fn number(&self) -> usize {
        self.0
    }
}

impl Bell {
    /// A place of one's own.
    pub(super) fn place(&self) -> Place {
        let mut waiting = self.waiting();
        let free = waiting.free.pop();
        Place(free.unwrap_or_else(|| {
            waiting.wakers.push(None);
            waiting.wakers.len() - 1
        }))
    }

    /// Has `waker` woken by the next ring.
    pub(super) fn wait(&self, place: &Place, waker: &Waker) {
        let mut waiting = self.waiting();
        let known = &mut waiting.wakers[place.0];
        if known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            return;
        }
        let before = known.replace(waker.clone());
        drop(waiting);
        // It may be all that is left of a task, with a place here in it.
        drop(before);
    }

    /// Who has this place waits no more.
    pub(super) fn leave(&self, place: &Place) {
        let left = self.waiting().wakers[place.0].take();
        drop(left);
    }

    /// The same, for good.
    pub(super) fn give_back(&self, place: &Place) {
        self.leave(place);
        self.waiting().free.push(place.0);
    }

    /// From now on it is remembered whether it rings.
    pub(super) fn listen(&self) {
        self.waiting().has_rung = false;
    }

    /// Wakes those who came to wait after a ring, if there was one.
    pub(super) fn ring_again(&self) {
        let has_rung = self.waiting().has_rung;
        if has_rung {
            self.ring();
        }
    }

    pub(super) fn ring(&self) {
        let mut waiting = self.waiting();
        waiting.has_rung = true;
        let wakers: Vec<_> = waiting.wakers.iter_mut().filter_map(Option::take).collect();
        drop(waiting);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        lock(&self.0)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}
