//! One HTTP exchange with its attempts, deadlines and waits. Dropping its future ends it at once.

pub(crate) mod retry;

use std::sync::LazyLock;
use std::time::Duration;

use futures_util::future::{Either, select};
use http::header::{HeaderValue, USER_AGENT};

use crate::context::{Context, Request, Response};
use crate::error::{Error, ErrorKind, Result};
use crate::retry::RetryPolicy;

/// The beginning of `User-Agent`, which reads
/// `azsdk-rust-identity/<version> (<system>; <processor>)`.
const AGENT: &str = concat!("azsdk-rust-identity/", env!("CARGO_PKG_VERSION"));

/// Sends `request`, repeats it as `policy` says, and returns the last response, whatever its
/// status.
///
/// # Errors
/// `Transport` or `Timeout` when the last attempt brought no answer.
pub(crate) async fn exchange(
    request: Request,
    policy: &RetryPolicy,
    context: &Context,
) -> Result<Response> {
    // Here and not where a request is built, so that none goes out without it.
    let request = request.header(USER_AGENT, user_agent());
    let started = context.clock.now();
    let mut retries = 0;
    loop {
        let outcome = attempt(&request, policy.attempt_timeout, context).await;
        log(&request, &outcome, retries);
        let answer = outcome.as_ref().ok();
        let worthwhile = match &outcome {
            Ok(response) => policy.retries_status(response.status),
            Err(error) => error.is_transient(),
        };
        let now = context.clock.now();
        let may_repeat = worthwhile && policy.allows(retries, answer, now.since(started));
        let wait = may_repeat.then(|| policy.wait(retries, answer, now, random_fraction()));
        let Some(wait) = wait.flatten() else {
            return outcome.map_err(|error| with_attempts(error, retries));
        };
        retries += 1;
        tracing::debug!(name: "identity.http.retry", retries, wait_ms = millis(wait), "waiting");
        context.clock.sleep(wait).await;
    }
}

async fn attempt(request: &Request, timeout: Duration, context: &Context) -> Result<Response> {
    let sent = context.transport.send(request.clone());
    // The loser is dropped, which ends an attempt that takes too long.
    match select(sent, context.clock.sleep(timeout)).await {
        Either::Left((outcome, _)) => outcome.map_err(|error| unreached(request, error)),
        Either::Right(((), _)) => Err(Error::new(
            ErrorKind::Timeout,
            format!(
                "no answer from {} within {} s",
                origin(request),
                timeout.as_secs_f32()
            ),
        )),
    }
}

fn log(request: &Request, outcome: &Result<Response>, retries: u32) {
    match outcome {
        Ok(response) => tracing::debug!(
            name: "identity.http.response",
            method = %request.method,
            host = host(request),
            path = request.url.path(),
            status = response.status,
            retries,
            "answered"
        ),
        Err(error) => tracing::debug!(
            name: "identity.http.failed",
            method = %request.method,
            host = host(request),
            path = request.url.path(),
            %error,
            retries,
            "no answer"
        ),
    }
}

/// Adds the number of attempts to the message of `error`.
fn with_attempts(error: Error, retries: u32) -> Error {
    let message = match retries {
        0 => return error,
        _ => format!("{error} (after {} attempts)", retries + 1),
    };
    let kind = error.kind();
    error.restated(kind, message)
}

/// Returns `error` of the transport with the address that it did not get an answer from.
fn unreached(request: &Request, error: Error) -> Error {
    let (kind, message) = (
        error.kind(),
        format!("no answer from {}: {error}", origin(request)),
    );
    error.restated(kind, message)
}

/// Returns scheme, host and port of the request's URL.
fn origin(request: &Request) -> String {
    let url = &request.url;
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

fn host(request: &Request) -> &str {
    request.url.host_str().unwrap_or_default()
}

fn user_agent() -> HeaderValue {
    static TEXT: LazyLock<HeaderValue> = LazyLock::new(|| {
        let system = (std::env::consts::OS, std::env::consts::ARCH);
        HeaderValue::try_from(format!("{AGENT} ({}; {})", system.0, system.1))
            .unwrap_or(HeaderValue::from_static(AGENT))
    });
    TEXT.clone()
}

/// Returns a random number in `0.0..1.0`. Spreading retries needs different numbers in different
/// processes and no better randomness than that; `uuid` already brings a source of these.
fn random_fraction() -> f64 {
    let (random, _) = uuid::Uuid::new_v4().as_u64_pair();
    // The lowest 16 bits hold the UUID's version; the upper 32 are random.
    f64::from((random >> 32) as u32) / (f64::from(u32::MAX) + 1.0)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
