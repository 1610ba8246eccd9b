//! Tokens of other issuers, to order.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::refused;
use crate::entra::app_state::AppState;
use crate::entra::federated_token::federated_token;
use crate::exchange::reply;

/// `POST /_emulator/issuers/{name}/token`: a token of that issuer, to order.
pub(super) async fn token(
    State(state): State<AppState>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let order = serde_json::from_slice(&body).map_err(|error| error.to_string());
    let made = match order {
        Ok(order) => federated_token(&state, &name, &order)
            .await
            .map_err(|error| error.to_string()),
        Err(error) => Err(error),
    };
    match made {
        Ok(token) => reply::json(StatusCode::CREATED, &json!({ "token": token })),
        Err(text) => refused(&text),
    }
}
