//! The headers that let scripts of other origins read a reply.

use axum::body::Body;
use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use http::{Method, StatusCode};

use crate::exchange::reply;
use crate::exchange::request::Call;

/// The layer around an answer, if single-page applications call that endpoint.
///
/// It answers the browser's preflight and marks the real answer, errors and scripted ones included,
/// for otherwise a page sees nothing of them.
pub(crate) async fn open(
    endpoint: &str,
    call: &Call,
    answer: impl Future<Output = Response>,
) -> Response {
    let asked_from_elsewhere = call.headers.contains_key(ORIGIN);
    if !asked_from_elsewhere || !OPEN.iter().any(|prefix| endpoint.starts_with(prefix)) {
        return answer.await;
    }
    let preflight =
        call.method == Method::OPTIONS && call.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        reply::set(headers, ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS");
        if let Some(asked) = call.headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
        reply::set(headers, ACCESS_CONTROL_MAX_AGE, "86400");
        reply::as_entra_reply(&mut response, call);
        response
    } else {
        answer.await
    };
    let headers = response.headers_mut();
    reply::set(headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    let shown = "x-ms-request-id, x-ms-clitelem, client-request-id, www-authenticate";
    reply::set(headers, ACCESS_CONTROL_EXPOSE_HEADERS, shown);
    response
}

/// How the names of such endpoints start.
const OPEN: &[&str] = &[
    "entra.discovery.",
    "entra.keys",
    "entra.token",
    "entra.userinfo",
];
