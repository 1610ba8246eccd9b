//! The listener that took a request.

use std::net::SocketAddr;
use std::sync::Arc;

/// The listener by which a request came in.
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    pub(crate) scheme: &'static str,
    pub(crate) address: SocketAddr,
    /// The name the client asked for in TLS.
    pub(crate) sni: Option<Arc<str>>,
}

#[cfg(test)]
impl Listener {
    /// Plain HTTP on this machine.
    pub(crate) const LOCAL: Self = Self {
        scheme: "http",
        address: SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 80),
        sni: None,
    };
}
