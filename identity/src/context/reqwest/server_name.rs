//! Connecting to a host by another TLS server name (SNI).
//!
//! reqwest takes the name to ask for, and to find in the certificate, from the URL. So the URL gets
//! the server name, the `Host` header keeps the host of the URL, and name resolution leads to the
//! host that the URL named.

use std::net::SocketAddr;

use ::reqwest::dns::{Addrs, Name, Resolve, Resolving};
use futures_util::future::FutureExt;
use http::HeaderValue;
use http::header::HOST;

use super::failure::permanent;
use crate::context::{Request, Tls};
use crate::error::Result;

/// Puts the server name of the TLS setting into the URL of `request`, and returns the host to
/// connect to. Returns `None` where the setting names no server.
pub(super) fn apply(request: &mut Request) -> Result<Option<String>> {
    let Tls::Private {
        server_name: Some(name),
        ..
    } = &request.tls
    else {
        return Ok(None);
    };
    let bad = || permanent("the TLS server name cannot stand in a URL");
    let host = request.url.host_str().unwrap_or_default().to_owned();
    let host_header = match request.url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.clone(),
    };
    request.url.set_host(Some(name)).map_err(|_| bad())?;
    // An address needs no name resolution: the connection would go there.
    if request.url.domain().is_none() {
        return Err(bad());
    }
    let host_header = HeaderValue::try_from(host_header).map_err(|_| bad())?;
    request.headers.insert(HOST, host_header);
    Ok(Some(host))
}

/// A resolver that gives the addresses of one host for every name.
pub(super) struct HostResolver(String);

impl HostResolver {
    /// `host` has the form it has in a URL, where an IPv6 address stands in brackets.
    pub(super) fn new(host: &str) -> Self {
        Self(host.trim_matches(['[', ']']).to_owned())
    }
}

impl Resolve for HostResolver {
    fn resolve(&self, _: Name) -> Resolving {
        let host = self.0.clone();
        async move {
            // Port 0 stands for the port of the URL.
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((&*host, 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        }
        .boxed()
    }
}
