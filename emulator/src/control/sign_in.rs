//! Signing in and letting devices in without a browser.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::control::refused;
use crate::entra::app_state::AppState;
use crate::entra::sign_in::{SignInError, headless};
use crate::exchange::reply;

/// The body of a request for a sign-in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignInBody {
    /// The URL that the application would open.
    url: String,
    user: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct By {
    user: String,
}

pub(super) async fn sign_in(State(state): State<AppState>, body: Bytes) -> Response {
    let wanted: SignInBody = match read(&body) {
        Ok(wanted) => wanted,
        Err(text) => return refused(&text),
    };
    match headless::sign_in(&state, &wanted.url, &wanted.user).await {
        Ok(answer) => reply::json(StatusCode::OK, &answer),
        Err(error) => refused(&error.to_string()),
    }
}

pub(super) async fn approve(
    State(state): State<AppState>,
    Path(user_code): Path<String>,
    body: Bytes,
) -> Response {
    let by: By = match read(&body) {
        Ok(by) => by,
        Err(text) => return refused(&text),
    };
    done(headless::approve_device(&state, &user_code, &by.user).await)
}

pub(super) async fn decline(
    State(state): State<AppState>,
    Path(user_code): Path<String>,
) -> Response {
    done(headless::decline_device(&state, &user_code))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn done(done: Result<(), SignInError>) -> Response {
    match done {
        Ok(()) => reply::json(StatusCode::OK, &serde_json::json!({ "status": "ok" })),
        Err(error) => refused(&error.to_string()),
    }
}
