//! Where the accounts and tokens of users are kept between requests.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::TokenCache;
use super::msal::MsalCache;
#[cfg(feature = "persistent-cache")]
use super::persistent::{Persistent, TokenCachePersistenceOptions};
use crate::error::Result;
use crate::options::Options;

/// The accounts of a credential: one document for requests with CAE and one for those without,
/// since their tokens are no substitute for each other. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts(Arc<[Store; 2]>);

enum Store {
    Memory(Mutex<MsalCache>),
    #[cfg(feature = "persistent-cache")]
    Persistent(Persistent),
}

impl Accounts {
    /// Where `options` say: on disk, with the credentials that share a token cache, or in memory
    /// with nobody.
    ///
    /// # Errors
    /// `InvalidArgument` for malformed options.
    pub(crate) fn new(options: &Options) -> Result<Self> {
        let shared = options.token_cache.as_ref();
        let memory = || shared.map_or_else(Self::default, TokenCache::accounts);
        Ok(Self::if_persistent(options)?.unwrap_or_else(memory))
    }

    /// Where `options` say, if they say so.
    ///
    /// # Errors
    /// As [`Accounts::new`].
    #[cfg(feature = "persistent-cache")]
    pub(crate) fn if_persistent(options: &Options) -> Result<Option<Self>> {
        let persistence = options.token_cache_persistence_options.as_ref();
        persistence
            .map(|persistence| Self::persistent(persistence, options))
            .transpose()
    }

    /// Without the feature `persistent-cache` nothing is.
    #[cfg(not(feature = "persistent-cache"))]
    pub(crate) fn if_persistent(_: &Options) -> Result<Option<Self>> {
        Ok(None)
    }

    /// Those of other programs: where `options` say, and where they do not, where Microsoft's
    /// developer tools keep theirs, encrypted or not: it was they who decided.
    ///
    /// # Errors
    /// As [`Accounts::new`].
    #[cfg(feature = "persistent-cache")]
    pub(crate) fn of_others(options: &Options) -> Result<Self> {
        let told =
            options.token_cache.is_some() || options.token_cache_persistence_options.is_some();
        if told {
            return Self::new(options);
        }
        let theirs = TokenCachePersistenceOptions {
            allow_unencrypted_storage: true,
            ..Default::default()
        };
        Self::persistent(&theirs, options)
    }

    /// Without the feature `persistent-cache` those with the same token cache.
    ///
    /// # Errors
    /// As [`Accounts::new`].
    #[cfg(not(feature = "persistent-cache"))]
    pub(crate) fn of_others(options: &Options) -> Result<Self> {
        Self::new(options)
    }

    /// Whether there can be any.
    pub(crate) async fn exist(&self, enable_cae: bool) -> bool {
        match self.of(enable_cae) {
            Store::Memory(_) => true,
            #[cfg(feature = "persistent-cache")]
            Store::Persistent(cache) => cache.exists().await,
        }
    }

    /// Where `persistence` says.
    ///
    /// # Errors
    /// `InvalidArgument` for malformed options.
    #[cfg(feature = "persistent-cache")]
    fn persistent(persistence: &TokenCachePersistenceOptions, options: &Options) -> Result<Self> {
        let store = |enable_cae| {
            let context = options.context.clone();
            Persistent::new(persistence, enable_cae, context).map(Store::Persistent)
        };
        Ok(Self(Arc::new([store(false)?, store(true)?])))
    }

    /// Looks into the latest document.
    ///
    /// # Errors
    /// `CredentialUnavailable` when it is to be encrypted and cannot be.
    pub(crate) async fn read<R: Send>(
        &self,
        enable_cae: bool,
        look: impl FnOnce(&MsalCache) -> R + Send,
    ) -> Result<R> {
        match self.of(enable_cae) {
            Store::Memory(cache) => Ok(with(cache, |cache| look(cache))),
            #[cfg(feature = "persistent-cache")]
            Store::Persistent(cache) => cache.read(look).await,
        }
    }

    /// Changes the latest document. Nobody else changes it meanwhile, so `change` can rely on what
    /// it finds there; it should not take long.
    ///
    /// # Errors
    /// As [`Accounts::read`].
    pub(crate) async fn update<R: Send>(
        &self,
        enable_cae: bool,
        change: impl FnOnce(&mut MsalCache) -> R + Send,
    ) -> Result<R> {
        match self.of(enable_cae) {
            Store::Memory(cache) => Ok(with(cache, change)),
            #[cfg(feature = "persistent-cache")]
            Store::Persistent(cache) => cache.update(change).await,
        }
    }

    fn of(&self, enable_cae: bool) -> &Store {
        &self.0[usize::from(enable_cae)]
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::Memory(Mutex::default())
    }
}

fn with<R>(cache: &Mutex<MsalCache>, visit: impl FnOnce(&mut MsalCache) -> R) -> R {
    let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    let outcome = visit(&mut cache);
    // There is nowhere to write it.
    cache.settle();
    outcome
}

impl fmt::Debug for Store {
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
    fn clones_share_accounts_and_cae_has_its_own() {
        let accounts = Accounts::new(&Options::default()).unwrap();
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

    #[cfg(feature = "persistent-cache")]
    #[test]
    fn those_of_others_are_looked_for_where_others_keep_theirs_and_none_are_begun() {
        use crate::cache::TokenCache;
        use crate::context::{Context, StaticEnv};

        let home = tempfile::tempdir().unwrap();
        let path = home.path().to_str().unwrap();
        let options = |token_cache| Options {
            token_cache,
            context: Context {
                env: Arc::new(StaticEnv::from_iter([
                    ("HOME", path),
                    ("LOCALAPPDATA", path),
                ])),
                ..Context::system()
            },
            ..Options::default()
        };
        let exist = |options: &Options| {
            let accounts = Accounts::of_others(options).unwrap();
            accounts.exist(false).now_or_never().expect("no waiting")
        };
        assert!(!exist(&options(None)));
        assert!(exist(&options(Some(TokenCache::new()))), "in memory");
        assert_eq!(home.path().read_dir().unwrap().count(), 0);
        let theirs = home.path().join(".IdentityService/msal.cache.nocae");
        std::fs::create_dir(theirs.parent().unwrap()).unwrap();
        std::fs::File::create(theirs).unwrap();
        assert!(exist(&options(None)));
    }
}
