//! The tokens in memory of one identity, by what was asked for.
//!
//! Finding one allocates nothing, and takes no lock but for a thread's first look after a token
//! came or went. From the second time on it writes to nothing that other threads use.

pub(crate) mod accounts;
mod copies;
mod generation;
mod key;
pub(crate) mod msal;
#[cfg(feature = "persistent-cache")]
mod persistent;
mod persistent_tokens;
mod recent;
mod shared;
mod slot;
mod slots;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use self::copies::TokenCopies;
use self::generation::Generation;
pub(crate) use self::key::{Key, KeyRef};
#[cfg(feature = "persistent-cache")]
pub use self::persistent::TokenCachePersistenceOptions;
pub(crate) use self::persistent_tokens::PersistentTokens;
pub use self::shared::TokenCache;
pub(crate) use self::slot::{Freshness, Slot, fresh_until};
use self::slots::{SlotEntry, Slots};
use crate::context::UnixTime;
use crate::sync::{AtomicI64, Mutex, lock};
use crate::token::{AccessToken, TokenRequest};

/// How many slots there are at most. A program that asks for more (one per customer's tenant, say)
/// loses those without a valid token first, then those that expire soonest.
const LIMIT: usize = 1024;

/// The slots of one identity: of one credential and its clones, or of all that share a cache.
#[derive(Default)]
pub(crate) struct Cache {
    /// Replaced as a whole when a slot or a token comes or goes, which is rare, and locked only as
    /// long as it takes to copy or to replace a pointer.
    slots: Mutex<Arc<Slots>>,
    /// The generation of `slots`. It is written after them, so that a thread that reads it finds
    /// slots at least as new.
    generation: AtomicI64,
    /// Held by a thread that changes `slots`, from its copy of the old ones to the new ones in
    /// place.
    changing: Mutex<()>,
}

impl Cache {
    /// The token, if there is nothing to do about it. The warm path of every call.
    #[inline]
    pub(crate) fn fresh<S: AsRef<str>>(
        &self,
        key: &KeyRef<'_, S>,
        now: UnixTime,
    ) -> Option<AccessToken> {
        let generation = self.generation();
        recent::token(generation, key, now).or_else(|| self.look_up(generation, key, now))
    }

    /// The token as for [`Cache::fresh`], when this thread has not found it before.
    #[inline(never)]
    fn look_up<S: AsRef<str>>(
        &self,
        generation: Generation,
        key: &KeyRef<'_, S>,
        now: UnixTime,
    ) -> Option<AccessToken> {
        let slots = self.slots_at(generation);
        let entry = slots.get(key)?;
        let copies = entry.token.as_ref()?;
        if now >= fresh_until(&copies.token().0) {
            return None;
        }
        let token = copies.of_this_thread();
        recent::remember_token(slots.generation(), &entry.key, token);
        Some(token.clone())
    }

    #[inline]
    fn generation(&self) -> Generation {
        Generation(self.generation.load(Ordering::Acquire))
    }

    /// The slots of `generation` if this thread has them, else as they are now.
    fn slots_at(&self, generation: Generation) -> Arc<Slots> {
        recent::slots(generation).unwrap_or_else(|| {
            let slots = self.slots();
            recent::remember_slots(&slots);
            slots
        })
    }

    /// The slots as they are now.
    fn slots(&self) -> Arc<Slots> {
        Arc::clone(&lock(&self.slots))
    }

    /// Puts `slots` in the place of those before. The caller holds `changing`.
    fn publish(&self, slots: Slots) {
        let generation = slots.generation();
        let mut current = lock(&self.slots);
        let before = std::mem::replace(&mut *current, Arc::new(slots));
        drop(current);
        self.generation.store(generation.0, Ordering::Release);
        // Tokens that were only there are wiped now, when no lock is held.
        drop(before);
    }

