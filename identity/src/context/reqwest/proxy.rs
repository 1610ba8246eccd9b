//! The choice of a proxy.

use std::fmt;

use ::reqwest::{ClientBuilder, Proxy};
use url::Url;

use crate::context::{Env, SystemEnv};
use crate::error::{Error, Result};
use crate::redact;

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
                // A proxy's URL may hold a password.
                let shown = match url.contains('@') {
                    true => String::new(),
                    false => format!(": {}", redact::argument(url)),
                };
                Error::invalid(format!(
                    "the proxy must be a URL of http or https, such as \
                     http://proxy.example:3128{shown}"
                ))
            })
    }

    /// Returns the sentence about the proxy for the error of a request, without its password.
    pub(super) fn description(&self, is_tls: bool) -> Option<String> {
        match self {
            Self::Environment => of_environment(is_tls),
            Self::None => None,
            Self::Fixed(_) => Some("through the proxy that the transport was given".to_owned()),
        }
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

/// Returns the variable that names a proxy, and the proxy. Whether the request goes through it also
/// depends on `NO_PROXY`.
fn of_environment(is_tls: bool) -> Option<String> {
    let names: &[&str] = match is_tls {
        true => &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
        false => &["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
    };
    let set = names
        .iter()
        .find_map(|name| Some((name, SystemEnv.non_empty(name)?)));
    let (name, value) = set?;
    let address = value
        .rsplit_once('@')
        .map_or(&*value, |(_, address)| address);
    Some(format!(
        "the environment variable {name} names the proxy {}",
        redact::argument(address)
    ))
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
