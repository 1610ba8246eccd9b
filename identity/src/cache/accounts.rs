//! The accounts and tokens of users, in memory or on disk.

use std::fmt;
use std::sync::{Arc, Mutex};

use super::TokenCache;
use super::msal::MsalCache;
#[cfg(feature = "persistent-cache")]
use super::persistent::{Persistent, TokenCachePersistenceOptions};
#[cfg(feature = "persistent-cache")]
use crate::context::Context;
use crate::error::Result;
use crate::sync::lock;

/// The accounts of a credential: one document for requests with CAE and one for those without,
/// since their tokens are no substitute for each other. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts(Arc<[AccountStore; 2]>);

enum AccountStore {
    Memory(Mutex<MsalCache>),
    #[cfg(feature = "persistent-cache")]
    Persistent(Persistent),
}

impl Accounts {
    /// Accounts in memory: those that credentials with the token cache `shared` know, or else none.
    pub(crate) fn in_memory(shared: Option<&TokenCache>) -> Self {
        shared.map_or_else(Self::default, TokenCache::accounts)
    }

    /// Whether there can be any accounts. On disk there are none before a document is written.
    pub(crate) async fn exist(&self, enable_cae: bool) -> bool {
        match self.of(enable_cae) {
            AccountStore::Memory(_) => true,
            #[cfg(feature = "persistent-cache")]
            AccountStore::Persistent(cache) => cache.exists().await,
        }
    }

    /// Accounts on disk, in the place that `persistence` names.
    ///
    /// # Errors
    /// `InvalidArgument` when its name is no file name.
    #[cfg(feature = "persistent-cache")]
    pub(crate) fn persistent(
        persistence: &TokenCachePersistenceOptions,
        context: &Context,
    ) -> Result<Self> {
        let store = |enable_cae| {
            let persistent = Persistent::new(persistence, enable_cae, context.clone());
            persistent.map(AccountStore::Persistent)
        };
        Ok(Self(Arc::new([store(false)?, store(true)?])))
    }

    /// Reads the latest document.
    ///
    /// # Errors
    /// `CredentialUnavailable` when it is to be encrypted and cannot be.
    pub(crate) async fn read<R: Send>(
        &self,
        enable_cae: bool,
        look: impl FnOnce(&MsalCache) -> R + Send,
    ) -> Result<R> {
        match self.of(enable_cae) {
            AccountStore::Memory(cache) => Ok(with(cache, |cache| look(cache))),
            #[cfg(feature = "persistent-cache")]
            AccountStore::Persistent(cache) => cache.read(look).await,
        }
    }

    /// Changes the latest document. It is locked meanwhile, so `change` can rely on what it finds
    /// there, and should not take long.
    ///
    /// # Errors
    /// As [`Accounts::read`].
    pub(crate) async fn update<R: Send>(
        &self,
        enable_cae: bool,
        change: impl FnOnce(&mut MsalCache) -> R + Send,
    ) -> Result<R> {
        match self.of(enable_cae) {
            AccountStore::Memory(cache) => Ok(with(cache, change)),
            #[cfg(feature = "persistent-cache")]
            AccountStore::Persistent(cache) => cache.update(change).await,
        }
    }

    fn of(&self, enable_cae: bool) -> &AccountStore {
        &self.0[usize::from(enable_cae)]
    }
}

impl Default for AccountStore {
    fn default() -> Self {
        Self::Memory(Mutex::default())
    }
}

fn with<R>(cache: &Mutex<MsalCache>, visit: impl FnOnce(&mut MsalCache) -> R) -> R {
    let mut cache = lock(cache);
    let outcome = visit(&mut cache);
    // In memory there is nowhere to write the changes to.
    cache.forget_changes();
    outcome
}

impl fmt::Debug for AccountStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(_) => f.write_str("in memory"),
            #[cfg(feature = "persistent-cache")]
            Self::Persistent(cache) => cache.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::cache::msal::{AppMetadata, Environment};

    #[test]
    fn clones_share_accounts_and_requests_with_cae_have_accounts_of_their_own() {
        let accounts = Accounts::in_memory(None);
        let app = AppMetadata {
            client_id: "c".into(),
            environment: "e".into(),
            family_id: None,
        };
        let insert = accounts.update(true, |cache| cache.insert(&app));
        insert.now_or_never().expect("no waiting").unwrap();
        let environment = Environment::named("e");
        let known = |enable_cae| {
            let other = accounts.clone();
            let read = other.read(enable_cae, |cache| cache.app_metadata("c", &environment));
            read.now_or_never().expect("no waiting").unwrap()
        };
        assert_eq!((known(true), known(false)), (Some(app.clone()), None));
    }
}
