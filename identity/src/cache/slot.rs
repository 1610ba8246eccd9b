//! One token, and the one fetch that replaces it.

use std::time::Duration;

use crate::context::UnixTime;
use crate::error::Result;
use crate::joint::{Flight, Joint};
use crate::sync::{Mutex, MutexGuard, lock};
use crate::token::{AccessToken, Token};

/// In the last minutes of a token callers wait for the next one.
const EXPIRING: Duration = Duration::from_secs(300);
/// After a fetch, good or bad, a valid token is served this long without another.
const BACK_OFF: Duration = Duration::from_secs(30);

/// Where one key's token lives.
#[derive(Default)]
pub(crate) struct Slot {
    state: Mutex<State>,
    flight: Joint<AccessToken>,
}

struct State {
    token: Option<AccessToken>,
    /// Before it a valid token is not refreshed.
    rest_until: UnixTime,
}

impl Default for State {
    fn default() -> Self {
        Self {
            token: None,
            rest_until: UnixTime::from_millis(0),
        }
    }
}

/// Until when there is nothing to do about `token`.
pub(crate) fn fresh_until(token: &Token) -> UnixTime {
    let expiring = token.expires_on.minus(EXPIRING);
    token
        .refresh_on
        .map_or(expiring, |ageing| expiring.min(ageing))
}

/// What a slot's token is good for.
pub(crate) enum Standing {
    /// Serve it.
    Fresh(AccessToken),
    /// Serve it, and fetch the next one meanwhile.
    Ageing(AccessToken),
    /// Wait for the next one; serve this one, while it is valid, if none comes.
    Expiring,
    /// There is none.
    Missing,
}

impl Slot {
    /// What to do about the token.
    pub(crate) fn standing(&self, now: UnixTime) -> Standing {
        let state = self.state();
        let Some(token) = state.valid(now) else {
            return Standing::Missing;
        };
        if now < state.rest_until {
            return Standing::Fresh(token);
        }
        if token.0.expires_on.minus(EXPIRING) <= now {
            return Standing::Expiring;
        }
        match token.0.refresh_on {
            Some(moment) if moment <= now => Standing::Ageing(token),
            _ => Standing::Fresh(token),
        }
    }

    /// The token, if it has not expired.
    pub(crate) fn valid(&self, now: UnixTime) -> Option<AccessToken> {
        self.state().valid(now)
    }

    /// When the token expires; `None` when there is none.
    pub(crate) fn expires_on(&self) -> Option<UnixTime> {
        self.state().token.as_ref().map(|token| token.0.expires_on)
    }

    /// Keeps `token`, fetched at `now`; for [`Cache::store`](super::Cache::store) alone. One that
    /// lives less than a minute is not let be for longer than half of that, or nobody would ask for
    /// the next before its end.
    pub(super) fn store(&self, token: AccessToken, now: UnixTime) {
        let rest = BACK_OFF.min(token.0.expires_on.since(now) / 2);
        let next = State {
            token: Some(token),
            rest_until: now.plus(rest),
        };
        // The one before is wiped when nobody waits for the lock.
        let before = std::mem::replace(&mut *self.state(), next);
        drop(before);
    }

    /// Lets a valid token be after a fetch.
    pub(crate) fn rest(&self, now: UnixTime) {
        self.state().rest_until = now.plus(BACK_OFF);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// A seat in the fetch on its way, or in the one `start` makes; and whether it was made.
    pub(crate) fn seat<F>(
        &self,
        name: &'static str,
        start: impl FnOnce() -> F,
    ) -> (Flight<AccessToken>, bool)
    where
        F: Future<Output = Result<AccessToken>> + Send + 'static,
    {
        self.flight.seat(name, start)
    }

    /// Whether a fetch is on its way.
    pub(crate) fn in_flight(&self) -> bool {
        self.flight.in_flight()
    }
}

impl State {
    fn valid(&self, now: UnixTime) -> Option<AccessToken> {
        let token = self.token.as_ref()?;
        (now < token.0.expires_on).then(|| token.clone())
    }
}
