//! What a thread has found lately: finding it again touches nothing that other threads write to.

use std::cell::RefCell;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Weak};

use super::fresh_until;
use super::key::{Asked, Key};
use crate::context::UnixTime;
use crate::sync::Thread;
use crate::token::{AccessToken, Token};

/// Finds a thread remembers. One that uses more tokens in turn looks some of them up again.
const LIMIT: usize = 8;

/// A state of one cache; every state of every cache has another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Edition(pub(super) i64);

impl Edition {
    /// One that was not there before.
    pub(super) fn next() -> Self {
        static LAST: AtomicI64 = AtomicI64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

thread_local! {
    static RECENT: RefCell<Recent> = const {
        RefCell::new(Recent {
            finds: [const { None }; LIMIT],
            next: 0,
        })
    };
}

struct Recent {
    finds: [Option<Find>; LIMIT],
    /// Where the next find goes.
    next: usize,
}

/// It keeps no token alive: those of a credential that is gone, or of a user who is signed out, are
/// wiped at once, whoever found them.
struct Find {
    thread: Thread,
    edition: Edition,
    key: Arc<Key>,
    token: Weak<Token>,
    fresh_until: UnixTime,
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
        let mut finds = recent.finds.iter().flatten();
        let found = finds.find(|find| {
            find.edition == edition && find.thread == thread && asked.asks_for(&find.key)
        })?;
        let token = found.token.upgrade()?;
        (now < found.fresh_until).then_some(AccessToken(token))
    };
    RECENT.try_with(find).ok()?
}

/// Has this thread find `token` again as long as it asks the same `edition` for `key`.
pub(super) fn remember(edition: Edition, key: &Arc<Key>, token: &AccessToken) {
    let find = Find {
        thread: Thread::current(),
        edition,
        key: Arc::clone(key),
        token: Arc::downgrade(&token.0),
        fresh_until: fresh_until(&token.0),
    };
    let _ended = RECENT.try_with(|recent| {
        let mut recent = recent.borrow_mut();
        let place = recent.next;
        recent.finds[place] = Some(find);
        recent.next = (place + 1) % LIMIT;
    });
}
