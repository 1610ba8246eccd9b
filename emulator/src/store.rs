//! What requests leave behind for later requests, with an expiry on each entry.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use time::OffsetDateTime;

/// A bounded map whose entries end by themselves, so that memory does not grow with time.
#[derive(Debug)]
pub(crate) struct Store<K, V> {
    entries: Mutex<HashMap<K, Kept<V>>>,
    capacity: usize,
}

#[derive(Debug)]
struct Kept<V> {
    value: V,
    until: OffsetDateTime,
}

impl<K: Eq + Hash + Clone, V: Clone> Store<K, V> {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            entries: Mutex::default(),
            capacity,
        }
    }

    /// The entry, unless it has ended.
    pub(crate) fn find(&self, key: &K, now: OffsetDateTime) -> Option<V> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries
            .get(key)
            .filter(|kept| kept.until > now)
            .map(|kept| kept.value.clone())
    }

    /// Changes the entry, unless it has ended; other requests see it before or after, not between.
    pub(crate) fn change<R>(
        &self,
        key: &K,
        now: OffsetDateTime,
        change: impl FnOnce(&mut V) -> R,
    ) -> Option<R> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = entries.get_mut(key).filter(|kept| kept.until > now)?;
        Some(change(&mut kept.value))
    }

    /// Takes the entry out, unless it has ended.
    pub(crate) fn remove(&self, key: &K, now: OffsetDateTime) -> Option<V> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = entries.remove(key).filter(|kept| kept.until > now)?;
        Some(kept.value)
    }

    /// Keeps `value` until `until`. A full store first drops what has ended, then what ends soonest.
    pub(crate) fn keep(&self, key: K, value: V, until: OffsetDateTime, now: OffsetDateTime) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.capacity && !entries.contains_key(&key) {
            entries.retain(|_, kept| kept.until > now);
            if entries.len() >= self.capacity {
                let soonest = entries.iter().min_by_key(|(_, kept)| kept.until);
                if let Some(key) = soonest.map(|(key, _)| key.clone()) {
                    entries.remove(&key);
                }
            }
        }
        entries.insert(key, Kept { value, until });
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
}
