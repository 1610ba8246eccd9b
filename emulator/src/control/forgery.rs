//! `/_emulator/forge`: tokens made to order.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::order::{ControlRefusal, read};
use crate::entra::app_state::AppState;
use crate::entra::forge::{Forgery, forge};
use crate::exchange::reply;

pub(super) async fn make(State(state): State<AppState>, body: Bytes) -> Response {
    let order = match read::<Forgery>(&body) {
        Ok(order) => order,
        Err(refusal) => return refusal.reply(),
    };
    match forge(&state, &order).await {
        Ok(forged) => reply::json(
            StatusCode::OK,
            &json!({ "kind": order.kind, "token_type": "Bearer", "access_token": forged.token() }),
        ),
        Err(error) => ControlRefusal::new(error.to_string(), "").reply(),
    }
}
