//! Connecting to one host under the name of another.
//!
//! reqwest takes the name to ask for, and to find in the certificate, from the URL. So the URL gets
//! that name, the `Host` header keeps what the URL said, and name resolution leads to where the
//! URL pointed.

use std::net::SocketAddr;

use ::reqwest::dns::{Addrs, Name, Resolve, Resolving};
use futures_util::future::FutureExt;
use http::HeaderValue;
use http::header::HOST;

use super::failure::permanent;
use crate::context::{Request, Tls};
use crate::error::Result;

/// Gives `request` the server name its TLS setting asks for, and returns the host to connect to.
pub(super) fn rename(request: &mut Request) -> Result<Option<String>> {
    let Tls::Private {
        server_name: Some(name),
        ..
    } = &request.tls
    else {
        return Ok(None);
    };
    let bad = || permanent("the TLS server name cannot stand in a URL");
    let host = request.url.host_str().unwrap_or_default().to_owned();
    let shown = match request.url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.clone(),
    };
    request.url.set_host(Some(name)).map_err(|_| bad())?;
    let shown = HeaderValue::try_from(shown).map_err(|_| bad())?;
    request.headers.insert(HOST, shown);
    Ok(Some(host))
}

/// Resolves every name to the addresses of one host.
pub(super) struct Resolver(String);

impl Resolver {
    /// `host` as it stands in a URL, so an IPv6 address has its brackets.
    pub(super) fn new(host: &str) -> Self {
        Self(host.trim_matches(['[', ']']).to_owned())
    }
}

impl Resolve for Resolver {
    fn resolve(&self, _: Name) -> Resolving {
        let host = self.0.clone();
        async move {
            // The URL's port takes the place of 0.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((&*host, 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        }
        .boxed()
    }
}
