//! Tokens by what was asked for. Finding one takes no lock and allocates nothing.

pub(crate) mod accounts;
mod key;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "what the persistent cache is built on")
)]
pub(crate) mod msal;
mod shared;
mod slot;

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};
use foldhash::fast::RandomState;
use hashbrown::HashMap;

pub(crate) use self::key::{Asked, Key};
pub(crate) use self::shared::Identity;
pub use self::shared::TokenCache;
pub(crate) use self::slot::{Slot, Standing, is_fresh};
use crate::context::UnixTime;
use crate::token::TokenRequest;

/// Most slots kept. A program that asks for more (one per customer's tenant, say) loses those
/// without a valid token first, then those that expire soonest.
const LIMIT: usize = 1024;

pub(crate) type Slots = HashMap<Arc<Key>, Arc<Slot>, RandomState>;

/// The slots of one credential.
#[derive(Default)]
pub(crate) struct Cache {
    /// Replaced as a whole when a slot comes or goes, which is rare.
    slots: ArcSwap<Slots>,
    growing: Mutex<()>,
}

impl Cache {
    /// The slots as they are now.
    pub(crate) fn load(&self) -> Guard<Arc<Slots>> {
        self.slots.load()
    }

    /// Forgets all tokens. A fetch on its way keeps the slot it was begun for, which is nobody's
    /// from now on.
    pub(crate) fn clear(&self) {
        let _growing = self.growing.lock().unwrap_or_else(PoisonError::into_inner);
        self.slots.store(Arc::default());
    }

    /// When the last of its tokens expires; `None` when there is none.
    fn last_expiry(&self) -> Option<UnixTime> {
        self.load()
            .values()
            .filter_map(|slot| slot.expires_on())
            .max()
    }

    /// The slot for `request`, made when there is none.
    pub(crate) fn slot(&self, request: &TokenRequest, now: UnixTime) -> Arc<Slot> {
        let asked = Asked::from(request);
        if let Some(slot) = self.load().get(&asked) {
            return Arc::clone(slot);
        }
        let _growing = self.growing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.slots.load();
        if let Some(slot) = before.get(&asked) {
            return Arc::clone(slot);
        }
        let mut slots = Slots::clone(&before);
        make_room(&mut slots, now);
        let slot = Arc::new(Slot::default());
        slots.insert(Arc::new(Key::from(request)), Arc::clone(&slot));
        self.slots.store(Arc::new(slots));
        slot
    }
}

fn make_room(slots: &mut Slots, now: UnixTime) {
    if slots.len() < LIMIT {
        return;
    }
    slots.retain(|_, slot| slot.expires_on() > Some(now) || slot.in_flight());
    if slots.len() < LIMIT {
        return;
    }
    let idle = slots.iter().filter(|(_, slot)| !slot.in_flight());
    let soonest = idle
        .min_by_key(|(_, slot)| slot.expires_on())
        .map(|(key, _)| Arc::clone(key));
    if let Some(key) = soonest {
        slots.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::AccessToken;

    const NOW: UnixTime = UnixTime::from_seconds(1_000);

    fn store(cache: &Cache, scope: &str, expires_on: i64) {
        let slot = cache.slot(&TokenRequest::new(&[scope]).unwrap(), NOW);
        let expires_on = UnixTime::from_seconds(expires_on).into();
        slot.store(AccessToken::new("t", expires_on), NOW);
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
        assert_eq!(cache.load().len(), LIMIT - 10 + 1);
        for n in 0..100 {
            store(&cache, &format!("another {n}").replace(' ', "-"), 9_000);
        }
        let slots = cache.load();
        assert_eq!(slots.len(), LIMIT);
        assert!(
            slots.get(&Asked::scopes(&["s10"])).is_none(),
            "it expired soonest"
        );
        assert!(slots.get(&Asked::scopes(&["s1023"])).is_some());
    }
}
