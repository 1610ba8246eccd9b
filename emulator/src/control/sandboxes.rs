//! `/_emulator/sandboxes`: worlds beside the emulator's own. What is below the id of one never
//! comes here: it is `/_emulator/` of that world.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::order::read;
use crate::control::refused;
use crate::entra::app_state::{AppState, SandboxError};
use crate::exchange::reply;
use crate::exchange::request::Incoming;
use crate::world::config::World;

/// The body of a request for a sandbox.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SandboxRequest {
    /// A world with the names of `world.toml`; default: the one the emulator started with.
    world: Option<World>,
}

pub(super) async fn list(State(state): State<AppState>) -> Response {
    let all = state.sandboxes();
    let ids = all.ids().into_iter();
    let described: Vec<_> = ids.filter_map(|id| description(&state, &id)).collect();
    reply::json(StatusCode::OK, &described)
}

pub(super) async fn open(State(state): State<AppState>, body: Bytes) -> Response {
    let order: SandboxRequest = match read(&body) {
        Ok(order) => order,
        Err(refusal) => return refusal.reply(),
    };
    let world = order.world;
    let world = world.map_or_else(|| state.directory().first(), Arc::new);
    match state.sandboxes().open(&state, &world) {
        Ok(id) => reply::json(StatusCode::CREATED, &description(&state, &id)),
        Err(error @ SandboxError::Full(_)) => {
            let body =
                json!({ "error": "too_many_sandboxes", "error_description": error.to_string() });
            reply::json(StatusCode::CONFLICT, &body)
        }
        Err(error) => refused(&error.to_string()),
    }
}

pub(super) async fn get(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Incoming(call): Incoming,
) -> Response {
    match description(&state, &id) {
        Some(found) => reply::json(StatusCode::OK, &found),
        None => reply::nothing_here(StatusCode::NOT_FOUND, &call.method, &call.path),
    }
}

pub(super) async fn close(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Incoming(call): Incoming,
) -> Response {
    if state.sandboxes().close(&id) {
        return StatusCode::NO_CONTENT.into_response();
    }
    reply::nothing_here(StatusCode::NOT_FOUND, &call.method, &call.path)
}

/// Its id, its ready line, and where it is controlled.
fn description(state: &AppState, id: &str) -> Option<Value> {
    let sandbox = state.sandboxes().get(id)?;
    let mut found = json!({ "id": id });
    if let (Some(found), Ok(Value::Object(ready))) =
        (found.as_object_mut(), serde_json::to_value(sandbox.ready()))
    {
        found.extend(ready);
    }
    let http = state.ready().http;
    found["control"] = json!(format!("{http}/_emulator/sandboxes/{id}"));
    Some(found)
}
