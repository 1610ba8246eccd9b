//! The choice of a proxy.

use std::fmt;

use ::reqwest::{ClientBuilder, Proxy};
use url::Url;

use crate::error::{Error, Result};

/// The proxy that requests go through.
#[derive(Clone, Default)]
pub(super) enum ProxyChoice {
    /// The proxy named by the environment, if there is one.
    #[default]
    Environment,
    /// No proxy.
    None,
    /// One proxy for all requests.
    Fixed(Box<Proxy>),
}

impl ProxyChoice {
    /// Returns the choice of the proxy at `url`.
    ///
    /// # Errors
    /// `InvalidArgument` unless `url` is one of http or https.
    pub(super) fn url(url: &str) -> Result<Self> {
        let is_one = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        let proxy = is_one.then(|| Proxy::all(url).ok()).flatten();
        proxy
            .map(|proxy| Self::Fixed(Box::new(proxy)))
            .ok_or_else(|| {
                Error::invalid(
                    "the proxy must be a URL of http or https, such as http://proxy.example:3128",
                )
            })
    }

    pub(super) fn apply(&self, client: ClientBuilder) -> ClientBuilder {
        match self {
            Self::Environment => client,
            Self::None => client.no_proxy(),
            // `no_proxy` first: it switches off the proxies of the environment.
            Self::Fixed(proxy) => client.no_proxy().proxy((**proxy).clone()),
        }
    }
}

/// Shows no URL: it may hold a password.
impl fmt::Debug for ProxyChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::None => "None",
            Self::Fixed(_) => "Fixed(***)",
        })
    }
}
