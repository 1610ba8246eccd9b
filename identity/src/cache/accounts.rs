//! Where the accounts and tokens of users are kept between requests.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::TokenCache;
use super::msal::MsalCache;
use crate::error::Result;
use crate::options::Options;

/// The accounts of a credential: one document for requests with CAE and one for those without,
/// since their tokens are no substitute for each other. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts(Arc<[Store; 2]>);

#[derive(Default)]
struct Store(Mutex<MsalCache>);

impl Accounts {
    /// Where `options` say: with the credentials that share a token cache, or with nobody.
    pub(crate) fn new(options: &Options) -> Self {
        let shared = options.token_cache.as_ref();
        shared.map_or_else(Self::default, TokenCache::accounts)
    }

    /// Looks into the latest document.
    pub(crate) async fn read<R: Send>(
        &self,
        enable_cae: bool,
        look: impl FnOnce(&MsalCache) -> R + Send,
    ) -> Result<R> {
        Ok(self.of(enable_cae).with(|cache| look(cache)))
    }

    /// Changes the latest document. Nobody else changes it meanwhile, so `change` can rely on what
    /// it finds there; it should not take long.
    pub(crate) async fn update<R: Send>(
        &self,
        enable_cae: bool,
        change: impl FnOnce(&mut MsalCache) -> R + Send,
    ) -> Result<R> {
        Ok(self.of(enable_cae).with(change))
    }

    fn of(&self, enable_cae: bool) -> &Store {
        &self.0[usize::from(enable_cae)]
    }
}

impl Store {
    fn with<R>(&self, visit: impl FnOnce(&mut MsalCache) -> R) -> R {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = visit(&mut cache);
        // There is nowhere to write it.
        cache.settle();
        outcome
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("in memory")
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::cache::msal::{AppMetadata, Environment};

    #[test]
    fn clones_share_accounts_and_cae_has_its_own() {
        let accounts = Accounts::new(&Options::default());
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
