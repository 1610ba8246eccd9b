//! The clouds of Azure and the hosts of each.

use std::borrow::Cow;
use std::fmt::Display;

use crate::world::config::NationalCloud;

/// The names that documents and tokens of one cloud give.
///
/// Sources: recorded documents of the public cloud and of China; for Azure Government and for the
/// addresses of Azure RBAC, Microsoft's lists of endpoints that machines must reach.
#[derive(Debug)]
pub(crate) struct CloudNames {
    /// `cloud_instance_name`.
    pub(crate) instance: &'static str,
    /// `cloud_graph_host_name`.
    graph: &'static str,
    /// `msgraph_host`.
    pub(crate) microsoft_graph: &'static str,
    /// `rbac_url`.
    rbac: &'static str,
    /// The host in the issuer of v1 tokens.
    sts: &'static str,
}

impl CloudNames {
    /// Returns the names of a national cloud, or of the public one.
    pub(crate) fn of(cloud: Option<NationalCloud>) -> &'static Self {
        match cloud {
            None => &Self {
                instance: "microsoftonline.com",
                graph: "graph.windows.net",
                microsoft_graph: "graph.microsoft.com",
                rbac: "https://pas.windows.net",
                sts: "sts.windows.net",
            },
            Some(NationalCloud::UsGovernment) => &Self {
                instance: "microsoftonline.us",
                graph: "graph.windows.net",
                microsoft_graph: "graph.microsoft.us",
                rbac: "https://pasff.usgovcloudapi.net",
                sts: "sts.windows.net",
            },
            Some(NationalCloud::China) => &Self {
                instance: "partner.microsoftonline.cn",
                graph: "graph.chinacloudapi.cn",
                microsoft_graph: "microsoftgraph.chinacloudapi.cn",
                rbac: "https://pas.chinacloudapi.cn",
                sts: "sts.chinacloudapi.cn",
            },
        }
    }

    /// Returns the last members of a discovery document, in the order of the wire.
    pub(crate) fn members(&self) -> [(&'static str, &'static str); 4] {
        [
            ("cloud_instance_name", self.instance),
            ("cloud_graph_host_name", self.graph),
            ("msgraph_host", self.microsoft_graph),
            ("rbac_url", self.rbac),
        ]
    }

    /// Returns the issuer of v1 tokens of `tenant`, an id or the service's template.
    pub(crate) fn v1_issuer(&self, tenant: impl Display) -> String {
        format!("https://{}/{tenant}/", self.sts)
    }
}

/// Returns the address that v2 tokens and documents name as their issuer when they are asked for at
/// `origin`: that of the cloud, at whichever of its aliases or regional hosts. An origin that is
/// none of a cloud, such as the emulator's own, names itself.
pub(crate) fn issuing_origin(origin: &str) -> Cow<'_, str> {
    let host = origin.strip_prefix("https://").unwrap_or_default();
    let is_of = |cloud: &&Cloud| {
        let is_below = |alias: &&str| {
            let start = host.strip_suffix(*alias);
            start.is_some_and(|start| start.is_empty() || start.ends_with('.'))
        };
        cloud.aliases.iter().any(is_below)
    };
    match CLOUDS.iter().find(is_of) {
        Some(cloud) => format!("https://{}", cloud.network).into(),
        None => origin.into(),
    }
}

/// One cloud, as instance discovery describes it.
#[derive(Debug)]
pub(crate) struct Cloud {
    /// The host that requests shall go to.
    pub(crate) network: &'static str,
    /// The host by which caches file what they keep.
    pub(crate) cache: &'static str,
    /// All hosts where one signs in.
    pub(crate) aliases: &'static [&'static str],
}

