//! Managed identity hosts and the variables that announce them.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::entra::app_state::AppState;
use crate::exchange::reply;
use crate::hosts::IdentityHost;

pub(super) async fn list(State(state): State<AppState>) -> Response {
    let row = |host: IdentityHost| {
        let variables = host.environment(&state).into_iter();
        let environment: Map<_, _> = variables
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect();
        let row = json!({ "about": host.about(), "environment": environment });
        (host.name().to_owned(), row)
    };
    let hosts: Map<_, _> = IdentityHost::all().map(row).collect();
    reply::json(StatusCode::OK, &hosts)
}
