//! Tokens by what was asked for. Finding one allocates nothing and takes no lock, but for a
//! thread's first look after a token came or went; from the second time on it writes to nothing
//! that other threads use.

pub(crate) mod accounts;
mod edition;
mod kept;
mod key;
pub(crate) mod msal;
#[cfg(feature = "persistent-cache")]
mod persistent;
mod recent;
mod shared;
mod shares;
mod slot;
mod slots;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use self::edition::Edition;
pub(crate) use self::kept::Kept;
pub(crate) use self::key::{Asked, Key};
#[cfg(feature = "persistent-cache")]
pub use self::persistent::TokenCachePersistenceOptions;
pub use self::shared::TokenCache;
use self::shares::Shares;
pub(crate) use self::slot::{Slot, Standing, fresh_until};
use self::slots::{Entry, Slots};
use crate::context::UnixTime;
use crate::sync::{AtomicI64, Mutex, lock};
use crate::token::{AccessToken, TokenRequest};

/// Most slots kept. A program that asks for more (one per customer's tenant, say) loses those
/// without a valid token first, then those that expire soonest.
const LIMIT: usize = 1024;

/// The slots of one credential.
#[derive(Default)]
pub(crate) struct Cache {
    /// Replaced as a whole when a slot or a token comes or goes, which is rare, and locked only as
    /// long as it takes to copy or to replace a pointer.
    slots: Mutex<Arc<Slots>>,
    /// The edition of `slots`, written after them.
    edition: AtomicI64,
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
        let edition = self.edition();
        recent::find(edition, asked, now).or_else(|| self.look_up(edition, asked, now))
    }

    /// The same, where the thread has not found it before.
    #[inline(never)]
    fn look_up<S: AsRef<str>>(
        &self,
        edition: Edition,
        asked: &Asked<'_, S>,
        now: UnixTime,
    ) -> Option<AccessToken> {
        let slots = self.seen(edition);
        let entry = slots.get(asked)?;
        let shares = entry.token.as_ref()?;
        if now >= fresh_until(&shares.token().0) {
            return None;
        }
        let share = shares.of_this_thread();
        recent::remember_find(slots.edition(), &entry.key, share);
        Some(share.clone())
    }

    #[inline]
    fn edition(&self) -> Edition {
        Edition(self.edition.load(Ordering::Acquire))
    }

    /// The slots as this thread saw them in `edition`, or as they are now.
    fn seen(&self, edition: Edition) -> Arc<Slots> {
        recent::slots(edition).unwrap_or_else(|| {
            let slots = self.slots();
            recent::remember_slots(&slots);
            slots
        })
    }

    /// The slots as they are now.
    fn slots(&self) -> Arc<Slots> {
        Arc::clone(&lock(&self.slots))
    }

    /// Has `slots` found from now on, for whoever holds `growing`.
    fn publish(&self, slots: Slots) {
        let edition = slots.edition();
        let mut current = lock(&self.slots);
        let before = std::mem::replace(&mut *current, Arc::new(slots));
        drop(current);
        self.edition.store(edition.0, Ordering::Release);
        // Tokens that are nobody's any more are wiped while nobody waits.
        drop(before);
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
        let _growing = lock(&self.growing);
        slot.store(token.clone(), now);
        let before = self.slots();
        let asked = Asked::from(request);
        let found = before.get(&asked);
        if found.is_none_or(|entry| !Arc::ptr_eq(&entry.slot, slot)) {
            return;
        }
        let mut slots = before.next();
        if let Some(entry) = slots.get_mut(&asked) {
            entry.token = Some(Arc::new(Shares::new(token)));
        }
        self.publish(slots);
    }

    /// Forgets all tokens. A fetch on its way keeps the slot it was begun for, which is nobody's
    /// from now on.
    pub(crate) fn clear(&self) {
        let _growing = lock(&self.growing);
        self.publish(Slots::default().next());
    }

    /// When the last of its tokens expires; `None` when there is none.
    fn last_expiry(&self) -> Option<UnixTime> {
        let slots = self.slots();
        slots
            .iter()
            .filter_map(|entry| entry.slot.expires_on())
            .max()
    }

    /// The slot for `request`, made when there is none.
    pub(crate) fn slot(&self, request: &TokenRequest, now: UnixTime) -> Arc<Slot> {
        let asked = Asked::from(request);
        if let Some(entry) = self.seen(self.edition()).get(&asked) {
            return Arc::clone(&entry.slot);
        }
        let _growing = lock(&self.growing);
        let before = self.slots();
        if let Some(entry) = before.get(&asked) {
            return Arc::clone(&entry.slot);
        }
        let mut slots = before.next();
        make_room(&mut slots, now);
        let slot = Arc::new(Slot::default());
        slots.insert(Entry {
            key: Arc::new(Key::from(request)),
            slot: Arc::clone(&slot),
            token: None,
        });
        self.publish(slots);
        slot
    }
}

