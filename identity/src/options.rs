//! What all credentials can be told.

use std::sync::Arc;
use std::time::Duration;

use crate::cache::TokenCache;
#[cfg(feature = "persistent-cache")]
use crate::cache::TokenCachePersistenceOptions;
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
    /// Accept a plain `http` [`authority_host`](Self::authority_host) on a loopback address, for
    /// tests. Off by default: the client secret would cross any other network readable.
    pub allow_http_loopback: bool,
    /// Tenants, besides its own, a credential may ask for tokens; `*` allows all. None by default.
    /// The environment variable `AZURE_IDENTITY_DISABLE_MULTITENANTAUTH`, set to anything, keeps
    /// every request in the credential's own tenant.
    pub additionally_allowed_tenants: Vec<String>,
    /// Take the authority for what it says it is. Otherwise an authority that is neither one of
    /// Microsoft's nor an address of this machine is first asked about at the public cloud
    /// (`login.microsoftonline.com`), and gets nothing unless that knows it. Set it for Azure
    /// Stack, private clouds, and where the public cloud is out of reach. Off by default.
    pub disable_instance_discovery: bool,
    /// Tokens shared with other credentials; see [`TokenCache`]. `None`: the credential and its
    /// clones have their own.
    pub token_cache: Option<TokenCache>,
    /// Keep tokens where they outlive the program; see [`TokenCachePersistenceOptions`]. `None`:
    /// they end with it. Managed identities, developer tools and
    /// [`OnBehalfOfCredential`](crate::OnBehalfOfCredential) keep theirs in memory all the same.
    #[cfg(feature = "persistent-cache")]
    pub token_cache_persistence_options: Option<TokenCachePersistenceOptions>,
    /// What your program calls itself to the services, in front of this crate's `User-Agent`; for
    /// example `my-program/1.0`. Nothing by default.
    pub user_agent: Option<String>,
    /// How failed requests are repeated.
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
}
