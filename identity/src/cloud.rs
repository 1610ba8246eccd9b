//! Clouds, their authorities, and what a scope says about a resource.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::error::{Error, Result};

/// A national cloud of Azure.
///
/// Give [`Cloud::authority_host`] to [`Options::authority_host`](crate::Options::authority_host).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cloud {
    /// The public cloud.
    Public,
    /// Azure Government (USA).
    Government,
    /// Azure operated by 21Vianet (China).
    China,
}

impl Cloud {
    /// All clouds.
    pub const ALL: &'static [Self] = &[Self::Public, Self::Government, Self::China];

    /// The URL of the cloud's token service.
    pub const fn authority_host(self) -> &'static str {
        match self {
            Self::Public => "https://login.microsoftonline.com",
            Self::Government => "https://login.microsoftonline.us",
            Self::China => "https://login.chinacloudapi.cn",
        }
    }

    /// The scope of the cloud's management API, by which users sign in when nothing else is said.
    pub(crate) const fn management_scope(self) -> &'static str {
        match self {
            Self::Public => "https://management.core.windows.net//.default",
            Self::Government => "https://management.core.usgovcloudapi.net//.default",
            Self::China => "https://management.core.chinacloudapi.cn//.default",
        }
    }

    /// Every host name of the cloud's token service, the preferred one first.
    pub const fn host_names(self) -> &'static [&'static str] {
        match self {
            Self::Public => &[
                "login.microsoftonline.com",
                "login.windows.net",
                "login.microsoft.com",
                "sts.windows.net",
            ],
            Self::Government => &["login.microsoftonline.us", "login.usgovcloudapi.net"],
            Self::China => &["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
        }
    }

    /// The cloud whose token service answers under `host`, whatever its spelling.
    pub fn of_host(host: &str) -> Option<Self> {
        let named = |cloud: &&Self| {
            cloud
                .host_names()
                .iter()
                .any(|n| n.eq_ignore_ascii_case(host))
        };
        Self::ALL.iter().find(named).copied()
    }
}

/// Hosts of clouds that need no [`Cloud`] of their own here.
/// Source: <https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud>.
const KNOWN: &[&str] = &[
    "login.microsoftonline.de",
    "login-us.microsoftonline.com",
    "login.sovcloud-identity.fr",
    "login.sovcloud-identity.de",
    "login.sovcloud-identity.sg",
];

/// Where customers' directories have hosts of their own, and regions theirs.
const KNOWN_DOMAINS: &[&str] = &[".ciamlogin.com", ".b2clogin.com", ".login.microsoft.com"];

/// The origin of a token service: scheme, host, port; nothing more.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Authority(Url);

impl Authority {
    /// Reads `text`: a URL or a bare host, https only. `http_loopback` lets plain http through
    /// for this machine's own addresses.
    pub(crate) fn parse(text: &str, http_loopback: bool) -> Result<Self> {
        let trimmed = text.trim();
        let with_scheme = match trimmed.contains("://") {
            true => trimmed.to_owned(),
            false => format!("https://{trimmed}"),
        };
        let url = Url::parse(with_scheme.trim_end_matches('/'))
            .map_err(|e| bad_authority(&e.to_string()))?;
        check_origin(&url)?;
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if http_loopback && is_loopback(&url) => Ok(Self(url)),
            "http" if http_loopback => Err(bad_authority("plain http is for loopback addresses")),
            _ => Err(bad_authority("it must be a TLS protected (https) URL")),
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

    /// The host name or address.
    pub(crate) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The same service in `region`; `None` for an address, which has no regions.
    pub(crate) fn regional(&self, region: &str) -> Option<Self> {
        let Some(Host::Domain(host)) = self.0.host() else {
            return None;
        };
        let host = match Cloud::of_host(host) {
            Some(Cloud::Public) => format!("{region}.login.microsoft.com"),
            _ => format!("{region}.{host}"),
        };
        let mut url = self.0.clone();
        url.set_host(Some(&host)).ok()?;
        Some(Self(url))
    }

    /// Whether tokens of `other`, a host with its port if that is not 443, are this service's: the
    /// hosts of one cloud are one service.
    pub(crate) fn is_called(&self, other: &str) -> bool {
        let own = &self.0[url::Position::BeforeHost..url::Position::AfterPort];
        let cloud = Cloud::of_host(other);
        own.eq_ignore_ascii_case(other) || cloud.is_some() && cloud == Cloud::of_host(own)
    }

    /// `{authority}/{segments…}`; the segments are escaped.
    pub(crate) fn join(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
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

/// The resource a scope belongs to: the scope less exactly one trailing `/.default`, so that
/// `https://vault.azure.net//.default` keeps the slash of `https://vault.azure.net/`.
pub(crate) fn resource(scope: &str) -> &str {
    scope.strip_suffix("/.default").unwrap_or(scope)
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

fn check_origin(url: &Url) -> Result<()> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad_authority("it must not hold a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad_authority("it must not have a query or a fragment"));
    }
    if !matches!(url.path(), "" | "/") {
        // The tenant is the first path segment of every endpoint; behind a prefix one tenant's
        // token would be taken for another's.
        return Err(bad_authority(
            "it must not have a path; the tenant is an argument of its own",
        ));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(bad_authority("it has no host"));
    }
    Ok(())
}

// The text itself stays out: it may hold a password.
fn bad_authority(reason: &str) -> Error {
    Error::invalid(format!(
        "invalid authority host: {reason}. Expected something like https://login.microsoftonline.com"
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
    fn anything_but_an_origin_is_refused_without_repeating_it() {
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
                error.starts_with("invalid authority host: "),
                "{text}: {error}"
            );
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

    #[test]
    fn a_resource_is_the_scope_less_one_default() {
        assert_eq!(
            resource("https://vault.azure.net/.default"),
            "https://vault.azure.net"
        );
        assert_eq!(
            resource("https://vault.azure.net//.default"),
            "https://vault.azure.net/"
        );
        assert_eq!(resource("api://x"), "api://x");
        assert_eq!(resource("x/.default/.default"), "x/.default");
    }

    #[test]
    fn every_alias_names_its_cloud() {
        assert_eq!(Cloud::of_host("Login.Windows.net"), Some(Cloud::Public));
        assert_eq!(
            Cloud::of_host("login.partner.microsoftonline.cn"),
            Some(Cloud::China)
        );
        assert_eq!(Cloud::of_host("login.example.com"), None);
    }
}
