//! The redirect URIs to which a registration lets responses go.

use url::{Host, Url};

use crate::world::config::App;

/// The platform a redirect URI is registered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    Web,
    Spa,
    Native,
}

/// Whether answers, or signed-out browsers, may go to `uri`.
pub(crate) fn is_registered(app: &App, uri: &str) -> bool {
    registered(app).any(|(known, _)| covers(known, uri))
}

/// All of them, with the platform that each is registered for.
pub(crate) fn registered(app: &App) -> impl Iterator<Item = (&str, Platform)> {
    let uris = &app.redirect_uris;
    let web = uris.web.iter().map(|uri| (uri.as_str(), Platform::Web));
    let spa = uris.spa.iter().map(|uri| (uri.as_str(), Platform::Spa));
    let native = uris.native.iter();
    let native = native.map(|uri| (uri.as_str(), Platform::Native));
    web.chain(spa).chain(native)
}

/// Returns the platform that `asked` is registered for. Where several registrations cover it, as on
/// loopback, where ports do not count, the one with exactly its port decides.
pub(crate) fn platform(app: &App, asked: &str) -> Option<Platform> {
    let port = |uri: &str| Url::parse(uri).ok().and_then(|uri| uri.port());
    let covering = || registered(app).filter(|(known, _)| covers(known, asked));
    covering()
        .find(|(known, _)| port(known) == port(asked))
        .or_else(|| covering().next())
        .map(|(_, platform)| platform)
}

/// Whether the registered `known` covers `asked`.
///
/// Scheme and host go by any case, the path does not. On `localhost` and the loopback address the
/// port does not count, for a desktop application takes whichever is free. A host may start with
/// `*.`, which stands for one label.
fn covers(known: &str, asked: &str) -> bool {
    let (Ok(known), Ok(asked)) = (Url::parse(known), Url::parse(asked)) else {
        return false;
    };
    // A page would run them instead of leaving for them.
    let runs = matches!(asked.scheme(), "javascript" | "data" | "vbscript");
    !runs
        && asked.fragment().is_none()
        && asked.username().is_empty()
        && asked.password().is_none()
        && known.scheme() == asked.scheme()
        && covers_host(&known, &asked)
        && (known.port() == asked.port() || is_loopback(&known))
        && known.path() == asked.path()
        && known.query() == asked.query()
}

fn covers_host(known: &Url, asked: &Url) -> bool {
    let (Some(known), Some(asked)) = (known.host_str(), asked.host_str()) else {
        return known.host_str() == asked.host_str();
    };
    let same = known.eq_ignore_ascii_case(asked);
    let below = || {
        let parent = known.strip_prefix("*.")?;
        let (label, rest) = asked.split_once('.')?;
        Some(!label.is_empty() && rest.eq_ignore_ascii_case(parent))
    };
    same || below() == Some(true)
}

fn is_loopback(known: &Url) -> bool {
    let local = match known.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        _ => false,
    };
    local && known.scheme() == "http"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::config::{RedirectUris, World};

    #[test]
    fn localhost_stands_for_any_port_but_not_for_any_path() {
        assert!(covers("http://localhost", "http://localhost:8400"));
        assert!(covers("http://localhost", "http://LOCALHOST:8400/"));
        assert!(covers("http://localhost/cb", "http://localhost:1/cb"));
        assert!(!covers("http://localhost/cb", "http://localhost:1/CB"));
        assert!(!covers("http://localhost", "https://localhost:8400"));
    }

    #[test]
    fn of_several_loopback_registrations_the_one_with_the_asked_port_decides() {
        let mut app = World::basic().apps.remove(0);
        app.redirect_uris = RedirectUris {
            web: vec!["http://localhost/cb".to_owned()],
            spa: vec!["http://localhost:3000/cb".to_owned()],
            native: Vec::new(),
        };
        assert_eq!(
            platform(&app, "http://localhost:3000/cb"),
            Some(Platform::Spa)
        );
        assert_eq!(
            platform(&app, "http://localhost:5000/cb"),
            Some(Platform::Web)
        );
        assert_eq!(platform(&app, "http://localhost/cb"), Some(Platform::Web));
        assert_eq!(platform(&app, "http://localhost/other"), None);
    }

    #[test]
    fn the_loopback_address_has_to_be_registered_itself() {
        assert!(!covers("http://localhost", "http://127.0.0.1:8400"));
        assert!(covers("http://127.0.0.1", "http://127.0.0.1:8400"));
    }

    #[test]
    fn elsewhere_port_path_and_slash_count_and_the_case_of_the_host_does_not() {
        let known = "https://app.contoso.example/auth";
        assert!(covers(known, "HTTPS://App.Contoso.Example/auth"));
        for asked in [
            "https://app.contoso.example/Auth",
            "https://app.contoso.example/auth/",
            "https://app.contoso.example:8443/auth",
            "https://app.contoso.example/auth?x=1",
            "https://app.contoso.example/auth#x",
            "https://user@app.contoso.example/auth",
            "https://evil.example/auth",
            "/auth",
        ] {
            assert!(!covers(known, asked), "{asked}");
        }
    }

    #[test]
    fn a_wildcard_stands_for_one_label() {
        let known = "https://*.contoso.example/cb";
        assert!(covers(known, "https://a.contoso.example/cb"));
        assert!(!covers(known, "https://a.b.contoso.example/cb"));
        assert!(!covers(known, "https://contoso.example/cb"));
    }

    #[test]
    fn schemes_of_applications_are_taken_and_those_that_run_code_are_not() {
        assert!(covers("msal01://auth", "msal01://auth"));
        assert!(covers(
            "urn:ietf:wg:oauth:2.0:oob",
            "urn:ietf:wg:oauth:2.0:oob"
        ));
        assert!(!covers("javascript:alert(1)", "javascript:alert(1)"));
    }
}
