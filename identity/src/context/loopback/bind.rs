//! The sockets on which an answer of a browser may arrive.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;

/// How many free ports are tried. The same port has to be free in both address families; nearly
/// always the first one is.
const TRIES: u32 = 20;

/// Listens on every loopback address that `host` stands for. Browsers try the addresses of
/// `localhost` in an order of their own, so all have to be listened on.
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
            // Another program has this port in the other family, and a browser might take the
            // answer there. With a given port there is nothing else to try.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                tries += 1;
                if port != 0 || tries == TRIES {
                    return Err(error);
                }
            }
            // This machine has no IPv6.
            Err(_) => return Ok(vec![first]),
        }
    }
}
