//! The clouds of Azure and the hosts of each.

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

/// Whether one signs in at `host` (lower case) in any cloud; regions have hosts of their own.
pub(crate) fn signs_in(host: &str) -> bool {
    let listed = CLOUDS.iter().any(|cloud| cloud.aliases.contains(&host));
    listed || host.ends_with(".login.microsoft.com")
}
