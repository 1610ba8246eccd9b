//! Questions to the document.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::entry::Entry;
use super::record::{Kind, Record};
use super::{
    AccessTokenRecord, Account, AppMetadata, Environment, MsalCache, RefreshToken, access_token,
    refresh_token,
};
use crate::context::UnixTime;

/// The owner of an access token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner<'a> {
    /// `None` for the application itself.
    pub(crate) home_account_id: Option<&'a str>,
    pub(crate) environment: &'a Environment,
    pub(crate) client_id: &'a str,
    /// The tenant.
    pub(crate) realm: &'a str,
}

impl MsalCache {
    /// The access token of `owner` for all of `scopes` that lasts longest, expired or not.
    pub(crate) fn access_token<S: AsRef<str>>(
        &self,
        owner: Owner<'_>,
        scopes: &[S],
    ) -> Option<AccessTokenRecord> {
        let fits = |token: &AccessTokenRecord| {
            owner.owns(
                token.home_account_id.as_deref(),
                &token.environment,
                &token.client_id,
                &token.realm,
            ) && token.scopes.contains_all(scopes)
        };
        let prefix = |environment: &str| {
            let Owner {
                home_account_id,
                client_id,
                realm,
                ..
            } = owner;
            access_token::prefix(home_account_id, environment, client_id, realm)
        };
        let found = self.matching(owner.environment, prefix, fits);
        found
            .into_iter()
            .map(|(_, token)| token)
            .max_by_key(|token| token.expires_on)
    }

    /// All refresh tokens of an account, with their keys, the latest first.
    pub(crate) fn refresh_tokens(
        &self,
        home_account_id: &str,
        environment: &Environment,
    ) -> Vec<(String, RefreshToken)> {
        let fits = |token: &RefreshToken| {
            token.home_account_id == home_account_id && environment.is(&token.environment)
        };
        let prefix = |environment: &str| refresh_token::prefix(home_account_id, environment);
        let mut found = self.matching(environment, prefix, fits);
        found.sort_by_key(|(_, token)| Reverse(token.last_modification_time));
        found
    }

    /// The refresh tokens of an account that the application `client_id` may use, in the order to
    /// try them: its own, then those of its family. An application that the token service has never
    /// answered may be of the family; one that it has told otherwise is not.
    pub(crate) fn refresh_tokens_for(
        &self,
        client_id: &str,
        home_account_id: &str,
        environment: &Environment,
    ) -> Vec<(String, RefreshToken)> {
        let known = self.app_metadata(client_id, environment);
        let own = |token: &RefreshToken| same(&token.client_id, client_id);
        let in_family = |token: &RefreshToken| match (&known, &token.family_id) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(known), family) => known.family_id == *family,
        };
        let mut usable = self.refresh_tokens(home_account_id, environment);
        usable.retain(|(_, token)| own(token) || in_family(token));
        // The sort is stable: of each kind the latest stays first.
        usable.sort_by_key(|(_, token)| !own(token));
        usable
    }

    /// The metadata of an application; `None` when the token service has never answered it.
    pub(crate) fn app_metadata(
        &self,
        client_id: &str,
        environment: &Environment,
    ) -> Option<AppMetadata> {
        let fits =
            |app: &AppMetadata| same(&app.client_id, client_id) && environment.is(&app.environment);
        let mut apps = self.all().map(|(_, app)| app).filter(fits);
        let first = apps.next()?;
        Some(
            apps.find(|app| app.environment == environment.name())
                .unwrap_or(first),
        )
    }

    /// The accounts at `environment`, in the order of their keys.
    pub(crate) fn accounts(&self, environment: &Environment) -> Vec<Account> {
        let is_here = |account: &Account| environment.is(&account.environment);
        self.all()
            .map(|(_, account)| account)
            .filter(is_here)
            .collect()
    }

    /// One account for each home account at `environment` that has a refresh token for a whole
    /// family of applications.
    pub(crate) fn accounts_to_share(&self, environment: &Environment) -> Vec<Account> {
        let accounts = self.accounts(environment).into_iter();
        let mut by_home: BTreeMap<_, _> = accounts
            .map(|account| (account.home_account_id.clone(), account))
            .collect();
        let shared =
            |token: &RefreshToken| token.family_id.is_some() && environment.is(&token.environment);
        let tokens = self.all().map(|(_, token)| token).filter(shared);
        let mut homes: Vec<_> = tokens.map(|token| token.home_account_id).collect();
        homes.sort_unstable();
        homes.dedup();
        homes
            .iter()
            .filter_map(|home| by_home.remove(home))
            .collect()
    }

    /// Removes the refresh token `refused` at `key`, unless another has replaced it.
    pub(crate) fn remove_refresh_token(&mut self, key: &str, refused: &RefreshToken) {
        let stored = self.get::<RefreshToken>(key);
        if stored.is_some_and(|token| token.secret == refused.secret) {
            self.put(Kind::RefreshToken, key.to_owned(), None);
        }
    }

    /// Removes all access tokens that have expired, of every owner.
    pub(crate) fn remove_expired(&mut self, now: UnixTime) {
        let expired = |entry: &Entry| {
            let moment = entry.number("expires_on").map(UnixTime::from_seconds);
            moment.is_some_and(|moment| moment < now)
        };
        let tokens = self.sections.get(&Kind::AccessToken).into_iter().flatten();
        let expired = tokens.filter(|(_, entry)| expired(entry));
        let keys: Vec<_> = expired.map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.put(Kind::AccessToken, key, None);
        }
    }

    /// The records that fit.
    fn matching<R: Record>(
        &self,
        environment: &Environment,
        prefix: impl Fn(&str) -> String,
        fits: impl Fn(&R) -> bool,
    ) -> Vec<(String, R)> {
        let mut found = Vec::new();
        for name in environment.names() {
            let prefix = prefix(name);
            for (key, entry) in self.beginning(R::KIND, &prefix) {
                found.extend(
                    R::read(entry)
                        .filter(&fits)
                        .map(|record| (key.clone(), record)),
                );
            }
        }
        // Keys that begin as MSAL's do are found quickly. Other libraries make other keys.
        if found.is_empty() {
            let all = self.all().filter(|(_, record)| fits(record));
            found.extend(all.map(|(key, record)| (key.to_owned(), record)));
        }
        found
    }
}

impl Owner<'_> {
    fn owns(&self, home: Option<&str>, environment: &str, client_id: &str, realm: &str) -> bool {
        home == self.home_account_id
            && self.environment.is(environment)
            && same(client_id, self.client_id)
            && same(realm, self.realm)
    }
}

/// Ids of applications and tenants, and domains, are the same in upper and lower case.
fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
