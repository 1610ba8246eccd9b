//! The outermost layer: reads a request whole, has it answered and writes both down.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::response::Response;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, Request, StatusCode, Uri};

use crate::entra::app_state::AppState;
use crate::exchange::completed::CompletedRequest;
use crate::exchange::endpoint_names::UNKNOWN;
use crate::exchange::reply;
use crate::exchange::request::{Call, Listener};
use crate::service::script_layer::WireFault;
use crate::state::invariant::findings;

/// The largest request body that is read, in bytes.
const LARGEST_BODY: usize = 1024 * 1024;
/// How long a client may take to send it, unless the builder says otherwise.
pub(in crate::service) const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Has `request` answered and journals it, unless it is about the emulator itself.
pub(in crate::service) async fn journaled(
    state: &AppState,
    patience: Duration,
    request: Request<Body>,
    by: &Listener,
    answer: impl AsyncFnOnce(Arc<Call>, Parts, Bytes) -> Response,
) -> Response {
    let started = Instant::now();
    let (mut parts, body) = request.into_parts();
    let body = read(body, patience).await;
    let bytes = body.as_ref().map_or(&[][..], |bytes| bytes);
    let controlling = is_control(parts.uri.path());
    let random = state.ids(controlling);
    let call = Arc::new(Call::new(
        &mut parts,
        bytes,
        by,
        state.clock().now(),
        random,
    ));
    let mut pending = PendingEntry {
        state,
        call: &call,
        started,
        open: !controlling,
    };
    let response = match body {
        Ok(bytes) => {
            fold_case(&mut parts);
            answer(call.clone(), parts, bytes).await
        }
        Err(status) => reply::nothing_here(status, &call.method, &call.path),
    };
    if !pending.open {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let fault = parts.extensions.get::<WireFault>();
    let dropped = fault.is_some_and(WireFault::swallows);
    let status = if dropped { 0 } else { parts.status.as_u16() };
    pending.close(status, &parts.headers, &body);
    Response::from_parts(parts, Body::from(body))
}

/// A request whose answer is still to be written down. A client that goes away before it comes
/// leaves an entry too, with status 0: nobody else would know what silence did to it.
struct PendingEntry<'a> {
    state: &'a AppState,
    call: &'a Call,
    started: Instant,
    open: bool,
}

impl PendingEntry<'_> {
    fn close(&mut self, status: u16, reply_headers: &HeaderMap, reply_body: &[u8]) {
        self.open = false;
        let (state, call) = (self.state, self.call);
        let notes = call.take_notes();
        let seen = CompletedRequest {
            at: call.at,
            elapsed_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            endpoint: notes.endpoint.unwrap_or(UNKNOWN),
            scheme: call.scheme,
            method: call.method.as_str(),
            path: &call.path,
            query: &call.query,
            headers: &call.headers,
            form: &call.form,
            status,
            reply_headers,
            reply_body,
            issued: &notes.issued,
            scripted: notes.scripted,
            error: notes.error,
        };
        let findings = findings(&seen, state.history());
        let mask = state.mask();
        let mask = if notes.secrets.is_empty() {
            mask
        } else {
            Arc::new(mask.knowing(&notes.secrets))
        };
        state.journal().write(&seen, &findings, mask);
    }
}

impl Drop for PendingEntry<'_> {
    fn drop(&mut self) {
        if self.open {
            self.close(0, &HeaderMap::new(), &[]);
        }
    }
}

/// Whether a path is about the emulator, not the service it plays.
pub(in crate::service) fn is_control(path: &str) -> bool {
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

/// The real services do not care for case in a path, nor for a slash at its end, nor for a second
/// one at its start: Java's SDK asks for `//metadata/…` where it is told the address.
fn fold_case(parts: &mut Parts) {
    let path = parts.uri.path();
    let tidy = path.len() == 1 || !(path.ends_with('/') || path.starts_with("//"));
    if tidy && !path.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return;
    }
    let folded = format!("/{}", path.trim_matches('/').to_ascii_lowercase());
    // What is about the emulator itself is known by its path as it was sent.
    if is_control(&folded) && !is_control(path) {
        return;
    }
    let query = parts
        .uri
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    if let Ok(target) = format!("{folded}{query}").parse::<PathAndQuery>() {
        parts.uri = Uri::from(target);
    }
}
