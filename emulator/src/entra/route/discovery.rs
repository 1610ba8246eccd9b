//! Discovery documents and keys. Every URL is on the origin the client used.

mod documents;
mod instance;

use axum::extract::State;
use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::crypto::keys::KeyPair;
use crate::entra::app_state::AppState;
use crate::exchange::error::{Aadsts, Fault};
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};
use crate::world::authority::Authority;
use crate::world::endpoint_version::EndpointVersion;

/// `/{tenant}/v2.0/.well-known/openid-configuration`
pub(in crate::entra) async fn openid_v2(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    answer(&call, openid(&state, &call, EndpointVersion::V2))
}

/// `/{tenant}/.well-known/openid-configuration`
pub(in crate::entra) async fn openid_v1(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    answer(&call, openid(&state, &call, EndpointVersion::V1))
}

/// `/{tenant}/discovery/v2.0/keys`
pub(in crate::entra) async fn keys_v2(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    let keys = keys(&state, &call, EndpointVersion::V2).await;
    answer(&call, keys)
}

/// `/{tenant}/discovery/keys`
pub(in crate::entra) async fn keys_v1(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    let keys = keys(&state, &call, EndpointVersion::V1).await;
    answer(&call, keys)
}

/// `/common/discovery/instance`
pub(in crate::entra) async fn instance(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    answer(&call, instance::document(&call, state.addresses()))
}

fn openid(state: &AppState, call: &Call, version: EndpointVersion) -> Result<Value, Aadsts> {
    let snapshot = state.snapshot(call.at);
    let authority = Authority::parse(&call.tenant_segment(), &snapshot.directory)?;
    let mut document = match version {
        EndpointVersion::V2 => documents::v2(&call.origin, &authority),
        EndpointVersion::V1 => documents::v1(&call.origin, &authority),
    };
    if let Some(app) = call.query("appid").filter(|app| !app.is_empty()) {
        documents::of_app(&mut document, app);
    }
    Ok(document)
}

async fn keys(state: &AppState, call: &Call, version: EndpointVersion) -> Result<Value, Aadsts> {
    let snapshot = state.snapshot(call.at);
    let authority = Authority::parse(&call.tenant_segment(), &snapshot.directory)?;
    let issuer = documents::v2_issuer(&call.origin, &authority);
    let issuer = (version == EndpointVersion::V2).then_some(issuer.as_str());
    let published = state.keys().ready(call.at).await;
    let cloud = documents::names(&call.origin, &authority).instance;
    let keys: Vec<_> = published
        .iter()
        .map(|key| jwk(key, cloud, issuer))
        .collect();
    Ok(json!({ "keys": keys }))
}

/// One key, members in the order of the wire; only v2 says whose tokens it signs.
fn jwk(key: &KeyPair, cloud: &str, issuer: Option<&str>) -> Value {
    let mut entry = json!({
        "kty": "RSA",
        "use": "sig",
        "kid": key.kid,
        "x5t": key.kid,
        "n": key.n,
        "e": key.e,
        "x5c": [key.x5c],
        "cloud_instance_name": cloud,
    });
    if let Some(issuer) = issuer {
        entry["issuer"] = json!(issuer);
    }
    entry
}

/// The metadata endpoints call a bad tenant `invalid_tenant`, where the token endpoint says
/// `invalid_request`.
fn answer(call: &Call, document: Result<Value, Aadsts>) -> Response {
    let response = match (&call.method, document) {
        (&Method::GET | &Method::HEAD, Ok(document)) => reply::json(StatusCode::OK, &document),
        (&Method::GET | &Method::HEAD, Err(error)) => {
            let about_tenant = matches!(error.code(), 90002 | 900021 | 900023);
            let error = if about_tenant {
                error.named("invalid_tenant")
            } else {
                error
            };
            Fault::from(error).at_entra(call)
        }
        _ => reply::nothing_here(StatusCode::METHOD_NOT_ALLOWED, &call.method, &call.path),
    };
    reply::as_metadata_reply(response)
}
