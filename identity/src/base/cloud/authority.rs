//! Authorities: the addresses of token services.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use super::Cloud;
use crate::error::{Error, Result};
use crate::redact;

/// The hosts of clouds that have no [`Cloud`] of their own here.
/// Source: <https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud>.
const KNOWN: &[&str] = &[
    "login.microsoftonline.de",
    "login-us.microsoftonline.com",
    "login.sovcloud-identity.fr",
    "login.sovcloud-identity.de",
    "login.sovcloud-identity.sg",
];

/// The domains in which customers' directories, and regions, have hosts of their own.
const KNOWN_DOMAINS: &[&str] = &[".ciamlogin.com", ".b2clogin.com", ".login.microsoft.com"];

/// The origin of a token service: scheme, host and port, and nothing more.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Authority(Url);

impl Authority {
    /// Reads `text`, a URL or a bare host, with https only. `http_loopback` allows plain http for
    /// this machine's own addresses.
    pub(crate) fn parse(text: &str, http_loopback: bool) -> Result<Self> {
        let trimmed = text.trim();
        let with_scheme = match trimmed.contains("://") {
            true => trimmed.to_owned(),
            false => format!("https://{trimmed}"),
        };
        let url = Url::parse(with_scheme.trim_end_matches('/'))
            .map_err(|e| bad_authority(text, &e.to_string()))?;
        check_origin(&url, text)?;
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if http_loopback && is_loopback(&url) => Ok(Self(url)),
            "http" if http_loopback => {
                Err(bad_authority(text, "plain http is for loopback addresses"))
            }
            _ => Err(bad_authority(
                text,
                "it must be a TLS protected (https) URL",
            )),
        }
    }

    /// Whether this is a token service Microsoft is known to run.
    pub(crate) fn is_known(&self) -> bool {
        let host = self.host();
        Cloud::of_host(host).is_some()
            || KNOWN.iter().any(|known| known.eq_ignore_ascii_case(host))
            || KNOWN_DOMAINS.iter().any(|domain| host.ends_with(domain))
    }

    /// Whether this is an address of this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Returns the host name or address.
    pub(crate) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Returns the authority of this service in `region`; `None` for an address, which has no
    /// regions.
    pub(crate) fn regional(&self, region: &str) -> Option<Self> {
        let Some(Host::Domain(host)) = self.0.host() else {
            return None;
        };
        let host = match Cloud::of_host(host) {
            // Regional services of the public cloud are in a domain of their own.
            Some(Cloud::Public) => format!("{region}.login.microsoft.com"),
            _ => format!("{region}.{host}"),
        };
        let mut url = self.0.clone();
        url.set_host(Some(&host)).ok()?;
        Some(Self(url))
    }

    /// Whether `other`, a host with its port if that is not 443, names this service. All hosts of
    /// one cloud are one service.
    pub(crate) fn is_called(&self, other: &str) -> bool {
        let own = &self.0[url::Position::BeforeHost..url::Position::AfterPort];
        let cloud = Cloud::of_host(other);
        own.eq_ignore_ascii_case(other) || cloud.is_some() && cloud == Cloud::of_host(own)
    }

    /// Returns the URL `{authority}/{segments…}`; the segments are escaped.
    pub(crate) fn join(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            // An origin has one empty segment, which would stay as a second slash.
            path.clear().extend(segments);
        }
        url
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// Whether `url` names this machine by address or as `localhost`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

fn check_origin(url: &Url, text: &str) -> Result<()> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad_authority(
            text,
            "it must not hold a user name or password",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad_authority(
            text,
            "it must not have a query or a fragment",
        ));
    }
    if !matches!(url.path(), "" | "/") {
        // The tenant is the first path segment of every endpoint; behind a prefix one tenant's
        // token would be taken for another's.
        return Err(bad_authority(
            text,
            "it must not have a path; the tenant is an argument of its own",
        ));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(bad_authority(text, "it has no host"));
    }
    Ok(())
}

/// Returns the error for an authority. Its text is shown unless it may hold a password.
fn bad_authority(text: &str, reason: &str) -> Error {
    let shown = match text.contains(['@', '?', '#']) {
        true => String::new(),
        false => format!(" {}", redact::argument(text)),
    };
    Error::invalid(format!(
        "invalid authority host{shown}: {reason}. Expected something like https://login.microsoftonline.com"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, String> {
        let authority = Authority::parse(text, false).map_err(|e| e.to_string())?;
        Ok(authority.join(&["t", "oauth2"]).to_string())
    }

    #[test]
    fn an_authority_is_a_https_origin_however_it_is_written() {
        for text in [
            "https://h:8443",
            "h:8443",
            " https://h:8443/// ",
            "HTTPS://h:8443/",
        ] {
            assert_eq!(parse(text).unwrap(), "https://h:8443/t/oauth2", "{text}");
        }
        assert_eq!(
            parse("localhost:8443").unwrap(),
            "https://localhost:8443/t/oauth2"
        );
        assert_eq!(parse("[::1]:8443").unwrap(), "https://[::1]:8443/t/oauth2");
    }

    #[test]
    fn anything_but_an_origin_is_refused_and_shown_unless_it_may_hold_a_password() {
        let bad = [
            "",
            "https://",
            "ftp://h",
            "http://h",
            "http://127.0.0.1",
            "https://h/prefix",
        ];
        let worse = [
            "https://u:pass@h",
            "https://h?q=pass",
            "https://h#pass",
            "https://h h",
        ];
        for text in bad.iter().chain(&worse) {
            let error = parse(text).expect_err(text);
            assert!(
                error.starts_with("invalid authority host"),
                "{text}: {error}"
            );
            let shown = format!("host {}:", redact::argument(text));
            assert_eq!(error.contains(&shown), !text.contains("pass"), "{error}");
            assert!(
                !error.contains("pass@") && !error.contains("q=pass"),
                "{error}"
            );
        }
    }

    #[test]
    fn plain_http_needs_the_option_and_a_loopback_address() {
        for text in ["http://127.0.0.1:80", "http://localhost:1", "http://[::1]"] {
            assert!(Authority::parse(text, true).is_ok(), "{text}");
        }
        assert!(Authority::parse("http://example.com", true).is_err());
    }
}
