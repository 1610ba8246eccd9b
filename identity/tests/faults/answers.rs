//! Faults of token services and managed identity hosts, in memory.

use std::sync::Arc;
use std::time::Duration;

use identity::context::{Response, VirtualClock};
use identity::{Error, ErrorKind, Result};

use crate::subjects::{SUBJECTS, Service, Subject};
use crate::worlds::{Always, Before, START, assert_discreet, options, timed};

/// Calls a credential at a service with this answer, and returns the outcome.
fn call(
    subject: &'static Subject,
    answer: impl Fn() -> Option<Result<Response>> + Send + Sync + 'static,
) -> (Result<String>, Duration) {
    let clock = VirtualClock::new(START);
    let transport = Before {
        first: subject.before,
        rest: Arc::new(Always(answer)),
    };
    let options = options(&clock, subject.variables, Arc::new(transport));
    let credential = (subject.make)(options);
    let (outcome, elapsed) = timed(&clock, credential.get_token(&["https://r/.default"]));
    (outcome.map(|token| token.token().to_owned()), elapsed)
}

/// Returns the error of a call that has to fail within the time of its retries.
fn failure(
    what: &str,
    subject: &'static Subject,
    answer: impl Fn() -> Option<Result<Response>> + Send + Sync + 'static,
) -> Error {
    let (outcome, elapsed) = call(subject, answer);
    let error = outcome.expect_err(&format!("{} and {what}", subject.name));
    let limit = Duration::from_secs(180);
    assert!(elapsed <= limit, "{} and {what}: {elapsed:?}", subject.name);
    assert_discreet(&format!("{} and {what}", subject.name), &error);
    error
}

/// Returns the text that an indiscreet service repeats: the secret it was given, or a token.
fn echo(subject: &Subject) -> &'static str {
    match subject.secretive {
        true => "hush-hush eyJhush-hush",
        false => "eyJhush-hush",
    }
}

