//! The tokens that credentials share.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use super::Cache;
use super::accounts::Accounts;
use crate::context::UnixTime;
use crate::isolation::Identity;
use crate::sync::lock;

/// Tokens in memory that credentials of the same identity share, so that a thousand of them make
/// one request: give clones of one to [`Options::token_cache`](crate::Options::token_cache).
///
/// Credentials get each other's tokens only when they are of the same type and have the same
/// authority, region, tenant, application, user and proof (secret, certificate, assertion): who
/// cannot prove to be an application gets none of its tokens. Two
/// [`ClientAssertion`](crate::ClientAssertion)s are the same proof only when one is a clone of the
/// other.
///
/// Managed identities share when they ask the same host for the same identity (those of Service
/// Fabric never: it is told which of its tokens a resource has refused). Developer tools share when
/// they ask the same tool for the same tenant and subscription, whoever is signed in: give the
/// credentials you make after a new sign-in a new cache.
///
/// Users are another matter: credentials that share a cache know the same accounts. Who gives one
/// of them the [`AuthenticationRecord`](crate::AuthenticationRecord) of a user who signed in to
/// another, of the same application or its family, is given that user's tokens; without one it
/// knows nobody.
#[derive(Clone, Default)]
pub struct TokenCache(Arc<SharedCaches>);

#[derive(Default)]
struct SharedCaches {
    identities: Mutex<HashMap<Identity, Arc<Cache>>>,
    accounts: Accounts,
}

/// How many identities are kept at most. A service that acts for its users first loses the tokens
/// of those that no credential uses and whose tokens have expired, then of those whose tokens
/// expire soonest.
const LIMIT: usize = 4096;

impl TokenCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// The cache of `identity`, made when there is none.
    pub(crate) fn of(&self, identity: Identity, now: UnixTime) -> Arc<Cache> {
        let mut all = lock(&self.0.identities);
        if let Some(cache) = all.get(&identity) {
            return Arc::clone(cache);
        }
        make_room(&mut all, now);
        let cache = Arc::<Cache>::default();
        all.insert(identity, Arc::clone(&cache));
        cache
    }

    /// The accounts of users.
    pub(super) fn accounts(&self) -> Accounts {
        self.0.accounts.clone()
    }
}

fn make_room(all: &mut HashMap<Identity, Arc<Cache>>, now: UnixTime) {
    if all.len() < LIMIT {
        return;
    }
    let used = |cache: &Arc<Cache>| Arc::strong_count(cache) > 1;
    all.retain(|_, cache| used(cache) || cache.last_expiry() > Some(now));
    if all.len() < LIMIT {
        return;
    }
    // A quarter at once, so that not every new identity has to look through all.
    let idle = all.values().filter(|cache| !used(cache));
    let mut expiries: Vec<_> = idle.map(|cache| cache.last_expiry()).collect();
    expiries.sort_unstable();
    let Some(&limit) = expiries.get(expiries.len() / 4) else {
        return;
    };
    all.retain(|_, cache| used(cache) || cache.last_expiry() > limit);
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenCache")
    }
}
