//! One token in the hands of many threads.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::token::AccessToken;

/// Most shares of one token. Threads beyond that share one with another.
const LIMIT: usize = 8;

/// A token, and what each thread clones instead of it. Two threads that clone and drop the same
/// token all the time wait for each other at its counter; each share has its own.
pub(super) struct Shares {
    token: AccessToken,
    shares: [OnceLock<AccessToken>; LIMIT],
}

impl Shares {
    pub(super) fn new(token: AccessToken) -> Self {
        let shares = [const { OnceLock::new() }; LIMIT];
        Self { token, shares }
    }

    /// The token itself.
    pub(super) fn token(&self) -> &AccessToken {
        &self.token
    }

    /// This thread's share.
    pub(super) fn of_this_thread(&self) -> &AccessToken {
        let number = NUMBER.try_with(|number| *number).unwrap_or_default();
        self.shares[number % LIMIT].get_or_init(|| self.token.share())
    }
}

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Counted in the order of the first use, so that the first few threads never meet.
    static NUMBER: usize = THREADS.fetch_add(1, Ordering::Relaxed);
}
