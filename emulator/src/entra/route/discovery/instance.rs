//! Instance discovery: which hosts are the same cloud.

use serde_json::{Value, json};
use url::Url;

use crate::entra::app_state::Addresses;
use crate::exchange::error::Aadsts;
use crate::exchange::request::Call;
use crate::world::cloud::{self, CLOUDS};

/// For the `authorization_endpoint` in the query: any host of a cloud, or the emulator itself.
pub(super) fn document(call: &Call, addresses: &Addresses) -> Result<Value, Aadsts> {
    let malformed = || Aadsts::new(50050);
    let version = call
        .query("api-version")
        .filter(|version| VERSIONS.contains(version));
    let version = version.ok_or_else(malformed)?;
    let endpoint = call.query("authorization_endpoint").ok_or_else(malformed)?;
    let endpoint = Url::parse(endpoint).map_err(|_| malformed())?;
    let own = own_authorities(call, addresses, &endpoint);
    let host = endpoint.host_str().unwrap_or_default();
    if !cloud::signs_in(host)
        && !own
            .iter()
            .any(|own| names_authority(&authority(&endpoint), own))
    {
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
        "metadata": metadata(&own),
    }))
}

const VERSIONS: &[&str] = &["1.0", "1.1"];

/// The clouds, and the emulator as a cloud of its own by the names that are none of theirs.
fn metadata(own: &[String]) -> Value {
    let mut clouds: Vec<_> = CLOUDS
        .iter()
        .map(|cloud| {
            json!({
                "preferred_network": cloud.network,
                "preferred_cache": cloud.cache,
                "aliases": cloud.aliases,
            })
        })
        .collect();
    clouds.extend(
        own.iter().map(
            |own| json!({ "preferred_network": own, "preferred_cache": own, "aliases": [own] }),
        ),
    );
    Value::Array(clouds)
}

/// Returns the emulator's names that are none of a cloud: the address the client is at, and the one
/// it asks about if that is ours, for a client may ask the host it has always asked about an
/// authority that is new to it.
fn own_authorities(call: &Call, addresses: &Addresses, asked: &Url) -> Vec<String> {
    let here = Url::parse(&call.origin).map_or(String::new(), |url| authority(&url));
    let asked = authority(asked);
    let also = addresses.is_own(&asked) && !names_authority(&asked, &here);
    let is_of_a_cloud = |own: &str| CLOUDS.iter().any(|cloud| cloud.aliases.contains(&own));
    [here]
        .into_iter()
        .chain(also.then_some(asked))
        .filter(|own| !own.is_empty() && !is_of_a_cloud(own))
        .collect()
}

/// Whether `asked` means this authority; MSAL for Python and Java leave the port out.
fn names_authority(asked: &str, own: &str) -> bool {
    let bare = own.rsplit_once(':').map_or(own, |(host, _)| host);
    [own, bare].contains(&asked)
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
