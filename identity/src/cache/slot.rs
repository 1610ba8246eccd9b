//! One token, and the one fetch that replaces it.

use std::time::Duration;

use crate::context::UnixTime;
use crate::error::Result;
use crate::single_flight::{Flight, SingleFlight};
use crate::sync::{Mutex, MutexGuard, lock};
use crate::token::{AccessToken, Token};

/// In the last minutes of a token's life callers wait for the next one.
const EXPIRING: Duration = Duration::from_secs(300);
/// After a fetch, good or bad, a valid token is served this long without another.
const BACK_OFF: Duration = Duration::from_secs(30);

/// The token of one key.
#[derive(Default)]
pub(crate) struct Slot {
    state: Mutex<SlotState>,
    flight: SingleFlight<AccessToken>,
}

struct SlotState {
    token: Option<AccessToken>,
    /// Before this moment a valid token is not refreshed.
    back_off_until: UnixTime,
}

impl Default for SlotState {
    fn default() -> Self {
        Self {
            token: None,
            back_off_until: UnixTime::from_millis(0),
        }
    }
}

/// The moment until which there is nothing to do about `token`.
pub(crate) fn fresh_until(token: &Token) -> UnixTime {
    let expiring = token.expires_on.minus(EXPIRING);
    token
        .refresh_on
        .map_or(expiring, |refresh_on| expiring.min(refresh_on))
}

/// The freshness of a slot's token, which says what to do about it.
pub(crate) enum Freshness {
    /// There is nothing to do: callers get it.
    Fresh(AccessToken),
    /// Callers get it, and the next one is fetched meanwhile.
    RefreshDue(AccessToken),
    /// Callers wait for the next one. If none comes they get this one, while it is valid.
    Expiring,
    /// There is no valid token.
    Missing,
}

impl Slot {
    pub(crate) fn freshness(&self, now: UnixTime) -> Freshness {
        let state = self.state();
        let Some(token) = state.valid(now) else {
            return Freshness::Missing;
        };
        if now < state.back_off_until {
            return Freshness::Fresh(token);
        }
        if token.0.expires_on.minus(EXPIRING) <= now {
            return Freshness::Expiring;
        }
        match token.0.refresh_on {
            Some(moment) if moment <= now => Freshness::RefreshDue(token),
            _ => Freshness::Fresh(token),
        }
    }

    /// The token, if it has not expired.
    pub(crate) fn valid(&self, now: UnixTime) -> Option<AccessToken> {
        self.state().valid(now)
    }

    /// The moment the token expires; `None` when there is none.
    pub(crate) fn expires_on(&self) -> Option<UnixTime> {
        self.state().token.as_ref().map(|token| token.0.expires_on)
    }

    /// Stores `token`, fetched at `now`. [`Cache::store`](super::Cache::store) alone calls this,
    /// for it also has to publish the token.
    pub(super) fn store(&self, token: AccessToken, now: UnixTime) {
        // Half of a short life at most, or nobody would ask for the next token before its end.
        let back_off = BACK_OFF.min(token.0.expires_on.since(now) / 2);
        let next = SlotState {
            token: Some(token),
            back_off_until: now.plus(back_off),
        };
        // The token before is wiped when the lock is free again.
        let before = std::mem::replace(&mut *self.state(), next);
        drop(before);
    }

    /// Lets no fetch replace a valid token for a while, after one that failed at `now`.
    pub(crate) fn back_off(&self, now: UnixTime) {
        self.state().back_off_until = now.plus(BACK_OFF);
    }

    fn state(&self) -> MutexGuard<'_, SlotState> {
        lock(&self.state)
    }

    /// Joins the fetch on its way, or begins what `start` makes; returns whether it was begun.
    pub(crate) fn join<F>(
        &self,
        name: &'static str,
        start: impl FnOnce() -> F,
    ) -> (Flight<AccessToken>, bool)
    where
        F: Future<Output = Result<AccessToken>> + Send + 'static,
    {
        self.flight.join(name, start)
    }

    /// Whether a fetch is on its way.
    pub(crate) fn in_flight(&self) -> bool {
        self.flight.in_flight()
    }
}

impl SlotState {
    fn valid(&self, now: UnixTime) -> Option<AccessToken> {
        let token = self.token.as_ref()?;
        (now < token.0.expires_on).then(|| token.clone())
    }
}
