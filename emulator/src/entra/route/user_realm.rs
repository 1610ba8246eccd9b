//! The facts about a user name that are known before anybody signs in.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::header::{CONTENT_DISPOSITION, HeaderValue};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::entra::app_state::AppState;
use crate::entra::sign_in::elsewhere;
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming, decoded};
use crate::world::directory::{Directory, HomeRealm};

/// `/common/userrealm/{upn}?api-version=1.0`
pub(in crate::entra) async fn v1(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    let snapshot = state.snapshot(call.at);
    let name = call.path.trim_end_matches('/').rsplit('/').next();
    let name = decoded(name.unwrap_or_default()).into_owned();
    answer(&call, realm_v1(&snapshot.directory, &name))
}

/// `/common/userrealm?user={upn}&api-version=2.1`
pub(in crate::entra) async fn v2(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    let snapshot = state.snapshot(call.at);
    let name = call.query("user").unwrap_or_default();
    answer(&call, realm_v2(&snapshot.directory, name))
}

/// `/GetUserRealm.srf?login={upn}&json=1`
pub(in crate::entra) async fn srf(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    let snapshot = state.snapshot(call.at);
    let name = call.query("login").unwrap_or_default();
    answer(&call, realm_srf(&snapshot.directory, name))
}

/// `/common/GetCredentialType`: JSON in, JSON out, for the sign-in page.
pub(in crate::entra) async fn credential_type(
    State(state): State<AppState>,
    Incoming(call): Incoming,
    body: Bytes,
) -> Response {
    if call.method != Method::POST {
        return nothing_here(&call);
    }
    let sent = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    let name = ["username", "Username"]
        .iter()
        .find_map(|key| sent.get(*key)?.as_str());
    let name = name.unwrap_or_default();
    let snapshot = state.snapshot(call.at);
    let body = credentials_of(&snapshot.directory, name);
    reply::as_token_reply(reply::json(StatusCode::OK, &body), &call)
}

/// Returns the credentials that a user name can sign in with. Every name of a federated domain
/// exists, since only the other provider knows its users.
fn credentials_of(directory: &Directory, name: &str) -> Value {
    let found = directory.user(name);
    let federation = directory.federation_of(name);
    let exists = federation.is_some() || found.is_some_and(|user| !user.disabled);
    let has_password = found.is_some_and(|user| user.password.is_some());
    let mut credentials = json!({
        "PrefCredential": if federation.is_some() { FEDERATION } else { PASSWORD },
        "HasPassword": has_password || !exists || federation.is_some(),
        "RemoteNgcParams": null,
        "FidoParams": null,
        "SasParams": null,
        "CertAuthParams": null,
    });
    if let Some(federated) = federation {
        credentials["FederationRedirectUrl"] = json!(elsewhere::address(federated, name, ""));
    }
    json!({
        "Username": name,
        "Display": name,
        "IfExistsResult": i32::from(!exists),
        "IsUnmanaged": false,
        "ThrottleStatus": 0,
        "Credentials": credentials,
        "EstsProperties": {
            "UserTenantBranding": null,
            "DomainType": if federation.is_some() { FEDERATED } else { MANAGED },
        },
        "IsSignupDisallowed": true,
    })
}

/// Values of `PrefCredential` and `DomainType`.
const PASSWORD: i32 = 1;
const FEDERATION: i32 = 4;
const MANAGED: i32 = 3;
const FEDERATED: i32 = 4;

fn answer(call: &Call, realm: Value) -> Response {
    if call.method != Method::GET {
        return nothing_here(call);
    }
    let mut response = reply::json(StatusCode::OK, &realm);
    response.headers_mut().insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("inline; filename=userrealm.json"),
    );
    reply::as_token_reply(response, call)
}

fn nothing_here(call: &Call) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    reply::as_token_reply(reply::nothing_here(status, &call.method, &call.path), call)
}

fn realm_v1(directory: &Directory, name: &str) -> Value {
    let (account_type, federation) = match directory.home_realm(name) {
        HomeRealm::Unknown => ("Unknown", None),
        HomeRealm::Managed(_) => ("Managed", None),
        HomeRealm::Federated(federated) => ("Federated", Some(federated)),
    };
    let mut realm = json!({ "ver": "1.0", "account_type": account_type });
    if account_type != "Unknown" {
        realm["domain_name"] = json!(domain(name));
    }
    if let Some(federated) = federation {
        realm["federation_protocol"] = json!(federated.protocol.as_str());
        realm["federation_metadata_url"] = json!(federated.metadata_url());
        realm["federation_active_auth_url"] = json!(federated.active_url());
    }
    realm["cloud_instance_name"] = json!(CLOUD);
    realm["cloud_audience_urn"] = json!(elsewhere::REALM);
    realm
}

fn realm_v2(directory: &Directory, name: &str) -> Value {
    match directory.home_realm(name) {
        HomeRealm::Unknown => json!({ "NameSpaceType": "Unknown", "Login": name }),
        HomeRealm::Managed(tenant) => json!({
            "NameSpaceType": "Managed",
            "Login": name,
            "DomainName": domain(name),
            "FederationBrandName": tenant.display_name.as_ref().unwrap_or(&tenant.name),
            "TenantBrandingInfo": null,
            "cloud_instance_name": CLOUD,
        }),
        HomeRealm::Federated(federated) => json!({
            "NameSpaceType": "Federated",
            "federation_protocol": federated.protocol.as_str(),
            "Login": name,
            "AuthURL": elsewhere::address(federated, name, ""),
            "DomainName": domain(name),
            "FederationBrandName": federated.brand(),
            "TenantBrandingInfo": null,
            "cloud_instance_name": CLOUD,
        }),
    }
}

fn realm_srf(directory: &Directory, name: &str) -> Value {
    let realm = directory.home_realm(name);
    let (state, user_state) = match realm {
        HomeRealm::Federated(_) => (3, 2),
        HomeRealm::Managed(_) | HomeRealm::Unknown => (4, 1),
    };
    let mut said = json!({ "State": state, "UserState": user_state, "Login": name });
    match realm {
        HomeRealm::Unknown => said["NameSpaceType"] = json!("Unknown"),
        HomeRealm::Managed(tenant) => {
            said["NameSpaceType"] = json!("Managed");
            said["DomainName"] = json!(domain(name));
            said["FederationBrandName"] =
                json!(tenant.display_name.as_ref().unwrap_or(&tenant.name));
        }
        HomeRealm::Federated(federated) => {
            said["NameSpaceType"] = json!("Federated");
            said["DomainName"] = json!(domain(name));
            said["FederationGlobalVersion"] = json!(-1);
            said["AuthURL"] = json!(elsewhere::address(federated, name, ""));
            said["FederationBrandName"] = json!(federated.brand());
        }
    }
    said["CloudInstanceName"] = json!(CLOUD);
    said["CloudInstanceIssuerUri"] = json!(elsewhere::REALM);
    said
}

const CLOUD: &str = "microsoftonline.com";

fn domain(name: &str) -> &str {
    name.trim()
        .rsplit_once('@')
        .map_or("", |(_, domain)| domain)
}
