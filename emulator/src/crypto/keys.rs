//! The signing keys of a running emulator.

mod ring;
mod signing_key;

use std::sync::{Arc, Mutex, OnceLock};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::base::clock::Clock;
use crate::base::sync::lock;
use ring::Ring;

pub use ring::Rotation;
pub(crate) use signing_key::KeyPair;
pub use signing_key::SigningKey;

/// The signing keys of a running emulator; clones share them.
///
/// Exactly one key signs. Keys that signed before stay published for a while, so that the tokens
/// they signed still verify, and the next key can be published before it signs. All of it goes by
/// the emulator's [`Clock`].
#[derive(Clone, Debug)]
pub struct Keys(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    seed: Option<u64>,
    clock: Clock,
    ring: Mutex<Ring>,
    outsider: OnceLock<SigningKey>,
}

/// One published key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedKey {
    /// Its id, as in the header of tokens.
    pub kid: String,
    /// Whether new tokens are signed with it.
    pub signs: bool,
    /// Until when it is published (RFC 3339); `None` while it has no successor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_until: Option<String>,
}

impl Keys {
    /// `first` signs from the beginning of time; its successors come from the seed, if there is
    /// one.
    pub(crate) fn new(first: SigningKey, seed: Option<u64>, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            seed,
            clock,
            ring: Mutex::new(Ring::new(first)),
            outsider: OnceLock::new(),
        }))
    }

    /// A ring of its own that begins with the key that signs now, and goes by another clock.
    pub(crate) fn anew(&self, clock: Clock) -> Self {
        let now = self.0.clock.now();
        let first = self.ring(|ring| ring.signing(now).key.clone());
        Self::new(first, self.0.seed, clock)
    }

    /// Makes a new key and has it take over. Returns at once: the key is made on a thread of its
    /// own, and whoever needs it first waits for it.
    pub fn rotate(&self, rotation: &Rotation) {
        self.rotate_at(rotation, self.0.clock.now());
    }

    /// The same at `now`, for a request that came in then and shall see it already.
    pub(crate) fn rotate_at(&self, rotation: &Rotation, now: OffsetDateTime) {
        let next = |number| {
            let seeded = |seed| SigningKey::successor(seed, number);
            self.0.seed.map_or_else(SigningKey::generate, seeded)
        };
        self.ring(|ring| ring.rotate(rotation, now, next));
    }

    /// The keys published now, oldest first. Waits for a key that is still being made.
    pub async fn published(&self) -> Vec<PublishedKey> {
        let now = self.0.clock.now();
        let signing = self.signer(now).await;
        let mut keys = Vec::new();
        for slot in self.ring(|ring| ring.published(now)) {
            let kid = slot.key.ready().await.kid.clone();
            keys.push(PublishedKey {
                signs: kid == signing.kid,
                kid,
                published_until: slot
                    .published_until
                    .and_then(|end| end.format(&Rfc3339).ok()),
            });
        }
        keys
    }

    /// The key that signs at `now`, when it is made.
    pub(crate) async fn signer(&self, now: OffsetDateTime) -> Arc<KeyPair> {
        let made = self.ring(|ring| {
            let key = &ring.signing(now).key;
            key.if_made().ok_or_else(|| key.clone())
        });
        match made {
            Ok(made) => made,
            Err(key) => key.ready().await,
        }
    }

    /// The keys that may have signed what is still good at `now`.
    pub(crate) fn verifying(&self, now: OffsetDateTime) -> Vec<Arc<KeyPair>> {
        let slots = self.ring(|ring| ring.published(now));
        slots.iter().filter_map(|slot| slot.key.if_made()).collect()
    }

    /// All keys whose signatures verify at `now`, oldest first.
    pub(crate) async fn ready(&self, now: OffsetDateTime) -> Vec<Arc<KeyPair>> {
        let mut keys = Vec::new();
        for slot in self.ring(|ring| ring.published(now)) {
            keys.push(slot.key.ready().await);
        }
        keys
    }

    /// A key that is never published, for tokens nobody should believe.
    pub(crate) async fn outsider(&self) -> Arc<KeyPair> {
        let make = || {
            let seeded = |seed| SigningKey::successor(seed, u64::MAX);
            self.0.seed.map_or_else(SigningKey::generate, seeded)
        };
        self.0.outsider.get_or_init(make).ready().await
    }

    fn ring<T>(&self, act: impl FnOnce(&mut Ring) -> T) -> T {
        act(&mut lock(&self.0.ring))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn frozen() -> (Clock, Keys) {
        let clock = Clock::default();
        clock.freeze();
        let keys = Keys::new(SigningKey::generate(), None, clock.clone());
        (clock, keys)
    }

    async fn kids(keys: &Keys) -> Vec<String> {
        let published = keys.published().await;
        published.into_iter().map(|key| key.kid).collect()
    }

    async fn signing(keys: &Keys) -> String {
        let mut published = keys.published().await;
        published.retain(|key| key.signs);
        assert_eq!(published.len(), 1);
        published.remove(0).kid
    }

    #[tokio::test]
    async fn the_old_key_stays_for_the_overlap_and_then_goes() {
        let (clock, keys) = frozen();
        let old = signing(&keys).await;
        keys.rotate(&Rotation {
            overlap_s: 60,
            announce_s: 0,
        });
        let new = signing(&keys).await;
        assert_ne!(new, old);
        assert_eq!(kids(&keys).await, [old, new.clone()]);
        clock.advance(Duration::from_secs(60));
        assert_eq!(kids(&keys).await, [new]);
    }

    #[tokio::test]
    async fn an_announced_key_is_published_before_it_signs() {
        let (clock, keys) = frozen();
        let old = signing(&keys).await;
        keys.rotate(&Rotation {
            overlap_s: 0,
            announce_s: 60,
        });
        assert_eq!(kids(&keys).await.len(), 2);
        assert_eq!(signing(&keys).await, old);
        clock.advance(Duration::from_secs(60));
        assert_eq!(kids(&keys).await.len(), 1);
        assert_ne!(signing(&keys).await, old);
    }

    #[tokio::test]
    async fn a_seed_decides_about_every_key_to_come() {
        let kids = async || {
            let keys = Keys::new(SigningKey::from_seed(5), Some(5), Clock::default());
            keys.rotate(&Rotation::default());
            kids(&keys).await
        };
        let first = kids().await;
        assert_ne!(first[0], first[1]);
        assert_eq!(kids().await, first);
    }

    #[tokio::test]
    async fn withdrawn_keys_are_forgotten() {
        let (clock, keys) = frozen();
        let kid = signing(&keys).await;
        for _ in 0..3 {
            keys.rotate(&Rotation {
                overlap_s: 10,
                announce_s: 0,
            });
            clock.advance(Duration::from_secs(20));
        }
        assert!(keys.ring(|ring| ring.len()) <= 2);
        assert_ne!(signing(&keys).await, kid);
    }
}
