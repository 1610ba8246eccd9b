//! Bodies and the headers every reply carries.

mod cookies;
mod date;
mod per_second;

use axum::body::Body;
use axum::response::Response;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use serde::Serialize;
use uuid::Uuid;

use crate::exchange::request::Call;

pub(crate) use date::date;

/// Compact JSON, as the real service sends it.
pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    let mut bytes = Vec::with_capacity(USUAL_BODY);
    serde_json::to_writer(&mut bytes, body).expect("replies are plain data");
    with_type(status, "application/json; charset=utf-8", bytes)
}

pub(crate) fn html(status: StatusCode, body: String) -> Response {
    with_type(status, "text/html; charset=utf-8", body.into_bytes())
}

pub(crate) fn text(status: StatusCode, body: String) -> Response {
    with_type(status, "text/plain; charset=utf-8", body.into_bytes())
}

/// A path or a method nobody answers: JSON, for a client must never take a page for a token.
pub(crate) fn nothing_here(status: StatusCode, method: &Method, path: &str) -> Response {
    let text = match status {
        StatusCode::METHOD_NOT_ALLOWED => format!("{path} does not answer {method}."),
        StatusCode::PAYLOAD_TOO_LARGE => "The request body is too large.".to_owned(),
        StatusCode::BAD_REQUEST => "The Host header is no host name or address.".to_owned(),
        StatusCode::REQUEST_TIMEOUT => "The request body took too long.".to_owned(),
        _ => format!("There is no {path} here."),
    };
    json(
        status,
        &serde_json::json!({ "error": reason(status), "error_description": text }),
    )
}

/// Adds the headers of the token endpoints.
pub(crate) fn as_token_reply(mut response: Response, call: &Call) -> Response {
    let code = call.noted_error().unwrap_or(0);
    let headers = response.headers_mut();
    put(headers, &OF_TOKENS);
    if code != 0 {
        let name = HeaderName::from_static("x-ms-clitelem");
        set(headers, name, &format!("1,{code},0,,"));
    }
    response
}

/// Adds the headers of discovery, keys and instance discovery.
pub(crate) fn as_metadata_reply(mut response: Response) -> Response {
    let headers = response.headers_mut();
    fixed(headers, header::CACHE_CONTROL, "max-age=86400, private");
    fixed(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    fixed(
        headers,
        header::ACCESS_CONTROL_ALLOW_METHODS,
        "GET, OPTIONS",
    );
    response
}

/// Adds the headers that every reply of the token service has, whatever it is about.
pub(crate) fn as_entra_reply(response: &mut Response, call: &Call) {
    let headers = response.headers_mut();
    // A browser would apply it to every port of `localhost`, so only real host names get it.
    if call.has_public_origin() {
        let value = "max-age=31536000; includeSubDomains";
        fixed(headers, header::STRICT_TRANSPORT_SECURITY, value);
    }
    put(headers, &OF_ENTRA);
    let mut text = Uuid::encode_buffer();
    let trace = call.trace_id.hyphenated().encode_lower(&mut text);
    static REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
    set(headers, REQUEST_ID.clone(), trace);
    put(headers, &SERVER);
    cookies::add(headers, call);
    if call.wants_its_request_id() {
        let id = call.correlation_id.hyphenated().encode_lower(&mut text);
        set(headers, HeaderName::from_static("client-request-id"), id);
    }
}

/// Checked when this is compiled: as text, they would be in every answer.
type Fixed<const N: usize> = [(HeaderName, HeaderValue); N];

#[rustfmt::skip]
static OF_TOKENS: Fixed<5> = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-cache")),
    (header::PRAGMA, HeaderValue::from_static("no-cache")),
    (header::EXPIRES, HeaderValue::from_static("-1")),
    (HeaderName::from_static("x-xss-protection"), HeaderValue::from_static("0")),
    (HeaderName::from_static("x-ms-clitelem"), HeaderValue::from_static("1,0,0,,")),
];

#[rustfmt::skip]
static OF_ENTRA: Fixed<2> = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (HeaderName::from_static("p3p"), HeaderValue::from_static("CP=\"DSP CUR OTPi IND OTRi ONL FIN\"")),
];

#[rustfmt::skip]
static SERVER: Fixed<1> = [
    (HeaderName::from_static("x-ms-ests-server"), HeaderValue::from_static("2.1.22000.5 - EMULATOR ProdSlices")),
];

fn put<const N: usize>(headers: &mut HeaderMap, fixed: &Fixed<N>) {
    for (name, value) in fixed {
        headers.insert(name.clone(), value.clone());
    }
}

fn fixed(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

pub(crate) fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn with_type(status: StatusCode, kind: &'static str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    // Most answers have a good dozen; growing to that would move them three times.
    headers.reserve(USUAL_HEADERS);
    fixed(headers, header::CONTENT_TYPE, kind);
    response
}

const USUAL_HEADERS: usize = 20;
/// Bytes: a token with what is said about it.
const USUAL_BODY: usize = 2048;

fn reason(status: StatusCode) -> &'static str {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::PAYLOAD_TOO_LARGE => "request_too_large",
        StatusCode::REQUEST_TIMEOUT => "request_timeout",
        _ => "not_found",
    }
}
