//! What a thread has found lately: finding it again touches nothing that other threads write to.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use super::edition::Edition;
use super::fresh_until;
use super::key::{Asked, Key};
use super::slots::Slots;
use crate::context::UnixTime;
use crate::sync::Thread;
use crate::token::{AccessToken, Token};

/// Tokens a thread remembers. One that uses more in turn looks some of them up again.
const FINDS: usize = 8;
/// Caches a thread remembers.
const CACHES: usize = 4;

thread_local! {
    static RECENT: RefCell<Recent> = const {
        RefCell::new(Recent {
            finds: Memory::new(),
            slots: Memory::new(),
        })
    };
}

/// It keeps no token alive: those of a credential that is gone, or of a user who is signed out, are
/// wiped at once, whoever found them.
struct Recent {
    finds: Memory<Find, FINDS>,
    slots: Memory<Seen, CACHES>,
}

/// A token, as it was found.
struct Find {
    thread: Thread,
    edition: Edition,
    key: Arc<Key>,
    token: Weak<Token>,
    fresh_until: UnixTime,
}

/// All slots of a cache, as they were seen.
struct Seen {
    thread: Thread,
    edition: Edition,
    slots: Weak<Slots>,
}

/// The token for `asked`, if this thread has found it in this `edition` and it is still fresh.
#[inline]
pub(super) fn find<S: AsRef<str>>(
    edition: Edition,
    asked: &Asked<'_, S>,
    now: UnixTime,
) -> Option<AccessToken> {
    let thread = Thread::current();
    let find = |recent: &RefCell<Recent>| {
        let recent = recent.borrow();
        let mut finds = recent.finds.iter();
        let found = finds.find(|find| {
            find.edition == edition && find.thread == thread && asked.asks_for(&find.key)
        })?;
        let token = found.token.upgrade()?;
        (now < found.fresh_until).then_some(AccessToken(token))
    };
    RECENT.try_with(find).ok()?
}

/// Has this thread find `token` again as long as it asks the same `edition` for `key`.
pub(super) fn remember_find(edition: Edition, key: &Arc<Key>, token: &AccessToken) {
    let thread = Thread::current();
    let find = Find {
        thread,
        edition,
        key: Arc::clone(key),
        token: Arc::downgrade(&token.0),
        fresh_until: fresh_until(&token.0),
    };
    let _ended = RECENT.try_with(|recent| {
        // An older find of the same token is of no more use.
        let is_same = |old: &Find| old.thread == thread && old.token.ptr_eq(&find.token);
        let is_over = |old: &Find| old.token.strong_count() == 0 || is_same(old);
        let mut recent = recent.borrow_mut();
        let place = recent.finds.place(is_over);
        recent.finds.items[place] = Some(find);
    });
}

/// The slots of this `edition`, if this thread has seen them.
pub(super) fn slots(edition: Edition) -> Option<Arc<Slots>> {
    let thread = Thread::current();
    let seen = |recent: &RefCell<Recent>| {
        let recent = recent.borrow();
        let mut seen = recent.slots.iter();
        let found = seen.find(|seen| seen.edition == edition && seen.thread == thread)?;
        found.slots.upgrade()
    };
    RECENT.try_with(seen).ok()?
}

/// Has this thread see `slots` again as long as it asks for the same edition.
pub(super) fn remember_slots(slots: &Arc<Slots>) {
    let seen = Seen {
        thread: Thread::current(),
        edition: slots.edition(),
        slots: Arc::downgrade(slots),
    };
    let _ended = RECENT.try_with(|recent| {
        let mut recent = recent.borrow_mut();
        let place = recent.slots.place(|old| old.slots.strong_count() == 0);
        recent.slots.items[place] = Some(seen);
    });
}

/// The last few of something.
struct Memory<T, const N: usize> {
    items: [Option<T>; N],
    /// Which one is forgotten next.
    oldest: usize,
}

impl<T, const N: usize> Memory<T, N> {
    const fn new() -> Self {
        let items = [const { None }; N];
        Self { items, oldest: 0 }
    }

    #[inline]
    fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter().flatten()
    }

    /// Where the next one goes: where there is none or one that `is_over`, or in the place of the
    /// oldest.
    fn place(&mut self, is_over: impl Fn(&T) -> bool) -> usize {
        let free = |item: &Option<T>| item.as_ref().is_none_or(&is_over);
        self.items.iter().position(free).unwrap_or_else(|| {
            let oldest = self.oldest;
            self.oldest = (oldest + 1) % N;
            oldest
        })
    }
}
