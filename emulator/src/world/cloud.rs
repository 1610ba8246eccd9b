//! The clouds of Azure and the hosts of each.

use crate::world::config::NationalCloud;

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
