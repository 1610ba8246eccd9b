//! Instance discovery: which hosts are the same cloud.

use serde_json::{Value, json};
use url::Url;

use crate::call::Call;
use crate::error::Aadsts;

/// For the `authorization_endpoint` in the query: any host of a cloud, or the emulator itself.
pub(super) fn document(call: &Call) -> Result<Value, Aadsts> {
    let malformed = || Aadsts::new(50050);
    let version = call
        .query("api-version")
        .filter(|version| VERSIONS.contains(version));
    let version = version.ok_or_else(malformed)?;
    let endpoint = call.query("authorization_endpoint").ok_or_else(malformed)?;
    let endpoint = Url::parse(endpoint).map_err(|_| malformed())?;
    if !is_known(&endpoint, call) {
        return Err(Aadsts::new(50049));
    }
    let tenant = endpoint
        .path_segments()
        .and_then(|mut segments| segments.next());
    let tenant = tenant
        .filter(|tenant| !tenant.is_empty())
        .ok_or_else(malformed)?;
    let v2 = if endpoint.path().contains("/oauth2/v2.0/") {
        "v2.0/"
    } else {
        ""
    };
    let origin = &call.origin;
    let discovery = format!("{origin}/{tenant}/{v2}.well-known/openid-configuration");
    if version == "1.0" {
        return Ok(json!({ "tenant_discovery_endpoint": discovery }));
    }
    Ok(json!({
        "tenant_discovery_endpoint": discovery,
        "api-version": "1.1",
        "metadata": metadata(call),
    }))
}

const VERSIONS: &[&str] = &["1.0", "1.1"];

/// Preferred for requests, preferred for caches, and all names of each cloud.
const CLOUDS: &[(&str, &str, &[&str])] = &[
    (
        "login.microsoftonline.com",
        "login.windows.net",
        &[
            "login.microsoftonline.com",
            "login.windows.net",
            "login.microsoft.com",
            "sts.windows.net",
        ],
    ),
    (
        "login.partner.microsoftonline.cn",
        "login.partner.microsoftonline.cn",
        &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
    ),
    (
        "login.microsoftonline.de",
        "login.microsoftonline.de",
        &["login.microsoftonline.de"],
    ),
    (
        "login.microsoftonline.us",
        "login.microsoftonline.us",
        &["login.microsoftonline.us", "login.usgovcloudapi.net"],
    ),
    (
        "login-us.microsoftonline.com",
        "login-us.microsoftonline.com",
        &["login-us.microsoftonline.com"],
    ),
];

fn is_known(endpoint: &Url, call: &Call) -> bool {
    let Some(host) = endpoint.host_str() else {
        return false;
    };
    let listed = CLOUDS.iter().any(|(_, _, aliases)| aliases.contains(&host));
    let own = own_authority(call);
    // MSAL for Python and Java leave the port out.
    let bare = own.split_once(':').map_or(own.as_str(), |(host, _)| host);
    listed
        || host.ends_with(".login.microsoft.com")
        || [own.as_str(), bare].contains(&authority(endpoint).as_str())
}

/// The clouds, and the emulator as a cloud of its own if it goes by no name of theirs.
fn metadata(call: &Call) -> Value {
    let mut clouds: Vec<_> = CLOUDS
        .iter()
        .map(|(network, cache, aliases)| {
            json!({ "preferred_network": network, "preferred_cache": cache, "aliases": aliases })
        })
        .collect();
    let own = own_authority(call);
    if !CLOUDS
        .iter()
        .any(|(_, _, aliases)| aliases.contains(&own.as_str()))
    {
        clouds.push(json!({ "preferred_network": own, "preferred_cache": own, "aliases": [own] }));
    }
    Value::Array(clouds)
}

fn own_authority(call: &Call) -> String {
    Url::parse(&call.origin)
        .map(|origin| authority(&origin))
        .unwrap_or_default()
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
