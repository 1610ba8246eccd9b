//! The options of all credentials.

use std::sync::Arc;
use std::time::Duration;

use crate::cache::TokenCache;
#[cfg(feature = "persistent-cache")]
use crate::cache::TokenCachePersistenceOptions;
use crate::cache::accounts::Accounts;
use crate::cloud::{Authority, Cloud};
use crate::context::{Context, Env, Prefixed};
use crate::error::Result;
use crate::retry::RetryOptions;

/// Options every credential has.
///
/// ```
/// use identity::{Cloud, Options};
///
/// let options = Options {
///     authority_host: Some(Cloud::Government.authority_host().to_owned()),
///     ..Options::default()
/// };
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// The token service, for example `https://login.microsoftonline.us` (see
    /// [`Cloud`]). `None`: the environment variable `AZURE_AUTHORITY_HOST`, else the public cloud.
    /// It must be https; a bare host name means https.
    pub authority_host: Option<String>,
    /// Accepts a plain `http` [`authority_host`](Self::authority_host) on a loopback address, for
    /// tests. Off by default: the client secret would cross any other network readable.
    pub allow_http_loopback: bool,
    /// Tenants, besides its own, a credential may ask for tokens; `*` allows all. None by default.
    /// The environment variable `AZURE_IDENTITY_DISABLE_MULTITENANTAUTH`, set to anything, keeps
    /// every request in the credential's own tenant.
    pub additionally_allowed_tenants: Vec<String>,
    /// Trusts the authority as it is. Otherwise an authority that is neither one of
    /// Microsoft's nor an address of this machine is first asked about at the public cloud
    /// (`login.microsoftonline.com`), and gets nothing unless that knows it. Set it for Azure
    /// Stack, private clouds, and where the public cloud is out of reach. Off by default.
    pub disable_instance_discovery: bool,
    /// Tokens shared with other credentials; see [`TokenCache`]. `None`: the credential and its
    /// clones have their own.
    pub token_cache: Option<TokenCache>,
    /// A place where tokens outlive the program; see [`TokenCachePersistenceOptions`]. `None`:
    /// they end with it. Managed identities, developer tools and
    /// [`OnBehalfOfCredential`](crate::OnBehalfOfCredential) keep theirs in memory all the same.
    #[cfg(feature = "persistent-cache")]
    pub token_cache_persistence_options: Option<TokenCachePersistenceOptions>,
    /// The name of your program for the services, in front of this crate's `User-Agent`; for
    /// example `my-program/1.0`. Nothing by default.
    pub user_agent: Option<String>,
    /// The rules by which failed requests are repeated.
    pub retry: RetryOptions,
    /// Deadline of each attempt of a request; 30 s by default. To bound a whole call drop its
    /// future (`tokio::time::timeout`).
    pub request_timeout: Duration,
    /// Everything outside the library; the real world by default.
    pub context: Context,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            authority_host: None,
            allow_http_loopback: false,
            additionally_allowed_tenants: Vec::new(),
            disable_instance_discovery: false,
            token_cache: None,
            #[cfg(feature = "persistent-cache")]
            token_cache_persistence_options: None,
            user_agent: None,
            retry: RetryOptions::default(),
            request_timeout: Duration::from_secs(30),
            context: Context::system(),
        }
    }
}

impl Options {
    /// The token service these options and the environment name.
    pub(crate) fn authority(&self) -> Result<Authority> {
        let from_env = || self.env().non_empty("AZURE_AUTHORITY_HOST");
        match self.authority_host.clone().or_else(from_env) {
            Some(host) => Authority::parse(&host, self.allow_http_loopback),
            None => Authority::parse(Cloud::Public.authority_host(), false),
        }
    }

    /// The world outside, as these options change it.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed user agent.
    pub(crate) fn outside(&self) -> Result<Context> {
        let context = self.context.clone();
        let Some(prefix) = &self.user_agent else {
            return Ok(context);
        };
        let transport = Prefixed::new(Arc::clone(&context.transport), prefix)?;
        Ok(Context {
            transport: Arc::new(transport),
            ..context
        })
    }

    /// Whether the environment keeps every request in the credential's own tenant.
    pub(crate) fn single_tenant(&self) -> bool {
        self.env()
            .non_empty("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH")
            .is_some()
    }

    pub(crate) fn env(&self) -> &dyn Env {
        &*self.context.env
    }

    /// The accounts of users: on disk, with the credentials that share a token cache, or in memory
    /// with nobody.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed name of a cache on disk.
    pub(crate) fn accounts(&self) -> Result<Accounts> {
        let in_memory = || Accounts::in_memory(self.token_cache.as_ref());
        Ok(self.persistent_accounts()?.unwrap_or_else(in_memory))
    }

    /// The accounts on disk; `None` when these options do not ask for any.
    ///
    /// # Errors
    /// As [`Options::accounts`].
    #[cfg(feature = "persistent-cache")]
    pub(crate) fn persistent_accounts(&self) -> Result<Option<Accounts>> {
        let persistence = self.token_cache_persistence_options.as_ref();
        persistence
            .map(|persistence| Accounts::persistent(persistence, &self.context))
            .transpose()
    }

    /// Always `None`: without the feature `persistent-cache` nothing is kept on disk.
    #[cfg(not(feature = "persistent-cache"))]
    pub(crate) fn persistent_accounts(&self) -> Result<Option<Accounts>> {
        Ok(None)
    }

    /// The accounts that other programs know: where these options say, and where they do not, in
    /// the cache of Microsoft's developer tools. That is read encrypted or not, for it was those
    /// tools that decided.
    ///
    /// # Errors
    /// As [`Options::accounts`].
    #[cfg(feature = "persistent-cache")]
    pub(crate) fn accounts_of_others(&self) -> Result<Accounts> {
        if self.token_cache.is_some() || self.token_cache_persistence_options.is_some() {
            return self.accounts();
        }
        let developer_tools = TokenCachePersistenceOptions {
            allow_unencrypted_storage: true,
            ..Default::default()
        };
        Accounts::persistent(&developer_tools, &self.context)
    }

    /// The accounts that credentials with the same token cache know: without the feature
    /// `persistent-cache` those of other programs cannot be read.
    #[cfg(not(feature = "persistent-cache"))]
    pub(crate) fn accounts_of_others(&self) -> Result<Accounts> {
        self.accounts()
    }
}

#[cfg(feature = "persistent-cache")]
#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::context::StaticEnv;

    #[test]
    fn those_of_others_are_looked_for_where_others_keep_theirs_and_none_are_begun() {
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
            let accounts = options.accounts_of_others().unwrap();
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
