//! What a token request gets when all is well.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::client_auth::Version;
use crate::reply;
use crate::state::AppState;
use crate::token::{Delegated, Hashes, Issue, IssuedToken, Signer};

/// Signs and says so: v2 in numbers, v1 in strings and more of them, each in the order of the wire.
pub(super) async fn reply(
    state: &AppState,
    call: &Call,
    issue: &Issue,
    version: Version,
) -> Response {
    let key = state.keys().signing(call.at).ready().await;
    let token = issue.sign(&key, state.random(), call.at, &call.origin);
    call.note_issued(token.note.clone());
    let mut body = match version {
        Version::V2 => v2(issue, &token),
        Version::V1 => v1(issue, &token),
    };
    if let Some(delegated) = &issue.delegated {
        let signer = Signer {
            key: &key,
            random: state.random(),
            now: call.at,
            origin: &call.origin,
        };
        put_delegated(&mut body, delegated, state, signer);
    }
    reply::json(StatusCode::OK, &body)
}

fn v2(issue: &Issue, token: &IssuedToken) -> Map<String, Value> {
    let lifetime = issue.lifetime;
    let mut body = Map::new();
    body.insert("token_type".to_owned(), json!("Bearer"));
    if let Some(delegated) = &issue.delegated {
        body.insert("scope".to_owned(), json!(delegated.scope));
    }
    body.insert("expires_in".to_owned(), json!(lifetime));
    body.insert("ext_expires_in".to_owned(), json!(lifetime));
    if lifetime >= LONG {
        body.insert("refresh_in".to_owned(), json!(lifetime / 2));
    }
    body.insert("access_token".to_owned(), json!(token.value));
    body
}

fn v1(issue: &Issue, token: &IssuedToken) -> Map<String, Value> {
    let lifetime = issue.lifetime.to_string();
    let mut body = Map::new();
    let mut put = |name: &str, value: &str| body.insert(name.to_owned(), json!(value));
    put("token_type", "Bearer");
    if let Some(delegated) = &issue.delegated {
        put("scope", &delegated.scope);
    }
    put("expires_in", &lifetime);
    put("ext_expires_in", &lifetime);
    if issue.lifetime >= LONG {
        put("refresh_in", &(issue.lifetime / 2).to_string());
    }
    put("expires_on", &token.expires_on.to_string());
    put("not_before", &token.not_before.to_string());
    put("resource", &issue.audience.asked);
    put("access_token", &token.value);
    body
}

/// From this lifetime on a reply says when to refresh, in seconds.
const LONG: i64 = 7200;

/// What only users bring.
fn put_delegated(
    body: &mut Map<String, Value>,
    delegated: &Delegated,
    state: &AppState,
    signer: Signer<'_>,
) {
    let mut put = |name: &str, value: String| body.insert(name.to_owned(), json!(value));
    if let Some(refresh) = &delegated.refresh_token {
        put("refresh_token", state.sealed(refresh));
    }
    if delegated.family {
        put("foci", "1".to_owned());
    }
    if let Some(id_token) = &delegated.id_token {
        put(
            "id_token",
            id_token.sign(delegated, signer, Hashes::default()),
        );
    }
    if delegated.client_info {
        put("client_info", delegated.person.client_info());
    }
}