fn make_room(slots: &mut Slots, now: UnixTime) {
    if slots.len() < LIMIT {
        return;
    }
    slots.retain(|Entry { slot, .. }| slot.expires_on() > Some(now) || slot.in_flight());
    if slots.len() < LIMIT {
        return;
    }
    let idle = slots.iter().filter(|entry| !entry.slot.in_flight());
    let soonest = idle
        .min_by_key(|entry| entry.slot.expires_on())
        .map(|entry| Arc::clone(&entry.key));
    if let Some(key) = soonest {
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
        assert_eq!(cache.slots().len(), LIMIT - 10 + 1);
        for n in 0..100 {
            store(&cache, &format!("another {n}").replace(' ', "-"), 9_000);
        }
        let slots = cache.slots();
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
    fn all_tokens_are_found_again_however_many_there_are() {
        let cache = Cache::default();
        let scopes: Vec<_> = (0..20).map(|n| format!("s{n}")).collect();
        for (scope, expires_on) in scopes.iter().zip(5_000..) {
            store(&cache, scope, expires_on);
        }
        for (scope, expires_on) in scopes.iter().zip(5_000..).cycle().take(100) {
            let found = cache.fresh(&Asked::scopes(&[scope]), NOW).unwrap();
            assert_eq!(found.expires_on().unix_timestamp(), expires_on, "{scope}");
        }
    }

    /// In a model a lock that its holder asks for again is a failure and no standstill.
    #[test]
    fn what_a_thread_has_seen_it_finds_without_a_lock_however_much_it_is() {
        let model = || {
            let cache = Cache::default();
            let scopes: Vec<_> = (0..20).map(|n| format!("s{n}")).collect();
            for scope in &scopes {
                store(&cache, scope, 5_000);
            }
            let found = |scope| cache.fresh(&Asked::scopes(&[scope]), NOW).is_some();
            assert!(found(&scopes[0]));
            let _slots = cache.slots.lock().unwrap();
            let _growing = cache.growing.lock().unwrap();
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
            let found = cache.fresh(&Asked::scopes(&["s"]), NOW).unwrap();
            assert_eq!(found.expires_on().unix_timestamp(), *expires_on);
        }
    }

    #[test]
    fn a_token_found_before_is_not_given_out_past_its_time() {
        let cache = Cache::default();
        store(&cache, "s", 5_000);
        let found = |at| {
            let at = UnixTime::from_seconds(at);
            cache.fresh(&Asked::scopes(&["s"]), at).is_some()
        };
        assert!(found(1_000));
        assert!(found(4_699));
        assert!(!found(4_700), "callers wait for the next one");
    }

    #[test]
    fn nobody_keeps_a_token_from_being_wiped_by_having_found_it() {
        let cache = Cache::default();
        store(&cache, "s", 5_000);
        let found = cache.fresh(&Asked::scopes(&["s"]), NOW).unwrap();
        let text = Arc::downgrade(&found.0.text);
        drop(found);
        assert!(text.upgrade().is_some());
        drop(cache);
        assert!(text.upgrade().is_none());
    }

    #[test]
    fn threads_have_the_same_text_and_each_its_own_counter() {
        let cache = Cache::default();
        store(&cache, "s", 5_000);
        let find = || cache.fresh(&Asked::scopes(&["s"]), NOW).unwrap();
        let theirs = || std::thread::scope(|scope| scope.spawn(find).join().unwrap());
        let (ours, theirs) = (find(), theirs());
        assert!(Arc::ptr_eq(&ours.0, &find().0));
        assert!(!Arc::ptr_eq(&ours.0, &theirs.0));
        assert!(Arc::ptr_eq(&ours.0.text, &theirs.0.text));
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
