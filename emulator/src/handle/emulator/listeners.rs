//! The sockets of an emulator, from the addresses asked for to the URLs to be told.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use crate::crypto::pki::Pki;
use crate::handle::emulator::StartError;
use crate::service::server::Server;

/// The addresses to listen on; of either kind a free port of 127.0.0.1 where none is named.
#[derive(Debug, Default)]
pub(super) struct ListenAddresses {
    pub(super) https: Vec<SocketAddr>,
    pub(super) http: Vec<SocketAddr>,
}

/// Bound sockets that do not answer yet.
#[derive(Debug)]
pub(super) struct Listeners {
    pub(super) servers: Vec<Server>,
    /// Never empty.
    pub(super) https: Vec<String>,
    /// Never empty.
    pub(super) http: Vec<String>,
    /// The addresses that the HTTPS listeners are bound to.
    pub(super) https_sockets: Vec<SocketAddr>,
}

impl Listeners {
    pub(super) async fn bind(wanted: ListenAddresses, pki: &Pki) -> Result<Self, StartError> {
        let mut servers = Vec::new();
        let https = bind_all(wanted.https, Some(pki), &mut servers).await?;
        let https_sockets = servers.iter().filter_map(|server| server.address().ok());
        let https_sockets = https_sockets.collect();
        let http = bind_all(wanted.http, None, &mut servers).await?;
        Ok(Self {
            servers,
            https,
            http,
            https_sockets,
        })
    }
}

async fn bind_all(
    mut addresses: Vec<SocketAddr>,
    pki: Option<&Pki>,
    servers: &mut Vec<Server>,
) -> Result<Vec<String>, StartError> {
    if addresses.is_empty() {
        addresses.push(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    }
    let mut urls = Vec::with_capacity(addresses.len());
    for address in addresses {
        let failed = |error| StartError::Bind(address, error);
        let server = Server::bind(address, pki.cloned()).await.map_err(failed)?;
        urls.push(url(pki.is_some(), server.address().map_err(failed)?));
        servers.push(server);
    }
    Ok(urls)
}

/// A wildcard address is one to listen on, not one to connect to; the usual port goes unsaid, as
/// clients leave it out of the origin they name.
fn url(tls: bool, mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let (scheme, usual) = if tls { ("https", 443) } else { ("http", 80) };
    if address.port() != usual {
        return format!("{scheme}://{address}");
    }
    match address {
        SocketAddr::V4(address) => format!("{scheme}://{}", address.ip()),
        SocketAddr::V6(address) => format!("{scheme}://[{}]", address.ip()),
    }
}

/// Why an address could not be listened on, and what to do about it.
pub(super) fn explain(
    address: SocketAddr,
    error: &io::Error,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match error.kind() {
        io::ErrorKind::AddrInUse => write!(
            f,
            "{address} is in use by another program; choose another port, or 0 for any"
        ),
        io::ErrorKind::PermissionDenied => write!(
            f,
            "cannot listen on {address}: ports below 1024 are kept for the administrator; run as \
             root, or allow it with `sysctl net.ipv4.ip_unprivileged_port_start=0`"
        ),
        io::ErrorKind::AddrNotAvailable => write!(
            f,
            "{address} is not an address of this machine; give it one with \
             `ip address add {}/32 dev lo`, or choose another",
            address.ip()
        ),
        _ => write!(f, "cannot listen on {address}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_leaves_the_usual_port_out_and_names_no_wildcard() {
        let url = |tls, address: &str| url(tls, address.parse().unwrap());
        assert_eq!(url(true, "127.0.0.1:443"), "https://127.0.0.1");
        assert_eq!(url(true, "127.0.0.2:80"), "https://127.0.0.2:80");
        assert_eq!(url(false, "[::1]:80"), "http://[::1]");
        assert_eq!(url(false, "0.0.0.0:8080"), "http://127.0.0.1:8080");
    }

    #[test]
    fn a_refused_address_comes_with_what_to_do() {
        let text = |kind: io::ErrorKind| {
            StartError::Bind("127.0.0.1:443".parse().unwrap(), kind.into()).to_string()
        };
        assert!(text(io::ErrorKind::PermissionDenied).contains("ip_unprivileged_port_start"));
        assert!(text(io::ErrorKind::AddrNotAvailable).contains("ip address add 127.0.0.1/32"));
        assert!(text(io::ErrorKind::AddrInUse).contains("in use"));
    }
}
