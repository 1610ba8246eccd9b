//! The guard of the control endpoints: it lets programs in, and the emulator's own pages.
//!
//! A browser on the same machine visits other sites too, and any of them may send requests here, or
//! give its own name this address (DNS rebinding). Neither may read the world or change it.

use axum::response::Response;
use http::StatusCode;
use http::header::ORIGIN;
use url::Host;

use super::order::ControlRefusal;
use crate::exchange::request::Call;
use crate::world::cloud;

/// The answer for whoever may not.
pub(crate) fn refusal(call: &Call) -> Option<Response> {
    let text = if !is_ours(&call.origin) {
        "under this host name the emulator answers only clients of the services it plays; ask about \
         the emulator itself at its address, at `localhost`, or at a name without a public ending"
    } else if call
        .headers
        .get(ORIGIN)
        .is_some_and(|it| it != call.origin.as_str())
    {
        "pages of other origins may not ask about the emulator itself"
    } else {
        return None;
    };
    let refusal = ControlRefusal {
        status: StatusCode::FORBIDDEN,
        ..ControlRefusal::new(text, "")
    };
    Some(refusal.reply())
}

/// A name that nobody else can have pointed here: an address, a bare name, one that ends as no name
/// of the public does, or one of the service itself.
fn is_ours(origin: &str) -> bool {
    let url = url::Url::parse(origin).ok();
    match url.as_ref().and_then(url::Url::host) {
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            let ending = name.rsplit('.').next().unwrap_or_default();
            ending == name || PRIVATE.contains(&ending) || cloud::signs_in(name)
        }
        None => false,
    }
}

/// Endings that no registry gives away.
const PRIVATE: &[&str] = &[
    "corp",
    "example",
    "home",
    "internal",
    "invalid",
    "lan",
    "local",
    "localhost",
    "svc",
    "test",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_nobody_else_can_own_are_ours() {
        for origin in [
            "http://127.0.0.1:8080",
            "https://[::1]:8443",
            "http://localhost:1",
            "http://emulator:8080",
            "http://host.docker.internal",
            "http://emulator.default.svc.cluster.local",
            "https://login.microsoftonline.com",
        ] {
            assert!(is_ours(origin), "{origin}");
        }
        for origin in ["http://evil.com", "https://localhost.evil.org:8443", "x"] {
            assert!(!is_ours(origin), "{origin}");
        }
    }
}
