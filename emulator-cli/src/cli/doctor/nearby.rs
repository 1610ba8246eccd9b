//! Addresses of this machine and its containers.

use std::net::IpAddr;

/// Whether somebody made a name that has these addresses lead here, or to a container.
pub(super) fn is_near(found: &[IpAddr]) -> bool {
    let is_near = |address: &IpAddr| match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    };
    found.first().is_some_and(is_near)
}
