//! The slots of one cache by their keys.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use super::copies::TokenCopies;
use super::generation::Generation;
use super::key::{Key, KeyRef};
use super::slot::Slot;

/// A slot, and its token as it was when the list was made: one look finds both.
#[derive(Clone)]
pub(super) struct SlotEntry {
    pub(super) key: Arc<Key>,
    pub(super) slot: Arc<Slot>,
    pub(super) token: Option<Arc<TokenCopies>>,
}

/// Entries in the order of their keys' hashes.
///
/// There are few of them, all are copied with every change, and a thread that uses one again does
/// not look here: a sorted list is good enough.
#[derive(Default)]
pub(super) struct Slots<H = RandomState> {
    generation: Generation,
    list: Vec<(u64, SlotEntry)>,
    hasher: H,
}

impl<H: BuildHasher + Clone> Slots<H> {
    /// A copy of the next generation, to be changed and put in the place of this one.
    pub(super) fn next(&self) -> Self {
        Self {
            generation: Generation::next(),
            list: self.list.clone(),
            hasher: self.hasher.clone(),
        }
    }
}

impl<H: BuildHasher> Slots<H> {
    pub(super) fn generation(&self) -> Generation {
        self.generation
    }

    pub(super) fn get<S: AsRef<str>>(&self, key: &KeyRef<'_, S>) -> Option<&SlotEntry> {
        self.position(key)
            .ok()
            .map(|position| &self.list[position].1)
    }

    pub(super) fn get_mut<S: AsRef<str>>(&mut self, key: &KeyRef<'_, S>) -> Option<&mut SlotEntry> {
        let position = self.position(key).ok()?;
        Some(&mut self.list[position].1)
    }

    /// Adds an entry. It replaces one with the same key.
    pub(super) fn insert(&mut self, entry: SlotEntry) {
        let key = KeyRef::from(&*entry.key);
        match self.position(&key) {
            Ok(position) => self.list[position].1 = entry,
            Err(position) => {
                let hash = self.hasher.hash_one(&key);
                self.list.insert(position, (hash, entry));
            }
        }
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&SlotEntry) -> bool) {
        self.list.retain(|(_, entry)| keep(entry));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &SlotEntry> {
        self.list.iter().map(|(_, entry)| entry)
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The position of an entry; the error is the one it would have to have.
    fn position<S: AsRef<str>>(&self, key: &KeyRef<'_, S>) -> Result<usize, usize> {
        let hash = self.hasher.hash_one(key);
        let first = self.list.partition_point(|(other, _)| *other < hash);
        // Different keys may have the same hash; they stand side by side.
        let same_hash = self.list[first..]
            .iter()
            .take_while(|(other, _)| *other == hash);
        let found = same_hash
            .enumerate()
            .find(|(_, (_, entry))| key.matches(&entry.key));
        found.map(|(offset, _)| first + offset).ok_or(first)
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasherDefault, Hasher};

    use super::*;
    use crate::token::TokenRequest;

    /// A hasher that knows four hashes.
    #[derive(Clone, Default)]
    struct FourHashes(u64);

    impl Hasher for FourHashes {
        fn finish(&self) -> u64 {
            self.0 % 4
        }

        fn write(&mut self, bytes: &[u8]) {
            self.0 += bytes.iter().copied().map(u64::from).sum::<u64>();
        }
    }

    fn entry(scope: &str) -> SlotEntry {
        let request = TokenRequest::new(&[scope]).unwrap();
        SlotEntry {
            key: Arc::new(Key::from(&request)),
            slot: Arc::default(),
            token: None,
        }
    }

    #[test]
    fn keys_with_the_same_hash_each_have_an_entry() {
        let mut slots = Slots::<BuildHasherDefault<FourHashes>>::default();
        let scopes: Vec<_> = (0..40).map(|n| format!("s{n}")).collect();
        let entries: Vec<_> = scopes.iter().map(|scope| entry(scope)).collect();
        entries
            .iter()
            .cloned()
            .for_each(|entry| slots.insert(entry));
        for (scope, entry) in scopes.iter().zip(&entries) {
            let key = KeyRef::scopes(std::slice::from_ref(scope));
            assert!(Arc::ptr_eq(&slots.get(&key).unwrap().slot, &entry.slot));
            assert!(slots.get_mut(&key).is_some());
        }
        assert!(slots.get(&KeyRef::scopes(&["s40"])).is_none());
        slots.insert(entry("s7"));
        assert_eq!(slots.len(), scopes.len(), "it replaced the one before");
        slots.retain(|entry| !Arc::ptr_eq(&entry.key, &entries[3].key));
        assert!(slots.get(&KeyRef::scopes(&["s3"])).is_none());
        assert!(slots.get(&KeyRef::scopes(&["s39"])).is_some());
    }
}