    /// Stores `token`, fetched at `now` for `request` on behalf of `slot`. Callers find it from
    /// then on, unless the slot is no longer in this cache.
    pub(crate) fn store(
        &self,
        slot: &Arc<Slot>,
        request: &TokenRequest,
        token: AccessToken,
        now: UnixTime,
    ) {
        let _changing = lock(&self.changing);
        slot.store(token.clone(), now);
        let before = self.slots();
        let key = KeyRef::from(request);
        let found = before.get(&key);
        // The cache was cleared while the token was fetched, and may have a new slot for the key.
        if found.is_none_or(|entry| !Arc::ptr_eq(&entry.slot, slot)) {
            return;
        }
        let mut slots = before.next();
        if let Some(entry) = slots.get_mut(&key) {
            entry.token = Some(Arc::new(TokenCopies::new(token)));
        }
        self.publish(slots);
    }

    /// Removes all slots and their tokens. A fetch on its way keeps the slot it was begun for,
    /// which is no longer in this cache, so no caller will find what the fetch brings.
    pub(crate) fn clear(&self) {
        let _changing = lock(&self.changing);
        self.publish(Slots::default().next());
    }

    /// The moment the last of its tokens expires; `None` when there is none.
    fn last_expiry(&self) -> Option<UnixTime> {
        let slots = self.slots();
        slots
            .iter()
            .filter_map(|entry| entry.slot.expires_on())
            .max()
    }

    /// The slot for `request`, made when there is none.
    pub(crate) fn slot(&self, request: &TokenRequest, now: UnixTime) -> Arc<Slot> {
        let key = KeyRef::from(request);
        if let Some(entry) = self.slots_at(self.generation()).get(&key) {
            return Arc::clone(&entry.slot);
        }
        let _changing = lock(&self.changing);
        let before = self.slots();
        // Another thread may have made it before this one had the lock.
        if let Some(entry) = before.get(&key) {
            return Arc::clone(&entry.slot);
        }
        let mut slots = before.next();
        make_room(&mut slots, now);
        let slot = Arc::new(Slot::default());
        slots.insert(SlotEntry {
            key: Arc::new(Key::from(request)),
            slot: Arc::clone(&slot),
            token: None,
        });
        self.publish(slots);
        slot
    }
}

