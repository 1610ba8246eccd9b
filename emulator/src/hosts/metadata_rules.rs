//! The rules of metadata services for every request, checked before anything else.

use http::{Method, StatusCode};
use serde_json::json;

use crate::exchange::error::Fault;
use crate::exchange::request::Call;

/// The method, the header a page in a browser cannot send, and no sign of a proxy.
pub(super) fn check(call: &Call, methods: &[Method]) -> Result<(), Fault> {
    if !methods.contains(&call.method) {
        let body = json!({
            "error": "method_not_allowed",
            "error_description": "The requested resource does not support the http method",
        });
        return Err(Fault::Json(StatusCode::METHOD_NOT_ALLOWED, body));
    }
    if !has_metadata_header(call) {
        return Err(refused("Required metadata header not specified"));
    }
    if call.headers.contains_key("x-forwarded-for") {
        return Err(refused(
            "X-Forwarded-For header is not allowed in the request",
        ));
    }
    let twice = |(index, (name, _)): (usize, &(String, String))| {
        let mut earlier = call.query[..index].iter();
        earlier.any(|(earlier, _)| earlier.eq_ignore_ascii_case(name))
    };
    if call.query.iter().enumerate().any(twice) {
        return Err(refused(
            "Duplicate query parameters are not allowed in the request",
        ));
    }
    Ok(())
}

pub(super) fn has_metadata_header(call: &Call) -> bool {
    let header = call.header("metadata");
    header.is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// The resource a token is asked for.
pub(super) fn resource(call: &Call) -> Result<&str, Fault> {
    let resource = call.query("resource").filter(|value| !value.is_empty());
    resource.ok_or_else(|| refused("Required query variable 'resource' is missing"))
}

pub(super) fn refused(text: &str) -> Fault {
    let body = json!({ "error": "invalid_request", "error_description": text });
    Fault::Json(StatusCode::BAD_REQUEST, body)
}
