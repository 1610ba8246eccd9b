//! `/_emulator/journal`: what was seen, at once, when it comes, and as it comes.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use serde_json::json;

use super::order::ControlRefusal;
use crate::entra::app_state::AppState;
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};
use crate::state::journal::{Filter, StreamStart};

/// The parameters of a query of the journal.
#[derive(Debug, Default)]
struct Query {
    filter: Filter,
    format: Format,
    count: Option<usize>,
    timeout: Option<Duration>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    #[default]
    Json,
    JsonLines,
    Har,
}

/// How long a request waits for entries, unless it says otherwise.
const USUAL_WAIT: Duration = Duration::from_secs(10);
/// How long it may wait at most.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(super) async fn list(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    let query = match query(&call, &["format"]) {
        Ok(query) => query,
        Err(refusal) => return refusal.reply(),
    };
    let journal = state.journal();
    match query.format {
        Format::Json => reply::json(StatusCode::OK, &journal.select(&query.filter)),
        Format::JsonLines => {
            let lines = journal.json_lines(&query.filter);
            ([(CONTENT_TYPE, "application/x-ndjson")], lines).into_response()
        }
        Format::Har => {
            let mut archive = reply::json(StatusCode::OK, &journal.har(&query.filter));
            let name = "attachment; filename=\"identity-emulator.har\"";
            reply::set(archive.headers_mut(), CONTENT_DISPOSITION, name);
            archive
        }
    }
}

pub(super) async fn clear(State(state): State<AppState>) -> StatusCode {
    state.journal().clear();
    StatusCode::NO_CONTENT
}

pub(super) async fn wait(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    let query = match query(&call, &["count", "timeout_ms"]) {
        Ok(query) => query,
        Err(refusal) => return refusal.reply(),
    };
    let timeout = query.timeout.unwrap_or(USUAL_WAIT).min(LONGEST_WAIT);
    let count = query.count.unwrap_or(1);
    match state
        .journal()
        .wait_for(&query.filter, count, timeout)
        .await
    {
        Ok(entries) => reply::json(StatusCode::OK, &entries),
        Err(late) => {
            let body = json!({ "error": late.to_string(), "entries": late.found });
            reply::json(StatusCode::REQUEST_TIMEOUT, &body)
        }
    }
}

pub(super) async fn stream(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    let journal = state.journal();
    let mut query = match query(&call, &["timeout_ms"]) {
        Ok(query) => query,
        Err(refusal) => return refusal.reply(),
    };
    let resumed = call.header("last-event-id").and_then(|id| id.parse().ok());
    let asked = call.query("since").map(|_| query.filter.since);
    // Who says nothing hears what comes from now on.
    query.filter.since = resumed.or(asked).unwrap_or_else(|| journal.last());
    let start = StreamStart {
        filter: query.filter,
        lifetime: query.timeout,
    };
    let Some(listener) = journal.listen(start) else {
        let full = ControlRefusal {
            status: StatusCode::TOO_MANY_REQUESTS,
            ..ControlRefusal::new("too many listen to the journal already", "")
        };
        return full.reply();
    };
    let kind = [
        (CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (kind, Body::from_stream(listener.pieces())).into_response()
}

/// Fields of a filter, and those of `more` that the endpoint knows besides.
fn query(call: &Call, more: &[&str]) -> Result<Query, ControlRefusal> {
    let mut query = Query::default();
    for (name, value) in &call.query {
        if more.contains(&name.as_str()) {
            let set = query.set(name, value);
            set.map_err(|text| ControlRefusal::new(format!("{name}: {text}"), name.as_str()))?;
            continue;
        }
        let known = query.filter.set(name, value);
        let known = known.map_err(|error| ControlRefusal::new(error.to_string(), name.as_str()))?;
        if !known {
            let names = [Filter::NAMES, &more.join(", ")].join(", ");
            let text = format!("there is no `{name}`; there are {names}");
            return Err(ControlRefusal::new(text, name.as_str()));
        }
    }
    Ok(query)
}

impl Query {
    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let none = |kind: &str| format!("`{value}` is not {kind}");
        match name {
            "format" => {
                self.format = match value {
                    "json" => Format::Json,
                    "jsonl" => Format::JsonLines,
                    "har" => Format::Har,
                    _ => return Err(none("`json`, `jsonl` or `har`")),
                }
            }
            "count" => self.count = Some(value.parse().map_err(|_| none("a number"))?),
            _ => {
                let millis = value
                    .parse()
                    .map_err(|_| none("a number of milliseconds"))?;
                self.timeout = Some(Duration::from_millis(millis));
            }
        }
        Ok(())
    }
}
