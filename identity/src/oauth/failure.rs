//! The error in a response that has no token.

use serde_json::{Map, Value};

use crate::context::Response;
use crate::error::{Error, ErrorKind};
use crate::oauth::advice;
use crate::redact;

/// Returns the error that `response` stands for; `body` is its JSON object, if it has one.
pub(crate) fn read(
    response: &Response,
    body: Option<&Map<String, Value>>,
    secrets: &[&str],
) -> Error {
    let error = match body {
        Some(body) if body.contains_key("error") => oauth_error(body, secrets),
        _ => unknown_response(response, secrets),
    };
    let correlation = body.and_then(|body| text(body, "correlation_id"));
    // The header is in answers that are no JSON, too.
    let correlation = correlation.or_else(|| response.header("client-request-id"));
    let transient = matches!(response.status, 408 | 429 | 500..=599)
        || error.oauth_error() == Some("temporarily_unavailable");
    error
        .with_status(response.status)
        .with_transient(transient)
        .with_correlation_id(correlation.map(|id| redact::excerpt(id, secrets)))
}

/// Returns the error that a sign-in page sent to the redirect URI.
pub(crate) fn of_page(error: &str, description: &str, suberror: Option<&str>) -> Error {
    let mut body = Map::new();
    body.insert("error".to_owned(), error.into());
    body.insert("error_description".to_owned(), description.into());
    body.insert("suberror".to_owned(), suberror.unwrap_or_default().into());
    oauth_error(&body, &[])
}

/// Reads an OAuth error object (RFC 6749, section 5.2).
fn oauth_error(body: &Map<String, Value>, secrets: &[&str]) -> Error {
    let oauth = error_name(body);
    let description = text(body, "error_description").or_else(|| nested(body, "message"));
    let shown = redact::message(description.unwrap_or_default(), secrets);
    let codes = codes(body, &shown);
    let oauth_shown = oauth.map(|error| redact::excerpt(error, secrets));
    let reason = match (&*shown, &oauth_shown) {
        ("", Some(oauth)) => oauth.clone(),
        ("", None) => "the answer names no reason".to_owned(),
        _ => shown,
    };
    let hint = codes.iter().find_map(|&code| advice::for_code(code));
    let message = match hint {
        Some(hint) => format!("Authentication failed: {reason}\n{hint}"),
        None => format!("Authentication failed: {reason}"),
    };
    let claims = text(body, "claims").map(str::to_owned);
    Error::new(kind(oauth, text(body, "suberror")), message)
        .with_oauth_error(oauth_shown.as_deref())
        .with_aadsts_codes(codes)
        .with_claims(claims)
}

/// Returns the status of an answer that is no token service's, with the beginning of its text.
pub(crate) fn foreign(response: &Response, secrets: &[&str]) -> String {
    let excerpt = redact::excerpt(&String::from_utf8_lossy(&response.body), secrets);
    let answer = match (&*excerpt, response.header("content-type")) {
        ("", _) => "an empty answer".to_owned(),
        (excerpt, Some(kind)) => format!("{}: {excerpt}", redact::excerpt(kind, secrets)),
        (excerpt, None) => excerpt.to_owned(),
    };
    format!("HTTP {} with {answer}", response.status)
}

/// Describes a response that is no OAuth error: the page of a proxy, an empty body, a redirect.
fn unknown_response(response: &Response, secrets: &[&str]) -> Error {
    let hint = match response.status {
        300..=399 => "; redirects are not followed, so that no secret leaves for another host",
        _ => "; this is not how a token service answers, look for a proxy in between",
    };
    // A service in trouble needs no advice about proxies.
    let hint = if response.status >= 500 || response.status == 429 {
        ""
    } else {
        hint
    };
    let answer = foreign(response, secrets);
    Error::rejected(format!("Authentication failed: {answer}{hint}"))
}

/// Returns the kind of an error. Source of the suberrors:
/// <https://learn.microsoft.com/entra/msal/dotnet/advanced/exceptions/msal-error-handling#msaluirequiredexception>.
fn kind(oauth: Option<&str>, suberror: Option<&str>) -> ErrorKind {
    match (oauth, suberror) {
        (Some("interaction_required" | "login_required" | "consent_required"), _)
        | (
            _,
            Some(
                "basic_action" | "additional_action" | "consent_required" | "user_password_expired",
            ),
        ) => ErrorKind::AuthenticationRequired,
        _ => ErrorKind::ClientAuthentication,
    }
}

