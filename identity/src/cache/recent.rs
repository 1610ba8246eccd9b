//! The tokens a thread has found lately: finding one again touches nothing that other threads write
//! to.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use super::fresh_until;
use super::generation::Generation;
use super::key::{Key, KeyRef};
use super::slots::Slots;
use crate::context::UnixTime;
use crate::sync::Thread;
use crate::token::{AccessToken, Token};

/// How many tokens a thread remembers. One that uses more in turn looks some of them up again.
const TOKENS: usize = 8;
/// How many caches a thread remembers.
const CACHES: usize = 4;

thread_local! {
    static RECENT: RefCell<Recent> = const {
        RefCell::new(Recent {
            tokens: RecentList::new(),
            slots: RecentList::new(),
        })
    };
}

/// The memory of one thread.
///
/// It keeps no token alive: those of a credential that is gone, or of a user who is signed out, are
/// wiped at once, whichever threads have found them.
struct Recent {
    tokens: RecentList<RecentToken, TOKENS>,
    slots: RecentList<RecentSlots, CACHES>,
}

/// A token, as it was found.
struct RecentToken {
    thread: Thread,
    generation: Generation,
    key: Arc<Key>,
    token: Weak<Token>,
    fresh_until: UnixTime,
}

/// All slots of a cache, as they were found.
struct RecentSlots {
    thread: Thread,
    generation: Generation,
    slots: Weak<Slots>,
}

/// The token of `key`, if this thread has found it in this `generation` and it is still fresh.
#[inline]
pub(super) fn token<S: AsRef<str>>(
    generation: Generation,
    key: &KeyRef<'_, S>,
    now: UnixTime,
) -> Option<AccessToken> {
    let thread = Thread::current();
    let find = |recent: &RefCell<Recent>| {
        let recent = recent.borrow();
        let mut tokens = recent.tokens.iter();
        let found = tokens.find(|token| {
            token.generation == generation && token.thread == thread && key.matches(&token.key)
        })?;
        let token = found.token.upgrade()?;
        (now < found.fresh_until).then_some(AccessToken(token))
    };
    RECENT.try_with(find).ok()?
}

/// Has this thread find `token` again as long as it looks for `key` in the same `generation`.
pub(super) fn remember_token(generation: Generation, key: &Arc<Key>, token: &AccessToken) {
    let thread = Thread::current();
    let new = RecentToken {
        thread,
        generation,
        key: Arc::clone(key),
        token: Arc::downgrade(&token.0),
        fresh_until: fresh_until(&token.0),
    };
    let _ended = RECENT.try_with(|recent| {
        // What was found of this token in an older generation is of no more use.
        let address = Arc::as_ptr(&token.0);
        let is_same = |old: &RecentToken| old.thread == thread && old.token.as_ptr() == address;
        let is_over = |old: &RecentToken| old.token.strong_count() == 0 || is_same(old);
        recent.borrow_mut().tokens.insert(new, is_over);
    });
}

/// The slots of this `generation`, if this thread has found them.
pub(super) fn slots(generation: Generation) -> Option<Arc<Slots>> {
    let thread = Thread::current();
    let find = |recent: &RefCell<Recent>| {
        let recent = recent.borrow();
        let mut all = recent.slots.iter();
        let found = all.find(|slots| slots.generation == generation && slots.thread == thread)?;
        found.slots.upgrade()
    };
    RECENT.try_with(find).ok()?
}

/// Has this thread find `slots` again as long as it looks for the same generation.
pub(super) fn remember_slots(slots: &Arc<Slots>) {
    let new = RecentSlots {
        thread: Thread::current(),
        generation: slots.generation(),
        slots: Arc::downgrade(slots),
    };
    let _ended = RECENT.try_with(|recent| {
        let is_over = |old: &RecentSlots| old.slots.strong_count() == 0;
        recent.borrow_mut().slots.insert(new, is_over);
    });
}

/// The last `N` of something.
struct RecentList<T, const N: usize> {
    items: [Option<T>; N],
    /// The index of the item that is forgotten next.
    oldest: usize,
}

impl<T, const N: usize> RecentList<T, N> {
    const fn new() -> Self {
        let items = [const { None }; N];
        Self { items, oldest: 0 }
    }

    #[inline]
    fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter().flatten()
    }

    /// Puts `new` where there is no item or one that `is_over`; else in the place of the oldest.
    fn insert(&mut self, new: T, is_over: impl Fn(&T) -> bool) {
        let is_free = |item: &Option<T>| item.as_ref().is_none_or(&is_over);
        let index = self.items.iter().position(is_free).unwrap_or_else(|| {
            let oldest = self.oldest;
            self.oldest = (oldest + 1) % N;
            oldest
        });
        self.items[index] = Some(new);
    }
}
