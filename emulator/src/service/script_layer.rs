//! The layer between the journal and a handler: it plays what the script says.

mod edit;
mod wire_fault;

use std::pin::pin;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::StatusCode;
use http::header::{self, HeaderName, HeaderValue};

use crate::base::random::Random;
use crate::entra::app_state::AppState;
use crate::exchange::error::Aadsts;
use crate::exchange::reply::{self, as_entra_reply};
use crate::exchange::request::Call;
use crate::script::Reply;
use edit::edited;

pub(in crate::service) use wire_fault::{ResetSwitch, ResettableStream, WireFault};

/// How long silence lasts where a client never gives up.
const SILENCE: Duration = Duration::from_secs(300);

/// Answers as the script says, and with `genuine` where it says nothing.
pub(in crate::service) async fn scripted(
    state: &AppState,
    endpoint: &'static str,
    call: &Call,
    genuine: impl Future<Output = Response>,
) -> Response {
    let genuine = pin!(async {
        let mut response = genuine.await;
        if endpoint.starts_with("entra.") {
            as_entra_reply(&mut response, call);
        }
        response
    });
    let Some(reply) = state.script().take(endpoint, call) else {
        return genuine.await;
    };
    call.note_scripted();
    let pause = pause(&reply, state.random());
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
    if let Some(rotation) = &reply.rotate_keys {
        state.keys().rotate_at(rotation, call.at);
    }
    let answer = if reply.is_none() {
        Response::new(Body::empty())
    } else if reply.replaces() {
        replaced(&reply, call)
    } else {
        genuine.await
    };
    changed(answer, &reply).await
}

/// How long a client waits for its answer, on top of what the answer takes.
fn pause(reply: &Reply, random: &Random) -> Duration {
    let jitter = match reply.jitter_ms {
        0 => 0,
        most => u64::from_le_bytes(random.bytes()) % (most + 1),
    };
    let silence = if reply.silent {
        SILENCE
    } else {
        Duration::ZERO
    };
    silence + Duration::from_millis(reply.delay_ms + jitter)
}

async fn changed(mut answer: Response, reply: &Reply) -> Response {
    if reply.edits() {
        answer = edited(answer, reply).await;
    }
    if let Some(status) = reply.status {
        *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    }
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            answer.headers_mut().insert(name, value);
        }
    }
    if let Some(fault) = WireFault::of(reply) {
        answer.extensions_mut().insert(fault);
    }
    answer
}

fn replaced(reply: &Reply, call: &Call) -> Response {
    if let Some(code) = reply.aadsts {
        return numbered(code, call);
    }
    let (kind, body) = match (&reply.json, &reply.html, &reply.body) {
        (Some(json), ..) => ("application/json; charset=utf-8", json.to_string()),
        (None, Some(page), _) => ("text/html; charset=utf-8", page.clone()),
        (None, None, Some(text)) => ("text/plain; charset=utf-8", text.clone()),
        (None, None, None) => (
            "application/json; charset=utf-8",
            default_body(reply.status),
        ),
    };
    let mut response = Response::new(Body::from(Bytes::from(body)));
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// The token service's error of this number, about this request as far as it goes.
fn numbered(code: u32, call: &Call) -> Response {
    let client = call.field("client_id").or_else(|| call.query("client_id"));
    let resource = call.field("scope").or_else(|| call.field("resource"));
    let user = call.field("username");
    let mut error = Aadsts::new(code).with("tenant", call.tenant_segment());
    for (hole, value) in [
        ("id", client),
        ("client", client),
        ("resource", resource),
        ("scope", resource),
        ("user", user),
    ] {
        error = error.with(hole, value.unwrap_or(hole));
    }
    let error = error.with_the_rest();
    // Nothing is noted: the journal's `error` is for genuine ones.
    reply::json(error.status(), &error.body(call, &call.origin))
}

/// A rule that names a status alone still gets a body that clients can read.
fn default_body(status: Option<u16>) -> String {
    let error = match status.unwrap_or(200) {
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

    #[test]
    fn the_pause_is_the_delay_and_a_jitter_that_the_seed_decides() {
        let reply = Reply {
            delay_ms: 100,
            jitter_ms: 50,
            ..Reply::default()
        };
        let pauses = |seed| -> Vec<_> {
            let random = Random::new(Some(seed));
            (0..64)
                .map(|_| pause(&reply, &random).as_millis())
                .collect()
        };
        assert_eq!(pauses(7), pauses(7));
        assert_ne!(pauses(7), pauses(8));
        assert!(pauses(7).iter().all(|pause| (100..=150).contains(pause)));
        assert!(pauses(7).iter().any(|pause| *pause > 100));
    }

    #[test]
    fn silence_has_an_end() {
        let reply = Reply {
            silent: true,
            ..Reply::default()
        };
        assert_eq!(pause(&reply, &Random::new(Some(1))), SILENCE);
        assert!(pause(&Reply::default(), &Random::new(None)).is_zero());
    }
}
