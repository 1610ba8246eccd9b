//! The one generator everything random comes from.

use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};
use uuid::Uuid;

use crate::base::sync::lock;

/// Ids and opaque values; with a seed, the same ones in the same order.
#[derive(Debug)]
pub(crate) struct Random(Mutex<ChaCha20Rng>);

impl Random {
    /// From `seed`, or from the system's generator.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self(Mutex::new(
            seed.map_or_else(from_system, ChaCha20Rng::seed_from_u64),
        ))
    }

    /// Another generator, which follows from this one.
    pub(crate) fn branch(&self) -> Self {
        Self(Mutex::new(ChaCha20Rng::from_seed(self.bytes())))
    }

    pub(crate) fn uuid(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// Two ids by one look at the generator, which all threads share.
    pub(crate) fn uuids(&self) -> [Uuid; 2] {
        let bytes = self.bytes::<32>();
        [0, 16].map(|start| {
            let half = std::array::from_fn(|at| bytes[start + at]);
            uuid::Builder::from_random_bytes(half).into_uuid()
        })
    }

    /// `N` random bytes as base64url without padding.
    pub(crate) fn opaque<const N: usize>(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<N>())
    }

    /// `N` upper-case letters that are not taken for one another when read and typed.
    pub(crate) fn letters<const N: usize>(&self) -> String {
        const LETTERS: &[u8; 16] = b"ABCDEFGHJKLPQRTZ";
        let letter = |byte: u8| char::from(LETTERS[usize::from(byte % 16)]);
        self.bytes::<N>().into_iter().map(letter).collect()
    }

    /// `N` bytes that look random and follow from `id`.
    pub(crate) fn spread<const N: usize>(id: Uuid) -> [u8; N] {
        let mut seed = [0; 32];
        seed[..16].copy_from_slice(id.as_bytes());
        let mut bytes = [0; N];
        ChaCha20Rng::from_seed(seed).fill_bytes(&mut bytes);
        bytes
    }

    /// `N` random bytes.
    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        lock(&self.0).fill_bytes(&mut bytes);
        bytes
    }
}

fn from_system() -> ChaCha20Rng {
    let mut seed = [0; 32];
    aws_lc_rs::rand::fill(&mut seed).expect("the system has a random generator");
    ChaCha20Rng::from_seed(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence() {
        let (a, b) = (Random::new(Some(7)), Random::new(Some(7)));
        assert_eq!(a.uuid(), b.uuid());
        assert_eq!(a.opaque::<16>(), b.opaque::<16>());
        assert_ne!(a.uuid(), Random::new(None).uuid());
    }
}