#[rustfmt::skip]
pub(crate) const CLOUDS: &[Cloud] = &[
    Cloud { network: "login.microsoftonline.com", cache: "login.windows.net", aliases: &[
        "login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net",
    ] },
    Cloud { network: "login.partner.microsoftonline.cn", cache: "login.partner.microsoftonline.cn",
        aliases: &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"] },
    Cloud { network: "login.microsoftonline.de", cache: "login.microsoftonline.de",
        aliases: &["login.microsoftonline.de"] },
    Cloud { network: "login.microsoftonline.us", cache: "login.microsoftonline.us",
        aliases: &["login.microsoftonline.us", "login.usgovcloudapi.net"] },
    Cloud { network: "login-us.microsoftonline.com", cache: "login-us.microsoftonline.com",
        aliases: &["login-us.microsoftonline.com"] },
];

/// Hosts that answer for people's tokens besides those where one signs in, and the metadata
/// service.
const OTHERS: &[&str] = &[
    "graph.microsoft.com",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
    "graph.windows.net",
    "graph.chinacloudapi.cn",
    "169.254.169.254",
];

/// Whether the emulator answers for `host` (lower case): where one signs in, in whatever region,
/// and the hosts that belong to it.
pub(crate) fn is_played(host: &str) -> bool {
    let is_below = |alias: &&str| {
        let start = host.strip_suffix(*alias);
        start.is_some_and(|start| start.is_empty() || start.ends_with('.'))
    };
    let aliases = CLOUDS.iter().flat_map(|cloud| cloud.aliases);
    aliases.chain(OTHERS).any(is_below)
}

/// The national cloud of a host (lower case) where one signs in, in whatever region.
pub(crate) fn national(host: &str) -> Option<NationalCloud> {
    let is_of = |suffixes: &[&str]| suffixes.iter().any(|suffix| host.ends_with(suffix));
    if is_of(&["login.microsoftonline.us", "login.usgovcloudapi.net"]) {
        Some(NationalCloud::UsGovernment)
    } else if is_of(&["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"]) {
        Some(NationalCloud::China)
    } else {
        None
    }
}

/// Whether one signs in at `host` (lower case) in any cloud; regions have hosts of their own.
pub(crate) fn signs_in(host: &str) -> bool {
    let listed = CLOUDS.iter().any(|cloud| cloud.aliases.contains(&host));
    listed || host.ends_with(".login.microsoft.com")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_cloud_has_one_issuer() {
        for (origin, issuer) in [
            (
                "https://login.microsoftonline.com",
                "https://login.microsoftonline.com",
            ),
            (
                "https://login.windows.net",
                "https://login.microsoftonline.com",
            ),
            (
                "https://login.microsoft.com",
                "https://login.microsoftonline.com",
            ),
            (
                "https://sts.windows.net",
                "https://login.microsoftonline.com",
            ),
            (
                "https://westus2.login.microsoft.com",
                "https://login.microsoftonline.com",
            ),
            (
                "https://login.chinacloudapi.cn",
                "https://login.partner.microsoftonline.cn",
            ),
            (
                "https://login.usgovcloudapi.net",
                "https://login.microsoftonline.us",
            ),
            ("https://localhost:8443", "https://localhost:8443"),
            (
                "https://login.microsoftonline.com:8443",
                "https://login.microsoftonline.com:8443",
            ),
            (
                "https://notlogin.windows.net.example",
                "https://notlogin.windows.net.example",
            ),
            ("http://169.254.169.254", "http://169.254.169.254"),
        ] {
            assert_eq!(issuing_origin(origin), issuer, "{origin}");
        }
    }

    #[test]
    fn hosts_of_every_cloud_and_their_regions_are_played_and_no_others() {
        for host in [
            "login.microsoftonline.com",
            "sts.windows.net",
            "login.windows.net",
            "westus2.login.microsoft.com",
            "eastus.login.microsoftonline.us",
            "login.chinacloudapi.cn",
            "graph.microsoft.com",
            "169.254.169.254",
        ] {
            assert!(is_played(host), "{host}");
        }
        for host in ["notlogin.microsoft.com", "management.azure.com", "com", ""] {
            assert!(!is_played(host), "{host}");
        }
    }
}
