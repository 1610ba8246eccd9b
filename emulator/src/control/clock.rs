//! `/_emulator/clock`: the time the emulator lives by.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::order::read;
use crate::base::clock::{ClockOrder, ClockStatus};
use crate::entra::app_state::AppState;
use crate::exchange::reply;

pub(super) async fn show(State(state): State<AppState>) -> Response {
    reply::json(StatusCode::OK, &ClockStatus::of(state.clock()))
}

pub(super) async fn change(State(state): State<AppState>, body: Bytes) -> Response {
    match read::<ClockOrder>(&body) {
        Ok(order) => {
            order.carry_out(state.clock());
            show(State(state)).await
        }
        Err(refusal) => refusal.reply(),
    }
}

pub(super) async fn reset(State(state): State<AppState>) -> StatusCode {
    state.reset_clock();
    StatusCode::NO_CONTENT
}