/// Returns `error`, or the `code` in it where it is an object.
fn error_name(body: &Map<String, Value>) -> Option<&str> {
    text(body, "error").or_else(|| nested(body, "code"))
}

fn nested<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    body.get("error")?.get(name)?.as_str()
}

fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    body.get(name)?.as_str()
}

/// Returns the codes that the response lists, or else those that its text names.
fn codes(body: &Map<String, Value>, description: &str) -> Vec<u32> {
    let listed = body.get("error_codes").and_then(Value::as_array);
    let listed: Vec<u32> = listed
        .into_iter()
        .flatten()
        .filter_map(|code| code.as_u64().and_then(|code| u32::try_from(code).ok()))
        .collect();
    if !listed.is_empty() {
        return listed;
    }
    codes_in(description)
}

/// Returns the codes that `text` names.
pub(crate) fn codes_in(text: &str) -> Vec<u32> {
    // The first part stands before the first code.
    let parts = text.split("AADSTS").skip(1);
    parts
        .filter_map(|rest| {
            let digits = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            rest[..digits].parse().ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::UnixTime;
    use crate::oauth::success;

    fn error(status: u16, body: &str) -> Error {
        let response = Response::new(status, body.to_owned());
        success::read(&response, UnixTime::from_seconds(0), &["s3cret"]).expect_err(body)
    }

    #[test]
    fn an_oauth_error_keeps_all_that_the_service_said() {
        let error = error(
            401,
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid \"secret\".\r\nTrace ID: x \u0027y\u0027","error_codes":[7000215],"correlation_id":"c","claims":"{\"a\":1}"}"#,
        );
        assert_eq!(error.kind(), ErrorKind::ClientAuthentication);
        assert_eq!(error.oauth_error(), Some("invalid_client"));
        assert_eq!(error.aadsts_codes(), [7_000_215]);
        assert_eq!(error.correlation_id(), Some("c"));
        assert_eq!(error.claims(), Some(r#"{"a":1}"#));
        assert_eq!(error.status(), Some(401));
        let said = "AADSTS7000215: Invalid \"secret\".\r\nTrace ID: x 'y'";
        assert!(error.to_string().contains(said), "{error}");
    }

    #[test]
    fn an_error_that_a_sign_in_can_mend_has_a_kind_of_its_own() {
        for (body, kind) in [
            (
                r#"{"error":"interaction_required"}"#,
                ErrorKind::AuthenticationRequired,
            ),
            (
                r#"{"error":"invalid_grant","suberror":"basic_action"}"#,
                ErrorKind::AuthenticationRequired,
            ),
            (
                r#"{"error":"invalid_grant","suberror":"bad_token"}"#,
                ErrorKind::ClientAuthentication,
            ),
            (
                r#"{"error":"invalid_grant"}"#,
                ErrorKind::ClientAuthentication,
            ),
        ] {
            assert_eq!(error(400, body).kind(), kind, "{body}");
        }
    }

    #[test]
    fn codes_come_from_the_text_when_they_are_not_listed() {
        let both =
            r#"{"error":"x","error_description":"AADSTS70002: a. AADSTS50126: b. AADSTS: c"}"#;
        assert_eq!(error(400, both).aadsts_codes(), [70002, 50126]);
    }

    #[test]
    fn an_error_object_is_an_error_even_with_status_200_or_without_a_reason() {
        let body = r#"{"error":"invalid_grant","access_token":"t","expires_in":9}"#;
        assert_eq!(error(200, body).oauth_error(), Some("invalid_grant"));
        assert_eq!(
            error(400, r#"{"error":{"code":"a","message":"b"}}"#).oauth_error(),
            Some("a")
        );
        assert!(
            error(400, r#"{"error":7}"#)
                .to_string()
                .contains("names no reason")
        );
    }

    #[test]
    fn a_response_of_another_server_keeps_its_status_and_a_redacted_excerpt() {
        let page = error(403, "<html>\n<h1>Denied s3cret eyJhbGci.x.y</h1>");
        assert_eq!(page.status(), Some(403));
        assert!(
            page.to_string().contains("<h1>Denied *** ***</h1>"),
            "{page}"
        );
        assert!(
            error(401, "")
                .to_string()
                .contains("HTTP 401 with an empty answer")
        );
        assert!(
            error(302, "")
                .to_string()
                .contains("redirects are not followed")
        );
        assert!(error(503, "").is_transient() && !page.is_transient());
        let echo = r#"{"error":"x","error_description":"got s3cret"}"#;
        assert!(!error(400, echo).to_string().contains("s3cret"));
    }
}
