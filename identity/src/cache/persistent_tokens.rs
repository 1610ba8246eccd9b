//! The tokens of an application that outlive the program.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use super::accounts::Accounts;
use super::msal::{self, AppMetadata, Environment, MsalCache, Owner, Scopes};
use crate::context::{Clock, UnixTime};
use crate::error::Result;
use crate::secret::Secret;
use crate::token::{AccessToken, TokenRequest};

/// A token that lasts no longer than this is replaced.
const EXPIRING: Duration = Duration::from_secs(300);

/// The access tokens of one application in the document of `accounts`.
pub(crate) struct PersistentTokens {
    accounts: Accounts,
    environment: Environment,
    client_id: String,
    realm: Realm,
}

/// A function that finds the tenant for a request that names one, or none.
pub(crate) type Realm = Box<dyn Fn(Option<&str>) -> Result<String> + Send + Sync>;

impl PersistentTokens {
    pub(crate) fn new(
        accounts: Accounts,
        environment: Environment,
        client_id: String,
        realm: Realm,
    ) -> Self {
        Self {
            accounts,
            environment,
            client_id,
            realm,
        }
    }

    /// The stored token for `request`, if it is fresh; else the one `fetch` brings, which is
    /// stored. If that fails, the stored one has to do while it is valid.
    pub(crate) async fn or_fetch(
        &self,
        request: &TokenRequest,
        clock: &dyn Clock,
        fetch: impl Future<Output = Result<AccessToken>> + Send,
    ) -> Result<AccessToken> {
        let realm = (self.realm)(request.tenant_id())?;
        let stored = self.find(request, &realm).await?;
        if let Some(token) = stored.as_ref().filter(|token| is_fresh(token, clock.now())) {
            return Ok(token.token());
        }
        let fetched = match fetch.await {
            Ok(fetched) => fetched,
            Err(error) => {
                let valid = stored.filter(|token| clock.now() < token.expires_on);
                return valid.map(|token| token.token()).ok_or(error);
            }
        };
        self.store(request, realm, &fetched, clock.now()).await?;
        Ok(fetched)
    }

    /// The stored token for `request`; none for one with claims, since a resource has just refused
    /// what is stored.
    async fn find(
        &self,
        request: &TokenRequest,
        realm: &str,
    ) -> Result<Option<msal::AccessTokenRecord>> {
        if request.claims().is_some() {
            return Ok(None);
        }
        let owner = Owner {
            home_account_id: None,
            environment: &self.environment,
            client_id: &self.client_id,
            realm,
        };
        let find = |cache: &MsalCache| cache.access_token(owner, request.scopes());
        self.accounts.read(request.enable_cae(), find).await
    }

    async fn store(
        &self,
        request: &TokenRequest,
        realm: String,
        token: &AccessToken,
        now: UnixTime,
    ) -> Result<()> {
        let record = msal::AccessTokenRecord {
            home_account_id: None,
            environment: self.environment.name().to_owned(),
            client_id: self.client_id.clone(),
            realm,
            scopes: Scopes::new(request.scopes()),
            secret: Secret::new(token.token()),
            token_type: token.token_type().to_owned(),
            cached_at: now,
            expires_on: token.0.expires_on,
            refresh_on: token.0.refresh_on,
        };
        let insert = |cache: &mut MsalCache| {
            cache.remove_expired(now);
            cache.insert(&record);
            self.add_application(cache);
        };
        self.accounts.update(request.enable_cae(), insert).await
    }

    /// Adds the application to the document, unless it is there already.
    fn add_application(&self, cache: &mut MsalCache) {
        if cache
            .app_metadata(&self.client_id, &self.environment)
            .is_none()
        {
            cache.insert(&AppMetadata {
                client_id: self.client_id.clone(),
                environment: self.environment.name().to_owned(),
                family_id: None,
            });
        }
    }
}

fn is_fresh(token: &msal::AccessTokenRecord, now: UnixTime) -> bool {
    let refresh_is_due = token.refresh_on.is_some_and(|moment| moment <= now);
    !refresh_is_due && now < token.expires_on.minus(EXPIRING)
}

impl fmt::Debug for PersistentTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.accounts.fmt(f)
    }
}
