//! Other people's token services, played for federated credentials: clusters, pipelines, GitHub.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::config::ConfigError;
use crate::keys::{Made, SigningKey};
use crate::state::AppState;

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
    pub(crate) async fn key(&self, url: &str) -> Arc<Made> {
        let key = {
            let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || self.new_key(url);
            keys.entry(url.to_owned()).or_insert_with(new).clone()
        };
        key.ready().await
    }

    /// The key, if it was ever needed; otherwise nothing can be signed with it.
    pub(crate) fn key_of(&self, url: &str) -> Option<Arc<Made>> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
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

/// A token to make: what an issuer says of a workload.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssertionOrder {
    pub(crate) subject: String,
    #[serde(default = "token_exchange")]
    pub(crate) audience: String,
    /// Claims on top of, or instead of, the usual ones.
    #[serde(default)]
    pub(crate) claims: Map<String, Value>,
}

/// A token of the issuer with this name, good for ten minutes.
pub(crate) async fn assertion(
    state: &AppState,
    issuer: &str,
    order: &AssertionOrder,
) -> Result<String, ConfigError> {
    let Some(url) = state.issuer_url(issuer) else {
        return Err(ConfigError::new(format!("there is no issuer `{issuer}`")));
    };
    let key = state.issuers().key(&url).await;
    let at = state.clock().now().unix_timestamp();
    let mut claims = Map::new();
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("iss", json!(url));
    put("sub", json!(order.subject));
    put("aud", json!(order.audience));
    put("iat", json!(at));
    put("nbf", json!(at));
    put("exp", json!(at + 600));
    claims.extend(order.claims.clone());
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": key.kid });
    Ok(key.token(&header, &Value::Object(claims)))
}

fn token_exchange() -> String {
    "api://AzureADTokenExchange".to_owned()
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
