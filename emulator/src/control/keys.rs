//! `/_emulator/keys`: which keys are published, and rotation.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::order;
use crate::crypto::keys::Rotation;
use crate::entra::app_state::AppState;
use crate::exchange::reply;

pub(super) async fn list(State(state): State<AppState>) -> Response {
    let keys = state.keys().published().await;
    reply::json(StatusCode::OK, &json!({ "keys": keys }))
}

pub(super) async fn rotate(State(state): State<AppState>, body: Bytes) -> Response {
    match order::read::<Rotation>(&body) {
        Ok(rotation) => {
            state.keys().rotate(&rotation);
            list(State(state)).await
        }
        Err(refusal) => refusal.reply(),
    }
}
