//! The addresses of this machine that a browser may go to.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;

/// Both address families have to have the same port free; a few tries find one.
const TRIES: u32 = 20;

/// Listens on every loopback address `host` stands for: browsers try them in an order of their own.
pub(super) async fn bind(host: &str, port: u16) -> io::Result<Vec<TcpListener>> {
    let (v4, v6) = (
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
    );
    let address = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) if address.is_loopback() => Some(address),
        Ok(_) => return Err(io::ErrorKind::AddrNotAvailable.into()),
        Err(_) if host.eq_ignore_ascii_case("localhost") => None,
        Err(_) => return Err(io::ErrorKind::AddrNotAvailable.into()),
    };
    if let Some(address) = address {
        return Ok(vec![
            TcpListener::bind(SocketAddr::new(address, port)).await?,
        ]);
    }
    let mut tries = 0;
    loop {
        let first = TcpListener::bind(SocketAddr::new(v4, port)).await?;
        let chosen = first.local_addr()?.port();
        match TcpListener::bind(SocketAddr::new(v6, chosen)).await {
            Ok(second) => return Ok(vec![first, second]),
            // Somebody has this port in the other family: a browser might end up there.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                tries += 1;
                if port != 0 || tries == TRIES {
                    return Err(error);
                }
            }
            // No IPv6 on this machine.
            Err(_) => return Ok(vec![first]),
        }
    }
}
