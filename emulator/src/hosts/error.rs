//! Errors as hosts send them: each words those of the token service its own way.

use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

use crate::exchange::error::{Aadsts, Fault};
use crate::exchange::reply;
use crate::exchange::request::Call;

/// The reply to `call`; `told` is how this host hands on what the token service said.
pub(super) fn replied(
    call: &Call,
    result: Result<Value, Fault>,
    told: impl FnOnce(&Aadsts) -> (StatusCode, Value),
) -> Response {
    match result {
        Ok(body) => reply::json(StatusCode::OK, &body),
        Err(Fault::Json(status, body)) => reply::json(status, &body),
        Err(Fault::Entra(error)) => {
            call.note_error(error.code());
            let (status, body) = told(&error);
            reply::json(status, &body)
        }
    }
}

/// As the token service of a region said it; the metadata services pass that on.
pub(super) fn verbatim(call: &Call, error: &Aadsts) -> (StatusCode, Value) {
    (error.status(), error.body(call, REGIONAL_HOST))
}

/// The host at which that service says its errors are explained.
const REGIONAL_HOST: &str = "https://westus2.login.microsoft.com";
