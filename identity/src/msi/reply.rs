//! The common form of the answers of all hosts.

use serde_json::{Map, Value};

use crate::context::{Request, Response, UnixTime};
use crate::error::{Error, ErrorKind, Result};
use crate::oauth::{failure, success};
use crate::redact;
use crate::token::AccessToken;

/// Returns the token in the `reply` to `request`, or an error.
///
/// An answer that is worth a later try gives `ClientAuthentication`. For other JSON answers
/// `refused` makes the error. An answer that is no JSON comes from something else than the host, so
/// the host is unavailable.
pub(super) fn token(
    host: &str,
    request: &Request,
    reply: &Response,
    now: UnixTime,
    refused: impl FnOnce(Error, &str) -> Error,
) -> Result<AccessToken> {
    let body = success::object(reply);
    match &body {
        Some(body) if reply.status == 200 && !body.contains_key("error") => {
            return success::token(body, now).map_err(|error| error.with_status(200));
        }
        _ => {}
    }
    let secrets = secrets(request);
    let error = failure::read(reply, body.as_ref(), &secrets);
    let error = match &body {
        Some(_) => error,
        None => foreign(host, request, reply, error),
    };
    // IMDS answers 404 and 410 without JSON while it is updated. That is no sign that it is not
    // there.
    if error.is_transient() || (body.is_none() && matches!(reply.status, 404 | 410)) {
        return Err(error);
    }
    Err(match &body {
        Some(body) => {
            let reason = redact::message(&reason(body), &secrets);
            refused(error, &reason)
        }
        None => {
            let message = format!("ManagedIdentityCredential authentication unavailable. {error}");
            error.restated(ErrorKind::CredentialUnavailable, message)
        }
    })
}

/// Returns `error` for an answer that is not JSON, with the host and the address that it came from.
/// These requests pass by every proxy, so the cause is at that address.
fn foreign(host: &str, request: &Request, reply: &Response, error: Error) -> Error {
    let answer = failure::foreign(reply, &secrets(request));
    let address = request.url.origin().ascii_serialization();
    let hint = match error.is_transient() {
        true => "",
        false => {
            "; this is not how it gives or refuses a token. Check that this machine has a managed identity"
        }
    };
    let message = format!("{host} managed identity: {address} answered {answer}{hint}");
    let kind = error.kind();
    error.restated(kind, message)
}

/// Returns the secrets in the headers of `request`. A host may repeat them in its answer; an error
/// must not.
fn secrets(request: &Request) -> Vec<&str> {
    let headers = request
        .headers
        .values()
        .filter(|value| value.is_sensitive());
    let texts = headers.filter_map(|value| value.to_str().ok());
    texts
        // A host may repeat the secret without the scheme that stands before it.
        .map(|text| text.strip_prefix("Basic ").unwrap_or(text))
        .collect()
}

/// Returns the reason that the host gives, in whichever of the forms hosts use.
fn reason(body: &Map<String, Value>) -> String {
    let nested = body.get("error").and_then(Value::as_object);
    let text = |object: &Map<String, Value>, names: &[&str]| {
        names
            .iter()
            .find_map(|name| object.get(*name)?.as_str().map(str::to_owned))
    };
    text(body, &["error_description", "message", "Message"])
        .or_else(|| text(nested?, &["message"]))
        .or_else(|| text(body, &["error"]))
        .unwrap_or_else(|| "no reason given".to_owned())
}
