//! Scripted answers: what the next requests of an endpoint get instead of the truth.

mod rule;

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::StatusCode;
use http::header::{self, HeaderName, HeaderValue};

use crate::call::Call;
use crate::config::ConfigError;
use crate::reply::as_entra_reply;

pub use rule::{Reply, Rule};

/// The rules still in force, first come first served; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Script(Arc<Mutex<Vec<Rule>>>);

impl Script {
    /// Adds a rule after those already there.
    ///
    /// # Errors
    /// A rule that cannot be carried out: an endpoint that does not exist, a status or header that
    /// is none, two bodies.
    pub fn push(&self, rule: Rule) -> Result<(), ConfigError> {
        rule.check()?;
        self.rules(|rules| rules.push(rule));
        Ok(())
    }

    /// Forgets every rule.
    pub fn clear(&self) {
        self.rules(Vec::clear);
    }

    /// The rules still in force, with the number of answers each has left.
    pub fn remaining(&self) -> Vec<Rule> {
        self.rules(|rules| rules.clone())
    }

    /// Uses up one answer of the first rule for `endpoint`. Decides under the lock and gives the
    /// reply out of it, for its delay must hold up nobody else.
    fn take(&self, endpoint: &str) -> Option<Reply> {
        self.rules(|rules| {
            let index = rules.iter().position(|rule| rule.covers(endpoint))?;
            if rules[index].times > 1 {
                rules[index].times -= 1;
                return Some(rules[index].reply.clone());
            }
            Some(rules.remove(index).reply)
        })
    }

    fn rules<T>(&self, act: impl FnOnce(&mut Vec<Rule>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What the server does to an answer on its way out; left in the extensions of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mischief {
    /// Announces the whole body, sends this many bytes and hangs up.
    Truncate(usize),
    /// Hangs up without an answer.
    Drop,
}

/// The layer between the journal and a handler, whose answer is `genuine`.
pub(crate) async fn play(
    script: &Script,
    endpoint: &'static str,
    call: &Call,
    genuine: impl Future<Output = Response>,
) -> Response {
    let genuine = async {
        let mut response = genuine.await;
        if endpoint.starts_with("entra.") {
            as_entra_reply(&mut response, call);
        }
        response
    };
    let Some(reply) = script.take(endpoint) else {
        return genuine.await;
    };
    call.note_scripted();
    tokio::time::sleep(std::time::Duration::from_millis(reply.delay_ms)).await;
    if reply.drop {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(Mischief::Drop);
        return response;
    }
    let real = if reply.replaces() {
        None
    } else {
        Some(genuine.await)
    };
    changed(real, &reply)
}

fn changed(real: Option<Response>, reply: &Reply) -> Response {
    let mut response = real.unwrap_or_else(|| replaced(reply));
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    if let Some(bytes) = reply.truncate {
        response.extensions_mut().insert(Mischief::Truncate(bytes));
    }
    response
}

fn replaced(reply: &Reply) -> Response {
    let status = reply
        .status
        .and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.unwrap_or(StatusCode::OK);
    let (kind, body) = match (&reply.json, &reply.body) {
        (Some(json), _) => ("application/json; charset=utf-8", json.to_string()),
        (None, Some(text)) => ("text/plain; charset=utf-8", text.clone()),
        (None, None) => ("application/json; charset=utf-8", default_body(status)),
    };
    let mut response = Response::new(Body::from(Bytes::from(body)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A rule that names a status alone still gets a body that clients can read.
fn default_body(status: StatusCode) -> String {
    let error = match status.as_u16() {
        100..=399 => return "{}".to_owned(),
        429 | 503 => "temporarily_unavailable",
        500.. => "server_error",
        _ => "invalid_request",
    };
    format!(r#"{{"error":"{error}","error_description":"Scripted answer."}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(on: &str, times: u32) -> Rule {
        Rule {
            on: on.to_owned(),
            times,
            reply: Reply {
                status: Some(503),
                ..Reply::default()
            },
        }
    }

    #[test]
    fn rules_are_used_up_in_order() {
        let script = Script::default();
        script.push(rule("imds.token", 2)).unwrap();
        script.push(rule("entra.*", 1)).unwrap();
        assert!(script.take("entra.keys").is_some());
        assert!(script.take("entra.keys").is_none());
        assert!(script.take("imds.token").is_some());
        assert_eq!(script.remaining(), [rule("imds.token", 1)]);
        assert!(script.take("imds.token").is_some());
        assert!(script.remaining().is_empty());
    }
}