fn json(status: u16, subject: &Subject) -> Response {
    let echo = echo(subject);
    let body = format!(r#"{{"error":"invalid_request","error_description":"no {echo}"}}"#);
    let mut reply = Response::new(status, body);
    let kind = "application/json".parse().unwrap();
    reply.headers.insert("content-type", kind);
    reply
}

fn page(status: u16, subject: &Subject) -> Response {
    let mut reply = Response::new(status, format!("<html>{}</html>", echo(subject)));
    let kind = "text/html".parse().unwrap();
    reply.headers.insert("content-type", kind);
    reply
}

/// Returns the documented kind of a refusal with `status`, in JSON or not.
fn refusal(service: Service, status: u16, in_json: bool) -> ErrorKind {
    let later = matches!(status, 408 | 429 | 500..=599);
    let (no, absent) = (
        ErrorKind::ClientAuthentication,
        ErrorKind::CredentialUnavailable,
    );
    match service {
        Service::Entra => no,
        // What is no JSON does not come from IMDS: the chain goes on, and has no other member.
        Service::ProbedImds if !in_json || status == 400 => absent,
        _ if later => no,
        Service::Imds if status == 400 && in_json => absent,
        Service::Host {
            denies_with_400: true,
        } if status == 400 => absent,
        _ if in_json || matches!(status, 404 | 410) => no,
        _ => absent,
    }
}

#[test]
fn every_status_is_an_error_of_the_documented_kind() {
    for subject in SUBJECTS {
        for status in 400..=599 {
            for (what, reply) in [
                ("JSON", json(status, subject)),
                ("a page", page(status, subject)),
            ] {
                // A 401 of Arc's agent has to hold a challenge of the right form.
                if subject.name == "Azure Arc" && status == 401 {
                    continue;
                }
                let kind = refusal(subject.service, status, what == "JSON");
                let what = format!("{status} with {what}");
                let error = failure(&what, subject, move || Some(Ok(reply.clone())));
                assert_eq!(error.kind(), kind, "{} and {what}: {error}", subject.name);
                if !matches!(subject.service, Service::ProbedImds) {
                    assert_eq!(error.status(), Some(status), "{} and {what}", subject.name);
                    let later = matches!(status, 408 | 429 | 500..=599);
                    assert_eq!(error.is_transient(), later, "{} and {what}", subject.name);
                }
            }
        }
    }
}

#[test]
fn a_redirect_or_another_success_is_an_error() {
    for subject in SUBJECTS {
        for status in [201, 202, 204, 206, 301, 302, 303, 307, 308] {
            let error = failure(&status.to_string(), subject, move || {
                Some(Ok(page(status, subject)))
            });
            assert!(
                matches!(
                    error.kind(),
                    ErrorKind::ClientAuthentication | ErrorKind::CredentialUnavailable
                ),
                "{} and {status}: {error:?}",
                subject.name
            );
        }
    }
}

#[test]
fn an_answer_that_is_no_token_is_an_error_of_the_documented_kind() {
    let nested = "[".repeat(100_000);
    let bodies: Vec<Vec<u8>> = [
        "",
        "null",
        "7",
        "[]",
        "{",
        "{}",
        "\"text\"",
        "<html>eyJhush-hush</html>",
        r#"{"access_token":"hush-hush","expires_in":36"#,
        r#"{"access_token":"","expires_in":3600}"#,
        r#"{"access_token":7,"expires_in":3600}"#,
        r#"{"access_token":null,"expires_in":3600}"#,
        r#"{"access_token":"hush-hush"}"#,
        r#"{"access_token":"hush-hush","expires_in":-1}"#,
        r#"{"access_token":"hush-hush","expires_in":0}"#,
        r#"{"access_token":"hush-hush","expires_in":"soon"}"#,
        r#"{"access_token":"hush-hush","expires_in":{}}"#,
        r#"{"access_token":"hush-hush","expires_on":1600000000}"#,
        r#"{"access_token":"hush-hush","expires_on":"1/1/2001 1:00:00 AM +00:00"}"#,
        r#"{"error":"invalid_grant","access_token":"hush-hush","expires_in":3600}"#,
        r#"{"error":{"code":7},"access_token":"hush-hush","expires_in":3600}"#,
        &nested,
    ]
    .map(|body| body.as_bytes().to_vec())
    .into_iter()
    .chain([vec![0xff, 0xfe, 0, 0], vec![0; 1 << 20]])
    .collect();
    for subject in SUBJECTS {
        for body in &bodies {
            let what = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let body = body.clone();
            let error = failure(&what, subject, move || {
                Some(Ok(Response::new(200, body.clone())))
            });
            assert!(
                matches!(
                    error.kind(),
                    ErrorKind::ClientAuthentication | ErrorKind::CredentialUnavailable
                ),
                "{} and {what}: {error:?}",
                subject.name
            );
            assert!(!error.is_transient(), "{} and {what}", subject.name);
        }
    }
}

#[test]
fn a_good_token_is_taken_whatever_its_content_type_and_however_wrong_the_clock() {
    for subject in SUBJECTS {
        for kind in ["text/plain", "text/html", "application/octet-stream", "x"] {
            let (outcome, _) = call(subject, move || {
                let body =
                    r#"{"access_token":"t","expires_in":3600,"expires_on":1,"oidcToken":"o"}"#;
                let mut reply = Response::new(200, body);
                reply.headers.insert("content-type", kind.parse().unwrap());
                Some(Ok(reply))
            });
            assert_eq!(outcome.unwrap(), "t", "{} and {kind}", subject.name);
        }
    }
}

#[test]
fn no_answer_is_told_apart_from_a_refusal_and_ends_in_time() {
    for subject in SUBJECTS {
        let silence = failure("silence", subject, || None);
        let broken = failure("a broken connection", subject, || {
            let error = Error::new(ErrorKind::Transport, "connection reset");
            Some(Err(error))
        });
        let useless = failure("an unknown certificate", subject, || {
            let error = Error::new(ErrorKind::Transport, "unknown issuer");
            Some(Err(error.with_transient(false)))
        });
        let kinds = [silence.kind(), broken.kind(), useless.kind()];
        let expected = match subject.service {
            Service::Imds | Service::ProbedImds => [ErrorKind::CredentialUnavailable; 3],
            _ => [
                ErrorKind::Timeout,
                ErrorKind::Transport,
                ErrorKind::Transport,
            ],
        };
        assert_eq!(kinds, expected, "{}", subject.name);
    }
}

#[test]
fn with_nothing_configured_and_a_silent_imds_the_default_chain_ends_in_a_second() {
    let mut subjects = SUBJECTS.iter();
    let subject = subjects
        .find(|subject| subject.service == Service::ProbedImds)
        .unwrap();
    let (outcome, elapsed) = call(subject, || None);
    assert!(outcome.is_err());
    // The rest of the 1.1 s is for the search for developer tools, which takes no virtual time.
    assert!(elapsed <= Duration::from_millis(900), "{elapsed:?}");
}
