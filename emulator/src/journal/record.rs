//! The outermost layer: reads a request whole, has it answered and writes both down.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::response::Response;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Request, StatusCode, Uri};

use crate::app::UNKNOWN;
use crate::call::{Call, Incoming};
use crate::journal::Seen;
use crate::reply;
use crate::script::Mischief;
use crate::state::AppState;

/// The largest request body that is read, in bytes.
const LARGEST_BODY: usize = 1024 * 1024;
/// How long a client may take to send it, unless the builder says otherwise.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Has `request` answered and journals it, unless it is about the emulator itself.
pub(crate) async fn record(
    state: &AppState,
    patience: Duration,
    request: Request<Body>,
    answer: impl AsyncFnOnce(Arc<Call>, Request<Body>) -> Response,
) -> Response {
    let started = Instant::now();
    let (mut parts, body) = request.into_parts();
    let body = read(body, patience).await;
    let bytes = body.as_ref().map_or(&[][..], |bytes| bytes);
    let call = Arc::new(Call::new(
        &mut parts,
        bytes,
        state.clock().now(),
        state.random(),
    ));
    let controlling = is_control(&call.path);
    let response = match body {
        Ok(bytes) => {
            fold_case(&mut parts);
            parts.extensions.insert(Incoming(call.clone()));
            let request = Request::from_parts(parts, Body::from(bytes));
            answer(call.clone(), request).await
        }
        Err(status) => reply::nothing_here(status, &call.method, &call.path),
    };
    if controlling {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let dropped = parts.extensions.get::<Mischief>() == Some(&Mischief::Drop);
    let notes = call.take_notes();
    let seen = Seen {
        at: call.at,
        elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        endpoint: notes.endpoint.unwrap_or(UNKNOWN),
        scheme: call.scheme,
        method: call.method.as_str(),
        path: &call.path,
        query: &call.query,
        headers: &call.headers,
        form: &call.form,
        status: if dropped { 0 } else { parts.status.as_u16() },
        reply_headers: &parts.headers,
        reply_body: &body,
        issued: &notes.issued,
        scripted: notes.scripted,
        findings: &[],
        error: notes.error,
    };
    let mask = state.mask();
    let mask = if notes.secrets.is_empty() {
        mask
    } else {
        Arc::new(mask.knowing(&notes.secrets))
    };
    state.journal().write(&seen, mask);
    Response::from_parts(parts, Body::from(body))
}

/// Whether a path is about the emulator, not the service it plays.
pub(crate) fn is_control(path: &str) -> bool {
    const PREFIX: &str = "/_emulator";
    let start = path.get(..PREFIX.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
        && matches!(path.as_bytes().get(PREFIX.len()), None | Some(b'/'))
}

async fn read(body: Body, patience: Duration) -> Result<Bytes, StatusCode> {
    match tokio::time::timeout(patience, to_bytes(body, LARGEST_BODY)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

/// The real services do not care for case in a path, nor for a slash at its end.
fn fold_case(parts: &mut Parts) {
    let path = parts.uri.path();
    let tidy = path.len() == 1 || !path.ends_with('/');
    if tidy && !path.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return;
    }
    let folded = path.trim_end_matches('/').to_ascii_lowercase();
    let query = parts
        .uri
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let folded = if folded.is_empty() { "/" } else { &folded };
    if let Ok(target) = format!("{folded}{query}").parse::<PathAndQuery>() {
        parts.uri = Uri::from(target);
    }
}
