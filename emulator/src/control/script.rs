//! `/_emulator/script`: the rules in force, and the presets there are.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use super::order::{self, ControlRefusal};
use crate::entra::app_state::AppState;
use crate::exchange::reply;
use crate::script::{Preset, Rules, Script};
use crate::world::config::ConfigError;

pub(super) async fn list(State(state): State<AppState>) -> Response {
    remaining(state.script(), StatusCode::OK)
}

/// Adds a rule, a preset or a list of them: all are taken, or none.
pub(super) async fn add(State(state): State<AppState>, body: Bytes) -> Response {
    let script = state.script();
    ordered(script, &body, StatusCode::CREATED, |rules| {
        script.extend(rules)
    })
}

/// The same in place of all there are.
pub(super) async fn replace(State(state): State<AppState>, body: Bytes) -> Response {
    let script = state.script();
    ordered(script, &body, StatusCode::OK, |rules| script.replace(rules))
}

pub(super) async fn clear(State(state): State<AppState>) -> StatusCode {
    state.script().clear();
    StatusCode::NO_CONTENT
}

pub(super) async fn presets() -> Response {
    reply::json(StatusCode::OK, &Preset::all())
}

pub(super) async fn play(State(state): State<AppState>, Path(name): Path<String>) -> Response {
    match state.script().preset(&name) {
        Ok(()) => remaining(state.script(), StatusCode::OK),
        Err(error) => unknown(&error),
    }
}

/// Nothing left of it is no mistake, a name that does not exist is one.
pub(super) async fn end(State(state): State<AppState>, Path(name): Path<String>) -> Response {
    match Preset::required(&name) {
        Ok(preset) => {
            state.script().end_preset(&preset.name);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(text) => unknown(&ConfigError::new(text)),
    }
}

fn ordered(
    script: &Script,
    body: &[u8],
    status: StatusCode,
    act: impl FnOnce(Rules) -> Result<(), ConfigError>,
) -> Response {
    let rules = match order::read::<Rules>(body) {
        Ok(rules) => rules,
        Err(refusal) => return refusal.reply(),
    };
    match act(rules) {
        Ok(()) => remaining(script, status),
        Err(error) => ControlRefusal::new(error.to_string(), "").reply(),
    }
}

fn remaining(script: &Script, status: StatusCode) -> Response {
    reply::json(status, &script.remaining())
}

fn unknown(error: &ConfigError) -> Response {
    let refusal = ControlRefusal {
        status: StatusCode::NOT_FOUND,
        ..ControlRefusal::new(error.to_string(), "name")
    };
    refusal.reply()
}
