//! Bodies and the headers every reply carries.

use axum::body::Body;
use axum::response::Response;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use serde::Serialize;

use crate::call::Call;

/// Compact JSON, as the real service sends it.
pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    let bytes = serde_json::to_vec(body).expect("replies are plain data");
    with_type(status, "application/json; charset=utf-8", bytes)
}

pub(crate) fn html(status: StatusCode, body: String) -> Response {
    with_type(status, "text/html; charset=utf-8", body.into_bytes())
}

/// A path or a method nobody answers: JSON, for a client must never take a page for a token.
pub(crate) fn nothing_here(status: StatusCode, method: &Method, path: &str) -> Response {
    let text = match status {
        StatusCode::METHOD_NOT_ALLOWED => format!("{path} does not answer {method}."),
        StatusCode::PAYLOAD_TOO_LARGE => "The request body is too large.".to_owned(),
        StatusCode::REQUEST_TIMEOUT => "The request body took too long.".to_owned(),
        _ => format!("There is no {path} here."),
    };
    json(
        status,
        &serde_json::json!({ "error": reason(status), "error_description": text }),
    )
}

/// What the token endpoints add (section 1.12 of the fact sheet).
pub(crate) fn as_token_reply(mut response: Response, call: &Call) -> Response {
    let headers = response.headers_mut();
    set(headers, header::CACHE_CONTROL, "no-store, no-cache");
    set(headers, header::PRAGMA, "no-cache");
    set(headers, header::EXPIRES, "-1");
    set(headers, HeaderName::from_static("x-xss-protection"), "0");
    let code = call.noted_error().unwrap_or(0);
    set(
        headers,
        HeaderName::from_static("x-ms-clitelem"),
        &format!("1,{code},0,,"),
    );
    as_entra_reply(response, call)
}

/// What discovery, keys and instance discovery add.
pub(crate) fn as_metadata_reply(mut response: Response, call: &Call) -> Response {
    let headers = response.headers_mut();
    set(headers, header::CACHE_CONTROL, "max-age=86400, private");
    set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(
        headers,
        header::ACCESS_CONTROL_ALLOW_METHODS,
        "GET, OPTIONS",
    );
    as_entra_reply(response, call)
}

/// What everything of the token service adds.
pub(crate) fn as_entra_reply(mut response: Response, call: &Call) -> Response {
    let headers = response.headers_mut();
    // A browser would apply it to every port of `localhost`, so only real host names get it.
    if call.has_public_origin() {
        let value = "max-age=31536000; includeSubDomains";
        set(headers, header::STRICT_TRANSPORT_SECURITY, value);
    }
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(
        headers,
        HeaderName::from_static("p3p"),
        "CP=\"DSP CUR OTPi IND OTRi ONL FIN\"",
    );
    let trace = call.trace_id.to_string();
    set(headers, HeaderName::from_static("x-ms-request-id"), &trace);
    let server = "2.1.22000.5 - EMULATOR ProdSlices";
    set(headers, HeaderName::from_static("x-ms-ests-server"), server);
    for cookie in ["x-ms-gateway-slice=estsfd", "stsservicecookie=estsfd"] {
        let cookie = format!("{cookie}; path=/; secure; samesite=none; httponly");
        if let Ok(value) = HeaderValue::try_from(cookie) {
            headers.append(header::SET_COOKIE, value);
        }
    }
    if call
        .header("return-client-request-id")
        .is_some_and(|it| it.eq_ignore_ascii_case("true"))
    {
        let id = call.correlation_id.to_string();
        set(headers, HeaderName::from_static("client-request-id"), &id);
    }
    response
}

pub(crate) fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn with_type(status: StatusCode, kind: &'static str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn reason(status: StatusCode) -> &'static str {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::PAYLOAD_TOO_LARGE => "request_too_large",
        StatusCode::REQUEST_TIMEOUT => "request_timeout",
        _ => "not_found",
    }
}
