//! Tokens by what was asked for. Finding one takes no lock and allocates nothing.

pub(crate) mod accounts;
mod kept;
mod key;
pub(crate) mod msal;
#[cfg(feature = "persistent-cache")]
mod persistent;
mod shared;
mod slot;

use std::sync::{Arc, PoisonError};

use foldhash::fast::RandomState;
use hashbrown::HashMap;

pub(crate) use self::kept::Kept;
pub(crate) use self::key::{Asked, Key};
#[cfg(feature = "persistent-cache")]
pub use self::persistent::TokenCachePersistenceOptions;
pub(crate) use self::shared::Identity;
pub use self::shared::TokenCache;
pub(crate) use self::slot::{Slot, Standing, is_fresh};
use crate::context::UnixTime;
use crate::sync::{ArcSwap, Mutex};
use crate::token::{AccessToken, Token, TokenRequest};

/// Most slots kept. A program that asks for more (one per customer's tenant, say) loses those
/// without a valid token first, then those that expire soonest.
const LIMIT: usize = 1024;

type Slots = HashMap<Arc<Key>, Entry, RandomState>;

/// A slot, and its token as it was when the map was made: one look finds both.
#[derive(Clone)]
struct Entry {
    slot: Arc<Slot>,
    token: Option<Arc<Token>>,
}

/// The slots of one credential.
#[derive(Default)]
pub(crate) struct Cache {
    /// Replaced as a whole when a slot or a token comes or goes, which is rare.
    slots: ArcSwap<Slots>,
    growing: Mutex<()>,
}

impl Cache {
    /// The token, if there is nothing to do about it. The warm path of every call.
    #[inline]
    pub(crate) fn fresh<S: AsRef<str>>(
        &self,
        asked: &Asked<'_, S>,
        now: UnixTime,
    ) -> Option<AccessToken> {
        let slots = self.slots.load();
        let token = slots.get(asked)?.token.as_ref()?;
        is_fresh(token, now).then(|| AccessToken(Arc::clone(token)))
    }

    /// Keeps `token`, fetched at `now` for `request` on behalf of `slot`. It is found from then on,
    /// unless the slot is nobody's any more.
    pub(crate) fn store(
        &self,
        slot: &Arc<Slot>,
        request: &TokenRequest,
        token: AccessToken,
        now: UnixTime,
    ) {
        let _growing = self.growing.lock().unwrap_or_else(PoisonError::into_inner);
        slot.store(token.clone(), now);
        let before = self.slots.load();
        let asked = Asked::from(request);
        let found = before.get(&asked);
        if found.is_none_or(|entry| !Arc::ptr_eq(&entry.slot, slot)) {
            return;
        }
        let mut slots = Slots::clone(&before);
        if let Some(entry) = slots.get_mut(&asked) {
            entry.token = Some(token.0);
        }
        self.slots.store(Arc::new(slots));
    }

    /// Forgets all tokens. A fetch on its way keeps the slot it was begun for, which is nobody's
    /// from now on.
    pub(crate) fn clear(&self) {
        let _growing = self.growing.lock().unwrap_or_else(PoisonError::into_inner);
        self.slots.store(Arc::default());
    }

    /// When the last of its tokens expires; `None` when there is none.
    fn last_expiry(&self) -> Option<UnixTime> {
        let slots = self.slots.load();
        slots
            .values()
            .filter_map(|entry| entry.slot.expires_on())
            .max()
    }

    /// The slot for `request`, made when there is none.
    pub(crate) fn slot(&self, request: &TokenRequest, now: UnixTime) -> Arc<Slot> {
        let asked = Asked::from(request);
        if let Some(entry) = self.slots.load().get(&asked) {
            return Arc::clone(&entry.slot);
        }
        let _growing = self.growing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.slots.load();
        if let Some(entry) = before.get(&asked) {
            return Arc::clone(&entry.slot);
        }
        let mut slots = Slots::clone(&before);
        make_room(&mut slots, now);
        let slot = Arc::new(Slot::default());
        let entry = Entry {
            slot: Arc::clone(&slot),
            token: None,
        };
        slots.insert(Arc::new(Key::from(request)), entry);
        self.slots.store(Arc::new(slots));
        slot
    }
}

fn make_room(slots: &mut Slots, now: UnixTime) {
    if slots.len() < LIMIT {
        return;
    }
    slots.retain(|_, Entry { slot, .. }| slot.expires_on() > Some(now) || slot.in_flight());
    if slots.len() < LIMIT {
        return;
    }
    let idle = slots.iter().filter(|(_, entry)| !entry.slot.in_flight());
    let soonest = idle
        .min_by_key(|(_, entry)| entry.slot.expires_on())
        .map(|(key, _)| Arc::clone(key));
    if let Some(key) = soonest {
        slots.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_seconds(1_000);

    fn store(cache: &Cache, scope: &str, expires_on: i64) {
        let request = TokenRequest::new(&[scope]).unwrap();
        let expires_on = UnixTime::from_seconds(expires_on).into();
        let token = AccessToken::new("t", expires_on);
        cache.store(&cache.slot(&request, NOW), &request, token, NOW);
    }

    #[test]
    fn the_number_of_slots_is_bounded_and_dead_ones_go_first() {
        let cache = Cache::default();
        for n in 0..LIMIT {
            let dead = n < 10;
            store(
                &cache,
                &format!("s{n}"),
                if dead { 999 } else { 5_000 + n as i64 },
            );
        }
        store(&cache, "one-more", 9_000);
        assert_eq!(cache.slots.load().len(), LIMIT - 10 + 1);
        for n in 0..100 {
            store(&cache, &format!("another {n}").replace(' ', "-"), 9_000);
        }
        let slots = cache.slots.load();
        assert_eq!(slots.len(), LIMIT);
        assert!(
            slots.get(&Asked::scopes(&["s10"])).is_none(),
            "it expired soonest"
        );
        assert!(slots.get(&Asked::scopes(&["s1023"])).is_some());
    }

    #[test]
    fn a_token_is_found_as_soon_as_it_is_stored_and_its_successor_after_it() {
        let cache = Cache::default();
        let text = |cache: &Cache| {
            let found = cache.fresh(&Asked::scopes(&["s"]), NOW)?;
            Some(found.expires_on().unix_timestamp())
        };
        assert_eq!(text(&cache), None);
        store(&cache, "s", 5_000);
        assert_eq!(text(&cache), Some(5_000));
        store(&cache, "s", 6_000);
        assert_eq!(text(&cache), Some(6_000));
    }

    #[test]
    fn what_a_forgotten_fetch_brings_is_not_found() {
        let cache = Cache::default();
        let request = TokenRequest::new(&["s"]).unwrap();
        let before = cache.slot(&request, NOW);
        cache.clear();
        let after = cache.slot(&request, NOW);
        let token = AccessToken::new("t", UnixTime::from_seconds(5_000).into());
        cache.store(&before, &request, token, NOW);
        assert!(cache.fresh(&Asked::scopes(&["s"]), NOW).is_none());
        assert!(after.valid(NOW).is_none());
    }
}
