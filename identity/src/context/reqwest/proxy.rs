//! Which proxy requests go through.

use std::fmt;

use ::reqwest::{ClientBuilder, Proxy};
use url::Url;

use crate::error::{Error, Result};

/// What of the world is between this machine and the token service.
#[derive(Clone, Default)]
pub(super) enum Way {
    /// What the environment names.
    #[default]
    Environment,
    /// Nothing.
    Straight,
    /// One proxy for everything.
    Through(Box<Proxy>),
}

impl Way {
    /// # Errors
    /// `InvalidArgument` unless `url` is one of http or https.
    pub(super) fn through(url: &str) -> Result<Self> {
        let is_one = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        let proxy = is_one.then(|| Proxy::all(url).ok()).flatten();
        proxy
            .map(|proxy| Self::Through(Box::new(proxy)))
            .ok_or_else(|| {
                Error::invalid(
                    "the proxy must be a URL of http or https, such as http://proxy.example:3128",
                )
            })
    }

    pub(super) fn apply(&self, client: ClientBuilder) -> ClientBuilder {
        match self {
            Self::Environment => client,
            Self::Straight => client.no_proxy(),
            Self::Through(proxy) => client.no_proxy().proxy((**proxy).clone()),
        }
    }
}

/// The proxy's URL may hold a password.
impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::Straight => "Straight",
            Self::Through(_) => "Through(***)",
        })
    }
}
