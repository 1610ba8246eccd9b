//! `/_emulator/`: the page for people, and its forms.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::{HeaderName, LOCATION};

use crate::control::dashboard;
use crate::control::order::ControlRefusal;
use crate::entra::app_state::AppState;
use crate::exchange::reply;
use crate::exchange::request::Incoming;

pub(in crate::control) async fn show(State(state): State<AppState>) -> Response {
    dashboard::page(&state, None)
}

/// List items of the entries since a number; the page's script puts them on top.
pub(in crate::control) async fn requests(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    let since = call.query("since").and_then(|since| since.parse().ok());
    let (last, items) = dashboard::fragment(&state, since.unwrap_or(0));
    let mut response = reply::html(StatusCode::OK, items);
    let name = HeaderName::from_static("x-last");
    reply::set(response.headers_mut(), name, &last.to_string());
    response
}

pub(in crate::control) async fn script(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    let script = state.script();
    if let Some(name) = call.field("play") {
        if let Err(error) = script.preset(name) {
            return ControlRefusal::new(error.to_string(), "play").reply();
        }
    } else if let Some(name) = call.field("end") {
        script.end_preset(name);
    } else if call.field("clear").is_some() {
        script.clear();
    }
    let back = format!("{}/#faults", dashboard::root(&state));
    (StatusCode::SEE_OTHER, [(LOCATION, back)]).into_response()
}

pub(in crate::control) async fn mint(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    let order = dashboard::MintForm::of(&call);
    let minted = order.carry_out(&state).await;
    dashboard::page(&state, Some(&minted))
}
