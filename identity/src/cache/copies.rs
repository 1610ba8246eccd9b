//! Copies of one token for many threads.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::token::AccessToken;

/// How many copies there are of one token at most. Threads beyond that use one together.
const LIMIT: usize = 8;

/// A token, and copies of it that have the same text and each a reference counter of its own.
///
/// Two threads that clone and drop the same token all the time wait for each other at its counter.
/// So each thread clones its copy instead.
pub(super) struct TokenCopies {
    token: AccessToken,
    copies: [OnceLock<AccessToken>; LIMIT],
}

impl TokenCopies {
    pub(super) fn new(token: AccessToken) -> Self {
        let copies = [const { OnceLock::new() }; LIMIT];
        Self { token, copies }
    }

    /// The token itself.
    pub(super) fn token(&self) -> &AccessToken {
        &self.token
    }

    /// The copy of this thread.
    pub(super) fn of_this_thread(&self) -> &AccessToken {
        let number = NUMBER.try_with(|number| *number).unwrap_or_default();
        self.copies[number % LIMIT].get_or_init(|| self.token.share())
    }
}

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// A number for this thread. They are given in the order of the first use, so that the first
    /// few threads never have the same copy.
    static NUMBER: usize = THREADS.fetch_add(1, Ordering::Relaxed);
}
