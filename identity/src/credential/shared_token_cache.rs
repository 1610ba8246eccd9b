//! A user who is signed in to another Microsoft developer tool.

use std::fmt;

use crate::authentication_record::AuthenticationRecord;
use crate::cache::msal::{Account, MsalCache};
use crate::context::Context;
use crate::credential::construction::{DEVELOPERS, ORGANIZATIONS, application, check_record};
use crate::error::{Error, Result};
use crate::oauth::client_auth::ClientAuth;
use crate::options::Options;
use crate::pipeline::{Pipeline, Source};
use crate::token::{AccessToken, TokenRequest};
use crate::token_credential::impl_token_credential;
use crate::user::silent::{SilentFlow, SilentOutcome};

/// Authenticates as a user who is signed in to another Microsoft developer tool that shares its
/// tokens on this machine.
///
/// The tools keep accounts in a cache that they share. An account in it with a refresh token for
/// the whole family of tools can be used without asking its user. The cache has to hold exactly one
/// such account, or [`username`](SharedTokenCacheCredentialOptions::username) and
/// [`tenant_id`](SharedTokenCacheCredentialOptions::tenant_id) have to select one. When there is
/// none, when there are several, or when the account's refresh token is no longer accepted, the
/// error is `CredentialUnavailable`; no user is ever asked to sign in.
///
/// [`Options`] say where the cache is: on disk (`token_cache_persistence_options`, feature
/// `persistent-cache`), or in the memory of this program's credentials that have the same
/// [`Options::token_cache`]. With neither option, and with the feature, it is the cache of the
/// tools: `msal.cache` in the user's `.IdentityService`.
///
/// Source:
/// <https://learn.microsoft.com/python/api/azure-identity/azure.identity.sharedtokencachecredential>.
#[derive(Clone, Debug)]
pub struct SharedTokenCacheCredential(Pipeline<SharedTokenCache>);

/// Options of a [`SharedTokenCacheCredential`].
#[derive(Clone, Debug, Default)]
pub struct SharedTokenCacheCredentialOptions {
    /// The name of the user to select where several are signed in; case does not matter.
    pub username: Option<String>,
    /// The id of the user's home tenant, to select one where the name is signed in to several
    /// tenants.
    pub tenant_id: Option<String>,
    /// The record of the account to use; the other two options are then ignored.
    pub authentication_record: Option<AuthenticationRecord>,
    /// The options that all credentials share.
    pub options: Options,
}

impl SharedTokenCacheCredential {
    /// Creates a credential for the one user who is signed in.
    ///
    /// # Errors
    /// `InvalidArgument` when the environment names a malformed authority host.
    pub fn new() -> Result<Self> {
        Self::with_options(SharedTokenCacheCredentialOptions::default())
    }

    /// Creates the credential with `options`.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed option, or a record of another token service.
    pub fn with_options(options: SharedTokenCacheCredentialOptions) -> Result<Self> {
        let record = options.authentication_record;
        let client = record
            .as_ref()
            .map_or(DEVELOPERS, |record| record.client_id());
        let tenant = record
            .as_ref()
            .map_or(ORGANIZATIONS, |record| record.tenant_id());
        let application = application(tenant, client, ClientAuth::None, &options.options)?;
        check_record(record.as_ref(), &application)?;
        let source = SharedTokenCache {
            silent: SilentFlow {
                accounts: options.options.accounts_of_others()?,
                application,
            },
            filter: AccountFilter {
                username: options.username.filter(|name| !name.is_empty()),
                tenant_id: options.tenant_id.filter(|tenant| !tenant.is_empty()),
            },
            record,
        };
        Ok(Self(Pipeline::new(source, options.options.outside()?)))
    }
}

impl_token_credential!(SharedTokenCacheCredential, |this| this.0);

#[derive(Debug)]
struct SharedTokenCache {
    silent: SilentFlow,
    filter: AccountFilter,
    record: Option<AuthenticationRecord>,
}

impl Source for SharedTokenCache {
    const NAME: &'static str = "SharedTokenCacheCredential";

    async fn fetch(&self, request: &TokenRequest, context: &Context) -> Result<AccessToken> {
        let (home, missing) = match &self.record {
            Some(record) => {
                let text = "The cache contains no account matching the given AuthenticationRecord.";
                (record.home_account_id.clone(), unavailable(text))
            }
            None => {
                let account = self.selected_account(request).await?;
                let missing = no_token(&account.username);
                (account.home_account_id, missing)
            }
        };
        match self.silent.token(&home, request, context).await? {
            SilentOutcome::Token(token) => Ok(token),
            SilentOutcome::InteractionRequired(None) => Err(missing),
            SilentOutcome::InteractionRequired(Some(refusal)) => Err(refusal),
        }
    }
}

impl SharedTokenCache {
    /// Returns the account in the cache that the options select.
    async fn selected_account(&self, request: &TokenRequest) -> Result<Account> {
        let environment = self.silent.environment();
        let look = |cache: &MsalCache| cache.accounts_to_share(&environment);
        let accounts = &self.silent.accounts;
        let mut found = Vec::<Account>::new();
        for enable_cae in [request.enable_cae(), !request.enable_cae()] {
            // Reading may ask the user to unlock a keyring: not for a cache that does not exist.
            if !accounts.exist(enable_cae).await {
                continue;
            }
            for account in accounts.read(enable_cae, look).await? {
                let same = |known: &Account| known.home_account_id == account.home_account_id;
                if !found.iter().any(same) {
                    found.push(account);
                }
            }
        }
        self.filter.choose(found)
    }
}

