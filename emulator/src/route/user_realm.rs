//! What is known of a user name before anybody signs in.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::header::{CONTENT_DISPOSITION, HeaderValue};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::call::{Call, Incoming, decoded};
use crate::directory::Directory;
use crate::reply;
use crate::state::AppState;

/// `/common/userrealm/{upn}?api-version=1.0`
pub(crate) async fn v1(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    let snapshot = state.snapshot(call.at);
    let name = call.path.trim_end_matches('/').rsplit('/').next();
    let name = decoded(name.unwrap_or_default()).into_owned();
    answer(&call, realm_v1(&snapshot.directory, &name))
}

/// `/common/userrealm?user={upn}&api-version=2.1`
pub(crate) async fn v2(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    let snapshot = state.snapshot(call.at);
    let name = call.query("user").unwrap_or_default();
    answer(&call, realm_v2(&snapshot.directory, name))
}

/// `/common/GetCredentialType`: JSON in, JSON out, for the sign-in page.
pub(crate) async fn credential_type(
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
    let found = snapshot.directory.user(name);
    let exists = found.is_some_and(|user| !user.disabled);
    let has_password = found.is_some_and(|user| user.password.is_some());
    let body = json!({
        "Username": name,
        "Display": name,
        "IfExistsResult": i32::from(!exists),
        "IsUnmanaged": false,
        "ThrottleStatus": 0,
        "Credentials": {
            "PrefCredential": 1,
            "HasPassword": has_password || !exists,
            "RemoteNgcParams": null,
            "FidoParams": null,
            "SasParams": null,
            "CertAuthParams": null,
        },
        "EstsProperties": { "UserTenantBranding": null, "DomainType": 3 },
        "IsSignupDisallowed": true,
    });
    reply::as_token_reply(reply::json(StatusCode::OK, &body), &call)
}

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

/// Every domain here is managed: nobody signs in somewhere else.
fn realm_v1(directory: &Directory, name: &str) -> Value {
    if directory.tenant_of_name(name).is_none() {
        return json!({
            "ver": "1.0",
            "account_type": "Unknown",
            "cloud_instance_name": "microsoftonline.com",
            "cloud_audience_urn": "urn:federation:MicrosoftOnline",
        });
    }
    json!({
        "ver": "1.0",
        "account_type": "Managed",
        "domain_name": domain(name),
        "cloud_instance_name": "microsoftonline.com",
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    })
}

fn realm_v2(directory: &Directory, name: &str) -> Value {
    let Some(tenant) = directory.tenant_of_name(name) else {
        return json!({ "NameSpaceType": "Unknown", "Login": name });
    };
    json!({
        "NameSpaceType": "Managed",
        "Login": name,
        "DomainName": domain(name),
        "FederationBrandName": tenant.display_name.as_ref().unwrap_or(&tenant.name),
        "TenantBrandingInfo": null,
        "cloud_instance_name": "microsoftonline.com",
    })
}

fn domain(name: &str) -> &str {
    name.trim()
        .rsplit_once('@')
        .map_or("", |(_, domain)| domain)
}
