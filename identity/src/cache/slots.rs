//! The slots of one cache, by their keys.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use super::edition::Edition;
use super::key::{Asked, Key};
use super::shares::Shares;
use super::slot::Slot;

/// A slot, and its token as it was when the map was made: one look finds both.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) key: Arc<Key>,
    pub(super) slot: Arc<Slot>,
    pub(super) token: Option<Arc<Shares>>,
}

/// Entries in the order of their keys' hashes. There are few, they are copied whole with every
/// change, and a thread that uses one again does not look here: a list does.
#[derive(Default)]
pub(super) struct Slots<H = RandomState> {
    edition: Edition,
    list: Vec<(u64, Entry)>,
    hasher: H,
}

impl<H: BuildHasher + Clone> Slots<H> {
    /// The same, to be changed and put in the place of these.
    pub(super) fn next(&self) -> Self {
        Self {
            edition: Edition::next(),
            list: self.list.clone(),
            hasher: self.hasher.clone(),
        }
    }
}

impl<H: BuildHasher> Slots<H> {
    pub(super) fn edition(&self) -> Edition {
        self.edition
    }

    pub(super) fn get<S: AsRef<str>>(&self, asked: &Asked<'_, S>) -> Option<&Entry> {
        self.place(asked).ok().map(|place| &self.list[place].1)
    }

    pub(super) fn get_mut<S: AsRef<str>>(&mut self, asked: &Asked<'_, S>) -> Option<&mut Entry> {
        let place = self.place(asked).ok()?;
        Some(&mut self.list[place].1)
    }

    /// Adds an entry, or puts it in the place of the one with the same key.
    pub(super) fn insert(&mut self, entry: Entry) {
        let asked = Asked::from(&*entry.key);
        match self.place(&asked) {
            Ok(place) => self.list[place].1 = entry,
            Err(place) => {
                let hash = self.hasher.hash_one(&asked);
                self.list.insert(place, (hash, entry));
            }
        }
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&Entry) -> bool) {
        self.list.retain(|(_, entry)| keep(entry));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.list.iter().map(|(_, entry)| entry)
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Where the entry is, or where it would have to be.
    fn place<S: AsRef<str>>(&self, asked: &Asked<'_, S>) -> Result<usize, usize> {
        let hash = self.hasher.hash_one(asked);
        let first = self.list.partition_point(|(other, _)| *other < hash);
        let same = self.list[first..]
            .iter()
            .take_while(|(other, _)| *other == hash);
        let found = same
            .enumerate()
            .find(|(_, (_, entry))| asked.asks_for(&entry.key));
        found.map(|(after, _)| first + after).ok_or(first)
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasherDefault, Hasher};

    use super::*;
    use crate::token::TokenRequest;

    /// Has four hashes for everything.
    #[derive(Clone, Default)]
    struct Poor(u64);

    impl Hasher for Poor {
        fn finish(&self) -> u64 {
            self.0 % 4
        }

        fn write(&mut self, bytes: &[u8]) {
            self.0 += bytes.iter().copied().map(u64::from).sum::<u64>();
        }
    }

    fn entry(scope: &str) -> Entry {
        let request = TokenRequest::new(&[scope]).unwrap();
        Entry {
            key: Arc::new(Key::from(&request)),
            slot: Arc::default(),
            token: None,
        }
    }

    #[test]
    fn keys_with_the_same_hash_have_each_their_entry() {
        let mut slots = Slots::<BuildHasherDefault<Poor>>::default();
        let scopes: Vec<_> = (0..40).map(|n| format!("s{n}")).collect();
        let entries: Vec<_> = scopes.iter().map(|scope| entry(scope)).collect();
        entries.iter().cloned().for_each(|one| slots.insert(one));
        for (scope, entry) in scopes.iter().zip(&entries) {
            let asked = Asked::scopes(std::slice::from_ref(scope));
            assert!(Arc::ptr_eq(&slots.get(&asked).unwrap().slot, &entry.slot));
            assert!(slots.get_mut(&asked).is_some());
        }
        assert!(slots.get(&Asked::scopes(&["s40"])).is_none());
        slots.insert(entry("s7"));
        assert_eq!(slots.len(), scopes.len(), "one took the place of another");
        slots.retain(|one| !Arc::ptr_eq(&one.key, &entries[3].key));
        assert!(slots.get(&Asked::scopes(&["s3"])).is_none());
        assert!(slots.get(&Asked::scopes(&["s39"])).is_some());
    }
}
