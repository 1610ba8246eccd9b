//! The maintenance that is planned for the machine, which its programs may approve early.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{from_here, versions};
use crate::entra::app_state::AppState;
use crate::exchange::error::Fault;
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};
use crate::hosts::metadata_rules;

/// The body of a program's approval.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EventApproval {
    start_requests: Vec<StartRequest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StartRequest {
    event_id: String,
}

pub(super) async fn events(
    State(state): State<AppState>,
    Incoming(call): Incoming,
    body: Bytes,
) -> Response {
    from_here(answer(&state, &call, &body).unwrap_or_else(|fault| fault.at_entra(&call)))
}

fn answer(state: &AppState, call: &Call, body: &[u8]) -> Result<Response, Fault> {
    metadata_rules::check(call, &[Method::GET, Method::POST])?;
    let version = call.query("api-version").unwrap_or_default();
    if !VERSIONS.contains(&version) {
        return Err(versions::refusal_among(VERSIONS));
    }
    let calendar = state.scheduled_events();
    if call.method == Method::GET {
        let (incarnation, events) = calendar.at(call.at);
        let events: Vec<_> = events.iter().map(|event| event.told(version)).collect();
        let body = json!({ "DocumentIncarnation": incarnation, "Events": events });
        return Ok(reply::json(StatusCode::OK, &body));
    }
    let approval: EventApproval = serde_json::from_slice(body)
        .map_err(|_| bad("the body is { \"StartRequests\": [{ \"EventId\": \"…\" }] }"))?;
    let ids = approval.start_requests.iter().map(|one| &*one.event_id);
    if calendar.approve(&ids.collect::<Vec<_>>(), call.at) {
        Ok(reply::text(StatusCode::OK, String::new()))
    } else {
        Err(bad("no event with that EventId is scheduled"))
    }
}

fn bad(text: &str) -> Fault {
    let body: Value = json!({ "error": format!("Bad request: {text}.") });
    Fault::Json(StatusCode::BAD_REQUEST, body)
}

/// They came one field after another.
const VERSIONS: &[&str] = &[
    "2017-03-01",
    "2017-08-01",
    "2017-11-01",
    "2019-01-01",
    "2019-04-01",
    "2019-08-01",
    "2020-07-01",
];
