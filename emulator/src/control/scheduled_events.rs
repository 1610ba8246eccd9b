//! Maintenance to announce to the virtual machine.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::order;
use crate::entra::app_state::AppState;
use crate::exchange::reply;

pub(super) async fn schedule(State(state): State<AppState>, body: Bytes) -> Response {
    match order::read(&body) {
        Ok(event) => {
            let id = state.schedule_event(event).to_string().to_uppercase();
            reply::json(StatusCode::CREATED, &json!({ "event_id": id }))
        }
        Err(refusal) => refusal.reply(),
    }
}

pub(super) async fn clear(State(state): State<AppState>) -> StatusCode {
    state.scheduled_events().clear(state.clock().now());
    StatusCode::NO_CONTENT
}
