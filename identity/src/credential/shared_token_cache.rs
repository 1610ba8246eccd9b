//! Whoever is signed in to other Microsoft developer tools.

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
use crate::token_credential::faces;
use crate::user::silent::{Outcome, Silent};

/// Authenticates as a user who is signed in to another Microsoft developer tool that shares its
/// tokens on this machine.
///
/// The tools keep accounts in a cache they share. An account in it that has a refresh token for the
/// whole family of tools can be used without asking its user. There has to be exactly one, or
/// [`username`](SharedTokenCacheCredentialOptions::username) and
/// [`tenant_id`](SharedTokenCacheCredentialOptions::tenant_id) have to tell which. None, several and
/// one whose tokens are of no use any more are `CredentialUnavailable`; nobody is ever asked to sign
/// in.
///
/// Where the cache is, [`Options`] say: on disk
/// (`token_cache_persistence_options`, feature `persistent-cache`), or with this program's
/// credentials that have the same [`Options::token_cache`]. When they say neither it is, with the
/// feature, that of the tools: `msal.cache` in the user's `.IdentityService`.
///
/// Source: <https://learn.microsoft.com/python/api/azure-identity/azure.identity.sharedtokencachecredential>.
#[derive(Clone, Debug)]
pub struct SharedTokenCacheCredential(Pipeline<SharedTokenCache>);

/// Options of a [`SharedTokenCacheCredential`].
#[derive(Clone, Debug, Default)]
pub struct SharedTokenCacheCredentialOptions {
    /// The user's name, in upper or lower case, where several are signed in.
    pub username: Option<String>,
    /// The id of the user's home tenant, where one name is signed in to several.
    pub tenant_id: Option<String>,
    /// The very account to use; goes above the other two.
    pub authentication_record: Option<AuthenticationRecord>,
    /// What every credential can be told.
    pub options: Options,
}

impl SharedTokenCacheCredential {
    /// The one user who is signed in.
    ///
    /// # Errors
    /// `InvalidArgument` when the environment names a malformed authority host.
    pub fn new() -> Result<Self> {
        Self::with_options(SharedTokenCacheCredentialOptions::default())
    }

    /// The same, with options.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed option, or a record of another token service.
    pub fn with_options(options: SharedTokenCacheCredentialOptions) -> Result<Self> {
        let record = options.authentication_record;
        let client = record.as_ref().map_or(DEVELOPERS, |it| it.client_id());
        let tenant = record.as_ref().map_or(ORGANIZATIONS, |it| it.tenant_id());
        let application = application(tenant, client, ClientAuth::None, &options.options)?;
        check_record(record.as_ref(), &application)?;
        let source = SharedTokenCache {
            silent: Silent {
                accounts: options.options.accounts_of_others()?,
                application,
            },
            wanted: Wanted {
                username: options.username.filter(|name| !name.is_empty()),
                tenant_id: options.tenant_id.filter(|tenant| !tenant.is_empty()),
            },
            record,
        };
        Ok(Self(Pipeline::new(source, options.options.outside()?)))
    }
}

faces!(SharedTokenCacheCredential, |this| this.0);

#[derive(Debug)]
struct SharedTokenCache {
    silent: Silent,
    wanted: Wanted,
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
                let account = self.chosen(request).await?;
                let missing = no_token(&account.username);
                (account.home_account_id, missing)
            }
        };
        match self.silent.token(&home, request, context).await? {
            Outcome::Token(token) => Ok(token),
            Outcome::Ask(None) => Err(missing),
            Outcome::Ask(Some(refused)) => Err(refused),
        }
    }
}

impl SharedTokenCache {
    async fn chosen(&self, request: &TokenRequest) -> Result<Account> {
        let environment = self.silent.environment();
        let look = |cache: &MsalCache| cache.accounts_to_share(&environment);
        let accounts = &self.silent.accounts;
        let mut found = Vec::<Account>::new();
        for enable_cae in [request.enable_cae(), !request.enable_cae()] {
            // Nobody is asked to unlock a keyring in which there is nothing.
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
        self.wanted.choose(found)
    }
}

/// Which account of several.
#[derive(Debug, Default)]
struct Wanted {
    username: Option<String>,
    tenant_id: Option<String>,
}

impl Wanted {
    fn choose(&self, mut accounts: Vec<Account>) -> Result<Account> {
        if accounts.is_empty() {
            return Err(unavailable(
                "No accounts were found in the cache. Sign in to a developer tool that shares its \
                 tokens, such as Visual Studio",
            ));
        }
        let is = |wanted: &Option<String>, value: Option<&str>| {
            let same = |it: &String| value.is_some_and(|value| value.eq_ignore_ascii_case(it));
            wanted.as_ref().is_none_or(same)
        };
        accounts.retain(|account| {
            is(&self.username, Some(&account.username))
                && is(&self.tenant_id, account.home_tenant())
        });
        match (accounts.pop(), accounts.is_empty()) {
            (Some(account), true) => Ok(account),
            (None, _) => Err(unavailable(&format!(
                "No account matching the specified{self} was found in the cache."
            ))),
            (Some(_), false) if self.is_anybody() => Err(unavailable(
                "Multiple accounts were found in the cache. Use username and tenant id to \
                 disambiguate.",
            )),
            (Some(_), false) => Err(unavailable(&format!(
                "Multiple accounts matching the specified{self} were found in the cache."
            ))),
        }
    }

    fn is_anybody(&self) -> bool {
        self.username.is_none() && self.tenant_id.is_none()
    }
}

impl fmt::Display for Wanted {
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
        let wanted = Wanted {
            username: some(username),
            tenant_id: some(tenant),
        };
        let accounts = accounts.iter().map(|(name, tenant)| account(name, tenant));
        let chosen = wanted.choose(accounts.collect());
        let said = |error: Error| error.to_string().split_once(". ").unwrap().1.to_owned();
        chosen.map(|it| it.home_account_id).map_err(said)
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
