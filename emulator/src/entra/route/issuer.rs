//! Other people's token services: discovery and keys of the issuers of the world.

use axum::extract::{Path, State};
use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::entra::app_state::AppState;
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};

/// `/issuers/{name}/.well-known/openid-configuration`
pub(in crate::entra) async fn discovery(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Incoming(call): Incoming,
) -> Response {
    let document = state.issuer_url(&name).map(|url| {
        json!({
            "issuer": url,
            "jwks_uri": format!("{}{}/issuers/{name}/keys", call.origin, state.addresses().base()),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    });
    answer(&call, document)
}

/// `/issuers/{name}/keys`
pub(in crate::entra) async fn keys(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Incoming(call): Incoming,
) -> Response {
    let document = match state.issuer_url(&name) {
        Some(url) => {
            let key = state.issuers().key(&url).await;
            let entry = json!({
                "kty": "RSA",
                "use": "sig",
                "kid": key.kid,
                "alg": "RS256",
                "n": key.n,
                "e": key.e,
            });
            Some(json!({ "keys": [entry] }))
        }
        None => None,
    };
    answer(&call, document)
}

fn answer(call: &Call, document: Option<Value>) -> Response {
    let status = match (&call.method, &document) {
        (&Method::GET | &Method::HEAD, Some(document)) => {
            return reply::json(StatusCode::OK, document);
        }
        (_, Some(_)) => StatusCode::METHOD_NOT_ALLOWED,
        (_, None) => StatusCode::NOT_FOUND,
    };
    reply::nothing_here(status, &call.method, &call.path)
}