/// The criteria that select one account of several.
#[derive(Debug, Default)]
struct AccountFilter {
    username: Option<String>,
    tenant_id: Option<String>,
}

impl AccountFilter {
    /// Returns the only account that matches.
    ///
    /// # Errors
    /// `CredentialUnavailable` when there is none, or several.
    fn choose(&self, mut accounts: Vec<Account>) -> Result<Account> {
        if accounts.is_empty() {
            return Err(unavailable(
                "No accounts were found in the cache. Sign in to a developer tool that shares its \
                 tokens, such as Visual Studio",
            ));
        }
        let matches = |criterion: &Option<String>, value: Option<&str>| {
            let is_value =
                |text: &String| value.is_some_and(|value| value.eq_ignore_ascii_case(text));
            criterion.as_ref().is_none_or(is_value)
        };
        accounts.retain(|account| {
            matches(&self.username, Some(&account.username))
                && matches(&self.tenant_id, account.home_tenant())
        });
        match (accounts.pop(), accounts.is_empty()) {
            (Some(account), true) => Ok(account),
            (None, _) => Err(unavailable(&format!(
                "No account matching the specified{self} was found in the cache."
            ))),
            (Some(_), false) if self.is_empty() => Err(unavailable(
                "Multiple accounts were found in the cache. Use username and tenant id to \
                 disambiguate.",
            )),
            (Some(_), false) => Err(unavailable(&format!(
                "Multiple accounts matching the specified{self} were found in the cache."
            ))),
        }
    }

    fn is_empty(&self) -> bool {
        self.username.is_none() && self.tenant_id.is_none()
    }
}

impl fmt::Display for AccountFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(username) = &self.username {
            write!(f, " username: {username}")?;
        }
        match &self.tenant_id {
            Some(tenant) => write!(f, " tenant: {tenant}"),
            None => Ok(()),
        }
    }
}

fn no_token(username: &str) -> Error {
    unavailable(&format!(
        "Token acquisition failed for user '{username}'. To fix, re-authenticate through developer \
         tooling supporting Azure single sign on"
    ))
}

fn unavailable(why: &str) -> Error {
    Error::unavailable(format!(
        "SharedTokenCacheCredential authentication unavailable. {why}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: &str = "No accounts were found in the cache. Sign in to a developer tool that \
                          shares its tokens, such as Visual Studio";

    fn account(username: &str, tenant: &str) -> Account {
        Account {
            home_account_id: format!("id-of-{username}.{tenant}"),
            environment: "login.microsoftonline.com".into(),
            realm: tenant.into(),
            local_account_id: "x".into(),
            username: username.into(),
            authority_type: "MSSTS".into(),
            account_source: None,
        }
    }

    fn choose(username: &str, tenant: &str, accounts: &[(&str, &str)]) -> Result<String, String> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let filter = AccountFilter {
            username: some(username),
            tenant_id: some(tenant),
        };
        let accounts = accounts.iter().map(|(name, tenant)| account(name, tenant));
        let chosen = filter.choose(accounts.collect());
        let said = |error: Error| error.to_string().split_once(". ").unwrap().1.to_owned();
        chosen.map(|account| account.home_account_id).map_err(said)
    }

    #[test]
    fn one_account_is_taken_and_of_several_the_one_that_is_named() {
        let three = [("a@x", "t1"), ("b@x", "t1"), ("a@x", "t2")];
        assert_eq!(choose("", "", &three[..1]).unwrap(), "id-of-a@x.t1");
        assert_eq!(choose("B@X", "", &three).unwrap(), "id-of-b@x.t1");
        assert_eq!(choose("", "t2", &three).unwrap(), "id-of-a@x.t2");
        assert_eq!(choose("a@x", "T1", &three).unwrap(), "id-of-a@x.t1");
    }

    #[test]
    fn none_several_and_ambiguous_have_the_words_of_the_reference_library() {
        let three = [("a@x", "t1"), ("b@x", "t1"), ("a@x", "t2")];
        for (username, tenant, accounts, said) in [
            ("", "", &three[..0], NOBODY),
            ("a@x", "t", &three[..0], NOBODY),
            (
                "",
                "",
                &three,
                "Multiple accounts were found in the cache. Use username and tenant id to disambiguate.",
            ),
            (
                "c@x",
                "",
                &three,
                "No account matching the specified username: c@x was found in the cache.",
            ),
            (
                "b@x",
                "t2",
                &three,
                "No account matching the specified username: b@x tenant: t2 was found in the cache.",
            ),
            (
                "a@x",
                "",
                &three,
                "Multiple accounts matching the specified username: a@x were found in the cache.",
            ),
            (
                "",
                "t1",
                &three,
                "Multiple accounts matching the specified tenant: t1 were found in the cache.",
            ),
        ] {
            assert_eq!(choose(username, tenant, accounts).expect_err(said), said);
        }
    }
}
