//! The ring of signing keys: when each is published, and which of them signs.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::signing_key::SigningKey;

/// Keys that follow one another.
#[derive(Debug)]
pub(super) struct Ring {
    /// Oldest first; the last that has begun is the one that signs.
    slots: Vec<Slot>,
    /// How many keys there have been before: with a seed, each has a number of its own.
    made: u64,
}

/// A key and its time.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) key: SigningKey,
    signs_from: OffsetDateTime,
    pub(super) published_until: Option<OffsetDateTime>,
}

/// How a new signing key takes over from the old one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rotation {
    /// How long the old key stays published after the new one signs, in seconds; default a day,
    /// which is how long clients may keep what they fetched. With 0 its tokens fail at once.
    pub overlap_s: u32,
    /// How long the new key is published before it signs, in seconds; default 0.
    pub announce_s: u32,
}

impl Default for Rotation {
    fn default() -> Self {
        Self {
            overlap_s: 24 * 3600,
            announce_s: 0,
        }
    }
}

impl Ring {
    /// `first` signs from the beginning of time.
    pub(super) fn new(first: SigningKey) -> Self {
        let first = Slot {
            key: first,
            signs_from: OffsetDateTime::UNIX_EPOCH - Duration::from_secs(u32::MAX.into()),
            published_until: None,
        };
        Self {
            slots: vec![first],
            made: 1,
        }
    }

    /// Has another key take over, which `next` makes by its number.
    pub(super) fn rotate(
        &mut self,
        rotation: &Rotation,
        now: OffsetDateTime,
        next: impl FnOnce(u64) -> SigningKey,
    ) {
        let seconds = |count: u32| Duration::from_secs(count.into());
        let signs_from = now + seconds(rotation.announce_s);
        let until = signs_from + seconds(rotation.overlap_s);
        let key = next(self.made);
        self.made += 1;
        self.drop_withdrawn(now);
        // A key that was announced and has not signed yet is overtaken like any other.
        for slot in &mut self.slots {
            let end = slot.published_until.map_or(until, |end| end.min(until));
            slot.published_until = Some(end);
        }
        self.slots.push(Slot {
            key,
            signs_from,
            published_until: None,
        });
    }

    /// The key that signs at `now`.
    pub(super) fn signing(&self, now: OffsetDateTime) -> &Slot {
        let begun = |slot: &&Slot| slot.signs_from <= now;
        // Before all time the first key signs as well.
        self.slots.iter().rfind(begun).unwrap_or(&self.slots[0])
    }

    /// The keys published at `now`, oldest first.
    ///
    /// The one that signs is published even if its time is over, for instance because the clock
    /// was turned back.
    pub(super) fn published(&self, now: OffsetDateTime) -> Vec<Slot> {
        let signing = self.signing(now);
        let shown = |slot: &&Slot| {
            std::ptr::eq(*slot, signing) || slot.published_until.is_none_or(|end| end > now)
        };
        self.slots.iter().filter(shown).cloned().collect()
    }

    fn drop_withdrawn(&mut self, now: OffsetDateTime) {
        let signing = self.signing(now).signs_from;
        self.slots.retain(|slot| {
            slot.signs_from == signing || slot.published_until.is_none_or(|end| end > now)
        });
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }
}
