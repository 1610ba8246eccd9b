//! Requests for a token that follow one another.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash as _, Hasher as _};
use std::sync::{LazyLock, Mutex};

use foldhash::quality::RandomState;
use memchr::memmem::Finder;
use time::format_description::well_known::Rfc2822;
use time::{Duration, OffsetDateTime};

use super::{Area, Scene, value};
use crate::base::sync::lock;
use crate::exchange::completed::CompletedRequest;
use crate::world::device_polling::INTERVAL;

/// The outcomes of the last requests for each token, for as many tokens as fit.
#[derive(Debug, Default)]
pub(crate) struct History {
    pasts: Mutex<HashMap<u64, Past, RandomState>>,
    hasher: RandomState,
}

/// The requests before one, of the same client for the same token.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Past {
    /// When the last request was answered, and how.
    last: Option<OffsetDateTime>,
    /// How many in a row came to nothing, for a reason that may pass.
    failures: u32,
    /// Before when it was asked not to come again.
    not_before: Option<OffsetDateTime>,
    /// A token that was issued, and half of its life.
    token: Option<(OffsetDateTime, OffsetDateTime)>,
}

/// Tokens remembered at once.
const MOST: usize = 4096;
/// A series of failures is over when nothing came for so long.
const QUIET: Duration = Duration::minutes(5);

impl History {
    /// Returns the requests before this one, and notes this one for the next.
    pub(super) fn of(&self, seen: &CompletedRequest<'_>) -> Past {
        if !Area::Tokens.covers(seen.endpoint) {
            return Past::default();
        }
        let key = self.key(seen);
        let mut pasts = lock(&self.pasts);
        if pasts.len() >= MOST && !pasts.contains_key(&key) {
            pasts.clear();
        }
        let past = pasts.entry(key).or_default();
        let before = *past;
        *past = before.after(seen);
        before
    }

    /// Returns a number for the client and what it asks for. Requests with the same key ask for the
    /// same again.
    fn key(&self, seen: &CompletedRequest<'_>) -> u64 {
        const TELLING: &[&str] = &[
            "assertion",
            "claims",
            "client_id",
            "code",
            "device_code",
            "grant_type",
            "mi_res_id",
            "msi_res_id",
            "object_id",
            "refresh_token",
            "resource",
            "scope",
            "username",
        ];
        let mut hasher = self.hasher.build_hasher();
        seen.path.hash(&mut hasher);
        let agent = seen.headers.get(http::header::USER_AGENT);
        agent.map(http::HeaderValue::as_bytes).hash(&mut hasher);
        for (name, value) in seen.query.iter().chain(seen.form) {
            if TELLING.contains(&name.as_str()) {
                (name, value).hash(&mut hasher);
            }
        }
        hasher.finish()
    }
}

impl Past {
    fn after(self, seen: &CompletedRequest<'_>) -> Self {
        let answered = seen.at + Duration::milliseconds(seen.elapsed_ms.try_into().unwrap_or(0));
        let in_row = self.last.is_some_and(|last| seen.at - last < QUIET);
        let failed = matches!(seen.status, 0 | 408 | 429 | 500..);
        let failures = if in_row { self.failures } else { 0 };
        Self {
            last: Some(answered),
            failures: if failed { failures + 1 } else { 0 },
            not_before: retry_after(seen, answered).map(|wait| answered + wait),
            token: issued(seen, answered).or(self.token),
        }
    }
}

pub(super) fn retry_too_soon(scene: &Scene<'_>) -> Option<String> {
    // Sleeping is not exact, and clocks of clients are coarse.
    const PATIENCE: Duration = Duration::milliseconds(100);
    let at = scene.seen.at;
    let (answered, not_before) = (scene.past.last?, scene.past.not_before?);
    // Who had asked before the answer came could not know.
    let left = not_before - at;
    (at >= answered && left > PATIENCE).then(|| {
        format!(
            "the request comes {} s before the time that `Retry-After` asked for",
            left.as_seconds_f32()
        )
    })
}

pub(super) fn retries_unbounded(scene: &Scene<'_>) -> Option<String> {
    const MOST_TRIES: u32 = 10;
    let (past, at) = (scene.past, scene.seen.at);
    let in_row = past.last.is_some_and(|last| at - last < QUIET);
    (in_row && past.failures >= MOST_TRIES).then(|| {
        format!(
            "the same request has failed {} times in a row",
            past.failures
        )
    })
}

pub(super) fn token_again(scene: &Scene<'_>) -> Option<String> {
    let at = scene.seen.at;
    let (issued, half) = scene.past.token?;
    // With claims another token is wanted; what users agree to is not kept here.
    let other = scene.form("claims").is_some();
    (at >= issued && at < half && !other).then(|| {
        format!(
            "one for the same was issued {} s ago",
            (at - issued).whole_seconds()
        )
    })
}

pub(super) fn device_poll_too_soon(scene: &Scene<'_>) -> Option<String> {
    scene.form("device_code").or_else(|| {
        // The first API of the service called it so.
        let v1 = scene.form("grant_type") == Some("device_code");
        scene.form("code").filter(|_| v1)
    })?;
    let pause = scene.seen.at - scene.past.last?;
    // As with `Retry-After`, a little less is no haste.
    let least = Duration::seconds(INTERVAL) - Duration::milliseconds(100);
    (pause < least).then(|| format!("the device polls again after {} s", pause.as_seconds_f32()))
}

/// How long an answer asks to wait: in seconds, or until a date.
fn retry_after(seen: &CompletedRequest<'_>, answered: OffsetDateTime) -> Option<Duration> {
    if !matches!(seen.status, 429 | 500..) {
        return None;
    }
    let text = seen
        .reply_headers
        .get(http::header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim();
    match text.parse::<u32>() {
        Ok(seconds) => Some(Duration::seconds(seconds.into())),
        Err(_) => OffsetDateTime::parse(text, &Rfc2822)
            .ok()
            .map(|until| until - answered),
    }
}

/// When a token of the kind that is asked for again was issued, and half of its life.
fn issued(
    seen: &CompletedRequest<'_>,
    answered: OffsetDateTime,
) -> Option<(OffsetDateTime, OffsetDateTime)> {
    let grant = value(seen.form, "grant_type");
    let kept = grant.is_none_or(|grant| grant == "client_credentials");
    if !kept || seen.issued.is_empty() || seen.scripted {
        return None;
    }
    let lifetime = lifetime(seen.reply_body)?;
    Some((answered, answered + Duration::seconds(lifetime) / 2))
}

/// The number behind `"expires_in":`, in quotes or not.
fn lifetime(body: &[u8]) -> Option<i64> {
    static MEMBER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(r#""expires_in":"#));
    let start = MEMBER.find(body)? + MEMBER.needle().len();
    let digits = body[start..].iter().skip_while(|byte| **byte == b'"');
    let digits = digits.take_while(|byte| byte.is_ascii_digit()).take(9);
    Some(digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_read_from_numbers_and_texts() {
        assert_eq!(lifetime(br#"{"a":1,"expires_in":3599,"b":2}"#), Some(3599));
        assert_eq!(lifetime(br#"{"expires_in":"86399"}"#), Some(86_399));
        assert_eq!(
            lifetime(br#"{"expires_in":99999999999999999999}"#),
            Some(999_999_999)
        );
        assert_eq!(lifetime(b"<html>"), None);
    }
}