/// Removes what can best be spared from `slots` that are full. Slots with a fetch on its way stay,
/// or a second fetch would begin beside it.
fn make_room(slots: &mut Slots, now: UnixTime) {
    if slots.len() < LIMIT {
        return;
    }
    slots.retain(|SlotEntry { slot, .. }| slot.expires_on() > Some(now) || slot.in_flight());
    if slots.len() < LIMIT {
        return;
    }
    let idle = slots.iter().filter(|entry| !entry.slot.in_flight());
    let expires_soonest = idle
        .min_by_key(|entry| entry.slot.expires_on())
        .map(|entry| Arc::clone(&entry.key));
    if let Some(key) = expires_soonest {
        slots.retain(|entry| !Arc::ptr_eq(&entry.key, &key));
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
    fn the_number_of_slots_is_bounded_and_those_with_an_expired_token_go_first() {
        let cache = Cache::default();
        for n in 0..LIMIT {
            let is_expired = n < 10;
            store(
                &cache,
                &format!("s{n}"),
                if is_expired { 999 } else { 5_000 + n as i64 },
            );
        }
        store(&cache, "one-more", 9_000);
        assert_eq!(cache.slots().len(), LIMIT - 10 + 1);
        for n in 0..100 {
            store(&cache, &format!("another {n}").replace(' ', "-"), 9_000);
        }
        let slots = cache.slots();
        assert_eq!(slots.len(), LIMIT);
        assert!(
            slots.get(&KeyRef::scopes(&["s10"])).is_none(),
            "it expired soonest"
        );
        assert!(slots.get(&KeyRef::scopes(&["s1023"])).is_some());
    }

    #[test]
    fn a_token_is_found_as_soon_as_it_is_stored_and_its_successor_after_it() {
        let cache = Cache::default();
        let text = |cache: &Cache| {
            let found = cache.fresh(&KeyRef::scopes(&["s"]), NOW)?;
            Some(found.expires_on().unix_timestamp())
        };
        assert_eq!(text(&cache), None);
        store(&cache, "s", 5_000);
        assert_eq!(text(&cache), Some(5_000));
        store(&cache, "s", 6_000);
        assert_eq!(text(&cache), Some(6_000));
    }

    #[test]
    fn all_tokens_are_found_again_however_many_there_are() {
        let cache = Cache::default();
        let scopes: Vec<_> = (0..20).map(|n| format!("s{n}")).collect();
        for (scope, expires_on) in scopes.iter().zip(5_000..) {
            store(&cache, scope, expires_on);
        }
        for (scope, expires_on) in scopes.iter().zip(5_000..).cycle().take(100) {
            let found = cache.fresh(&KeyRef::scopes(&[scope]), NOW).unwrap();
            assert_eq!(found.expires_on().unix_timestamp(), expires_on, "{scope}");
        }
    }

    /// In a model a lock that its holder asks for again is a failure, and the test does not hang.
    #[test]
    fn tokens_that_a_thread_has_found_before_it_finds_without_a_lock_however_many() {
        let model = || {
            let cache = Cache::default();
            let scopes: Vec<_> = (0..20).map(|n| format!("s{n}")).collect();
            for scope in &scopes {
                store(&cache, scope, 5_000);
            }
            let found = |scope| cache.fresh(&KeyRef::scopes(&[scope]), NOW).is_some();
            assert!(found(&scopes[0]));
            let _slots = cache.slots.lock().unwrap();
            let _changing = cache.changing.lock().unwrap();
            assert!(scopes.iter().chain(&scopes).all(found));
        };
        shuttle::check_random(model, 1);
    }

    #[test]
    fn caches_with_the_same_key_do_not_find_each_others_tokens() {
        let caches = [5_000, 6_000].map(|expires_on| {
            let cache = Cache::default();
            store(&cache, "s", expires_on);
            (cache, expires_on)
        });
        for (cache, expires_on) in caches.iter().cycle().take(6) {
            let found = cache.fresh(&KeyRef::scopes(&["s"]), NOW).unwrap();
            assert_eq!(found.expires_on().unix_timestamp(), *expires_on);
        }
    }

    #[test]
    fn a_token_found_before_is_not_given_out_past_its_time() {
        let cache = Cache::default();
        store(&cache, "s", 5_000);
        let found = |at| {
            let at = UnixTime::from_seconds(at);
            cache.fresh(&KeyRef::scopes(&["s"]), at).is_some()
        };
        assert!(found(1_000));
        assert!(found(4_699));
        assert!(!found(4_700), "callers wait for the next one");
    }

    #[test]
    fn a_token_that_a_thread_has_found_is_wiped_with_its_cache_all_the_same() {
        let cache = Cache::default();
        store(&cache, "s", 5_000);
        let found = cache.fresh(&KeyRef::scopes(&["s"]), NOW).unwrap();
        let text = Arc::downgrade(&found.0.text);
        drop(found);
        assert!(text.upgrade().is_some());
        drop(cache);
        assert!(text.upgrade().is_none());
    }

    #[test]
    fn threads_share_a_tokens_text_and_each_has_a_counter_of_its_own() {
        let cache = Cache::default();
        store(&cache, "s", 5_000);
        let find = || cache.fresh(&KeyRef::scopes(&["s"]), NOW).unwrap();
        let theirs = || std::thread::scope(|scope| scope.spawn(find).join().unwrap());
        let (ours, theirs) = (find(), theirs());
        assert!(Arc::ptr_eq(&ours.0, &find().0));
        assert!(!Arc::ptr_eq(&ours.0, &theirs.0));
        assert!(Arc::ptr_eq(&ours.0.text, &theirs.0.text));
    }

    #[test]
    fn the_token_of_a_fetch_that_was_begun_before_the_cache_was_cleared_is_not_found() {
        let cache = Cache::default();
        let request = TokenRequest::new(&["s"]).unwrap();
        let before = cache.slot(&request, NOW);
        cache.clear();
        let after = cache.slot(&request, NOW);
        let token = AccessToken::new("t", UnixTime::from_seconds(5_000).into());
        cache.store(&before, &request, token, NOW);
        assert!(cache.fresh(&KeyRef::scopes(&["s"]), NOW).is_none());
        assert!(after.valid(NOW).is_none());
    }
}
