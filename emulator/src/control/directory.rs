//! `/_emulator/directory`: the world, whole and in parts.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::order::{ControlRefusal, read_at};
use crate::entra::app_state::AppState;
use crate::exchange::reply;
use crate::exchange::request::{Incoming, decoded};
use crate::state::live_directory::{Done, Edit, LiveDirectory, Trouble, edit, find};
use crate::world::config::{ConfigError, World};

pub(super) async fn get_whole(State(state): State<AppState>) -> Response {
    shown(state.directory(), &[], StatusCode::OK)
}

pub(super) async fn get(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    shown(state.directory(), &segments(&call.path), StatusCode::OK)
}

pub(super) async fn change_whole(
    State(state): State<AppState>,
    Incoming(call): Incoming,
    body: Bytes,
) -> Response {
    if call.method == Method::DELETE {
        state.directory().reset();
        return StatusCode::NO_CONTENT.into_response();
    }
    changed(state.directory(), &[], &call.method, &body)
}

pub(super) async fn change(
    State(state): State<AppState>,
    Incoming(call): Incoming,
    body: Bytes,
) -> Response {
    changed(
        state.directory(),
        &segments(&call.path),
        &call.method,
        &body,
    )
}

fn changed(directory: &LiveDirectory, path: &[String], method: &Method, body: &[u8]) -> Response {
    let done = order(method, body).and_then(|order| apply(directory, path, order));
    match done {
        Err(refusal) => refusal.reply(),
        Ok(_) if method == Method::DELETE => StatusCode::NO_CONTENT.into_response(),
        Ok(Done::Changed) => shown(directory, path, StatusCode::OK),
        // What was added to a list has no name to show it by; the list it is in has.
        Ok(Done::Added) => shown(directory, path, StatusCode::CREATED),
    }
}

fn order(method: &Method, body: &[u8]) -> Result<Edit, ControlRefusal> {
    if method == Method::DELETE {
        return Ok(Edit::Delete);
    }
    let value = serde_json::from_slice(body);
    let value =
        value.map_err(|error| ControlRefusal::new(format!("the body is no JSON: {error}"), ""))?;
    Ok(match *method {
        Method::PUT => Edit::Put(value),
        Method::PATCH => Edit::Patch(value),
        _ => Edit::Append(value),
    })
}

/// Edits a copy of the world as JSON and reads it back with the same eyes as a file.
fn apply(directory: &LiveDirectory, path: &[String], order: Edit) -> Result<Done, ControlRefusal> {
    let mut done = Done::Changed;
    let here = || path.join("/");
    let outcome = directory.try_change(|world| {
        let mut document = document(world);
        done =
            edit(&mut document, path, order).map_err(|it| EditProblem::At(trouble(it, here())))?;
        if document.get("script").is_some() {
            let text = "scripted answers are changed under /_emulator/script";
            return Err(EditProblem::At(ControlRefusal::new(text, "script")));
        }
        read_at::<World>(document).map_err(EditProblem::At)
    });
    match outcome {
        Ok(()) => Ok(done),
        Err(EditProblem::At(refusal)) => Err(refusal),
        Err(EditProblem::World(error)) => Err(ControlRefusal::new(error.to_string(), here())),
    }
}

enum EditProblem {
    At(ControlRefusal),
    World(ConfigError),
}

impl From<ConfigError> for EditProblem {
    fn from(error: ConfigError) -> Self {
        Self::World(error)
    }
}

fn shown(directory: &LiveDirectory, path: &[String], status: StatusCode) -> Response {
    match find(&document(&directory.world()), path) {
        Ok(part) => reply::json(status, part),
        Err(it) => trouble(it, path.join("/")).reply(),
    }
}

fn trouble(trouble: Trouble, path: String) -> ControlRefusal {
    match trouble {
        Trouble::Missing(text) => ControlRefusal {
            status: StatusCode::NOT_FOUND,
            ..ControlRefusal::new(text, path)
        },
        Trouble::Unfit(text) => ControlRefusal::new(text, path),
    }
}

fn document(world: &World) -> Value {
    serde_json::to_value(world).unwrap_or_else(|_| json!({}))
}

/// Splits the path as it was sent, since names keep their case; `%2F` is part of a name.
fn segments(path: &str) -> Vec<String> {
    let below = path.split('/').filter(|part| !part.is_empty()).skip(2);
    below.map(|part| decoded(part).into_owned()).collect()
}
