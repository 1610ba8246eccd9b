//! Versions of the metadata service.

use axum::extract::State;
use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::served;
use crate::entra::app_state::AppState;
use crate::exchange::error::Fault;
use crate::exchange::request::{Call, Incoming};
use crate::hosts::metadata_rules;

/// The first version with an identity endpoint.
const FIRST_WITH_IDENTITY: &str = "2018-02-01";

pub(super) async fn list(State(_): State<AppState>, Incoming(call): Incoming) -> Response {
    let all = || json!({ "apiVersions": VERSIONS });
    served(
        metadata_rules::check(&call, &[Method::GET]).map(|()| all()),
        &call,
    )
}

/// Whether a request names a version there is.
pub(super) fn check(call: &Call) -> Result<(), Fault> {
    known(call, |_| true)
}

/// Whether it names one with an identity endpoint.
pub(super) fn check_identity(call: &Call) -> Result<(), Fault> {
    // Dates in this form sort as text.
    known(call, |version| version >= FIRST_WITH_IDENTITY)
}

fn known(call: &Call, good: impl FnOnce(&str) -> bool) -> Result<(), Fault> {
    match call.query("api-version") {
        Some(version) if VERSIONS.contains(&version) && good(version) => Ok(()),
        _ => Err(refusal_among(VERSIONS)),
    }
}

/// Returns the refusal of a version that is not among these.
pub(super) fn refusal_among(versions: &[&str]) -> Fault {
    let newest: Vec<_> = versions.iter().rev().take(3).collect();
    let body: Value = json!({
        "error": "Bad request. api-version is invalid or was not specified in the request. \
                  For more information refer to aka.ms/azureimds",
        "newest-versions": newest,
    });
    Fault::Json(StatusCode::BAD_REQUEST, body)
}

#[rustfmt::skip]
const VERSIONS: &[&str] = &[
    "2017-03-01", "2017-04-02", "2017-08-01", "2017-10-01", "2017-12-01", "2018-02-01",
    "2018-04-02", "2018-10-01", "2019-02-01", "2019-03-11", "2019-04-30", "2019-06-01",
    "2019-06-04", "2019-08-01", "2019-08-15", "2019-11-01", "2020-06-01", "2020-07-15",
    "2020-09-01", "2020-10-01", "2020-12-01", "2021-01-01", "2021-02-01", "2021-03-01",
    "2021-05-01", "2021-08-01", "2021-10-01", "2021-11-01", "2021-11-15", "2021-12-13",
    "2023-07-01", "2023-11-15", "2024-03-15", "2024-07-17", "2025-04-07",
];
