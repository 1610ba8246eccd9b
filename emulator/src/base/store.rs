//! A map with an expiry on each entry, for what a request leaves behind for later ones.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard};

use time::OffsetDateTime;

use crate::base::sync::lock;

/// A bounded map whose entries end by themselves, so that memory does not grow with time.
#[derive(Debug)]
pub(crate) struct Store<K, V> {
    shelf: Mutex<Shelf<K, V>>,
    capacity: usize,
}

#[derive(Debug)]
struct Shelf<K, V> {
    entries: HashMap<K, StoredValue<V>>,
    /// The keys in the order in which they expire; the number tells apart those that expire
    /// together.
    ends: BTreeMap<(OffsetDateTime, u64), K>,
    next: u64,
}

#[derive(Debug)]
struct StoredValue<V> {
    value: V,
    end: (OffsetDateTime, u64),
}

impl<K: Eq + Hash + Clone, V: Clone> Store<K, V> {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            shelf: Mutex::new(Shelf {
                entries: HashMap::new(),
                ends: BTreeMap::new(),
                next: 0,
            }),
            capacity,
        }
    }

    /// The entry, unless it has ended.
    pub(crate) fn find(&self, key: &K, now: OffsetDateTime) -> Option<V> {
        let shelf = self.shelf();
        let kept = shelf.entries.get(key).filter(|kept| kept.end.0 > now)?;
        Some(kept.value.clone())
    }

    /// Changes the entry, unless it has ended; other requests see it before or after, not between.
    pub(crate) fn change<R>(
        &self,
        key: &K,
        now: OffsetDateTime,
        change: impl FnOnce(&mut V) -> R,
    ) -> Option<R> {
        let mut shelf = self.shelf();
        let kept = shelf.entries.get_mut(key).filter(|kept| kept.end.0 > now)?;
        Some(change(&mut kept.value))
    }

    /// Takes the entry out, unless it has ended.
    pub(crate) fn remove(&self, key: &K, now: OffsetDateTime) -> Option<V> {
        let kept = self.shelf().forget(key)?;
        (kept.end.0 > now).then_some(kept.value)
    }

    /// Keeps `value` until `until`, and drops whatever has ended by now. A full store drops what
    /// ends soonest.
    pub(crate) fn keep(&self, key: K, value: V, until: OffsetDateTime, now: OffsetDateTime) {
        let mut shelf = self.shelf();
        shelf.forget(&key);
        while shelf.soonest().is_some_and(|end| end <= now)
            || shelf.entries.len() >= self.capacity.max(1)
        {
            shelf.drop_soonest();
        }
        shelf.next += 1;
        let end = (until, shelf.next);
        shelf.ends.insert(end, key.clone());
        shelf.entries.insert(key, StoredValue { value, end });
    }

    /// How many there are, ended ones not yet dropped included.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.shelf().entries.len()
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf<K, V>> {
        lock(&self.shelf)
    }
}

impl<K: Eq + Hash, V> Shelf<K, V> {
    fn soonest(&self) -> Option<OffsetDateTime> {
        self.ends.first_key_value().map(|((end, _), _)| *end)
    }

    fn drop_soonest(&mut self) {
        if let Some((_, key)) = self.ends.pop_first() {
            self.entries.remove(&key);
        }
    }

    fn forget(&mut self, key: &K) -> Option<StoredValue<V>> {
        let kept = self.entries.remove(key)?;
        self.ends.remove(&kept.end);
        Some(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    #[test]
    fn an_entry_is_found_until_it_ends() {
        let store = Store::with_capacity(4);
        store.keep("a", 1, at(10), at(0));
        assert_eq!(store.find(&"a", at(9)), Some(1));
        assert_eq!(store.find(&"a", at(10)), None);
    }

    #[test]
    fn a_full_store_drops_what_ends_soonest() {
        let store = Store::with_capacity(2);
        for (key, until) in [("a", 30), ("b", 20), ("c", 40)] {
            store.keep(key, (), at(until), at(0));
        }
        assert!(store.find(&"b", at(0)).is_none());
        assert!(store.find(&"a", at(0)).is_some() && store.find(&"c", at(0)).is_some());
    }

    #[test]
    fn as_time_goes_on_memory_does_not_grow() {
        let clock = crate::base::clock::Clock::default();
        clock.freeze();
        let store = Store::with_capacity(1_000_000);
        for number in 0..10_000 {
            let now = clock.now();
            store.keep(number, (), now + std::time::Duration::from_secs(600), now);
            clock.advance(std::time::Duration::from_secs(1));
        }
        let shelf = store.shelf();
        assert_eq!((shelf.entries.len(), shelf.ends.len()), (600, 600));
        assert!(shelf.entries.contains_key(&9_999) && !shelf.entries.contains_key(&9_399));
    }

    #[test]
    fn what_is_kept_again_is_kept_once() {
        let store = Store::with_capacity(4);
        for until in [10, 30, 20] {
            store.keep("a", until, at(until), at(0));
        }
        assert_eq!(store.find(&"a", at(19)), Some(20));
        assert_eq!(store.find(&"a", at(20)), None);
        assert_eq!(store.shelf().ends.len(), 1);
    }
}
