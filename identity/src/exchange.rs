//! One HTTP exchange: attempts, deadlines, waits. Dropping its future ends it at once.

use std::sync::LazyLock;
use std::time::Duration;

use futures_util::future::{Either, select};
use http::header::{HeaderValue, USER_AGENT};

use crate::context::{Context, Request, Response};
use crate::error::{Error, ErrorKind, Result};
use crate::retry::RetryPolicy;

/// `azsdk-rust-identity/<version> (<system>; <processor>)`.
const AGENT: &str = concat!("azsdk-rust-identity/", env!("CARGO_PKG_VERSION"));

/// Sends `request` as often as `policy` has it and gives the last answer, whatever its status.
///
/// # Errors
/// `Transport` or `Timeout` when the last attempt brought no answer.
pub(crate) async fn exchange(
    request: Request,
    policy: &RetryPolicy,
    context: &Context,
) -> Result<Response> {
    let request = request.header(USER_AGENT, agent());
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
        let again = worthwhile && policy.allows(retries, answer, now.since(started));
        let wait = again.then(|| policy.wait(retries, answer, now, chance()));
        let Some(wait) = wait.flatten() else {
            return outcome.map_err(|error| after(error, retries));
        };
        retries += 1;
        tracing::debug!(name: "identity.http.retry", retries, wait_ms = millis(wait), "waiting");
        context.clock.sleep(wait).await;
    }
}

async fn attempt(request: &Request, timeout: Duration, context: &Context) -> Result<Response> {
    let sent = context.transport.send(request.clone());
    match select(sent, context.clock.sleep(timeout)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(((), _)) => Err(Error::new(
            ErrorKind::Timeout,
            format!(
                "no answer from {} within {} s",
                host(request),
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

fn after(error: Error, retries: u32) -> Error {
    let message = match retries {
        0 => return error,
        _ => format!("{error} (after {} attempts)", retries + 1),
    };
    let kind = error.kind();
    error.restated(kind, message)
}

fn host(request: &Request) -> &str {
    request.url.host_str().unwrap_or_default()
}

fn agent() -> HeaderValue {
    static TEXT: LazyLock<HeaderValue> = LazyLock::new(|| {
        let system = (std::env::consts::OS, std::env::consts::ARCH);
        HeaderValue::try_from(format!("{AGENT} ({}; {})", system.0, system.1))
            .unwrap_or(HeaderValue::from_static(AGENT))
    });
    TEXT.clone()
}

/// A number in `0.0..1.0`. Spreading retries needs no good randomness, only different numbers in
/// different processes, and `uuid` already has a source of these.
fn chance() -> f64 {
    let (random, _) = uuid::Uuid::new_v4().as_u64_pair();
    // The lowest 16 bits hold the UUID's version; above them is chance.
    f64::from((random >> 32) as u32) / (f64::from(u32::MAX) + 1.0)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
