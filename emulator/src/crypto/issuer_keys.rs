//! The keys of other people's token services: clusters, pipelines, GitHub.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex};

use crate::base::sync::lock;
use crate::crypto::keys::{KeyPair, SigningKey};

/// The keys with which the issuers of a world sign, each made when it is first needed. Clones share
/// them.
#[derive(Clone, Debug, Default)]
pub struct IssuerKeys {
    seed: Option<u64>,
    keys: Arc<Mutex<HashMap<String, SigningKey>>>,
}

impl IssuerKeys {
    /// Fresh random keys; returns at once.
    pub fn generate() -> Self {
        Self::default()
    }

    /// Keys that follow from a seed.
    pub(crate) fn seeded(seed: Option<u64>) -> Self {
        Self {
            seed,
            keys: Arc::default(),
        }
    }

    /// The key of the issuer with this URL; waits for it without holding up the runtime.
    pub(crate) async fn key(&self, url: &str) -> Arc<KeyPair> {
        let key = {
            let mut keys = lock(&self.keys);
            let new = || self.new_key(url);
            keys.entry(url.to_owned()).or_insert_with(new).clone()
        };
        key.ready().await
    }

    /// The key, if it was ever needed; otherwise nothing can be signed with it.
    pub(crate) fn key_of(&self, url: &str) -> Option<Arc<KeyPair>> {
        let keys = lock(&self.keys);
        keys.get(url)?.if_made()
    }

    /// With a seed each issuer has its own of the keys that follow from it.
    fn new_key(&self, url: &str) -> SigningKey {
        let Some(seed) = self.seed else {
            return SigningKey::generate();
        };
        let mut hasher = DefaultHasher::new();
        url.hash(&mut hasher);
        SigningKey::successor(seed, hasher.finish() | 1 << 63)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_issuer_has_one_key_wherever_its_keys_are_shared() {
        let keys = IssuerKeys::generate();
        let (cluster, other) = ("https://cluster.example/", "https://other.example/");
        let kid = keys.key(cluster).await.kid.clone();
        assert_eq!(keys.clone().key(cluster).await.kid, kid);
        assert_ne!(keys.key(other).await.kid, kid);
    }
}
