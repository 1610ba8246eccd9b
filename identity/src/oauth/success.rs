//! The token in a response.
//!
//! Lifetimes come as numbers or digit strings, `expires_on` also as a date. `expires_in` is
//! preferred to `expires_on`, because a relative time is right even by a wrong clock. A lifetime
//! that is not positive is an error; a huge one ends with the year 9999.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::context::{Response, UnixTime};
use crate::error::{Error, Result};
use crate::oauth::members::{Object, TokenMembers};
use crate::oauth::{date, failure};
use crate::token::{AccessToken, Token};

/// Returns the token in `response`, or the error it stands for. `secrets` are kept out of error
/// texts.
pub(crate) fn read(response: &Response, now: UnixTime, secrets: &[&str]) -> Result<AccessToken> {
    match serde_json::from_slice::<TokenMembers>(&response.body) {
        Ok(members) if response.status == 200 && members.get("error").is_none() => {
            token(&members, now).map_err(|error| error.with_status(200))
        }
        // Read again as a whole: an error may have any member.
        _ => Err(failure::read(response, object(response).as_ref(), secrets)),
    }
}

/// Returns the token in `response` as [`read`] does, together with the whole JSON object.
pub(crate) fn read_with_body(
    response: &Response,
    now: UnixTime,
    secrets: &[&str],
) -> Result<(AccessToken, Map<String, Value>)> {
    let body = object_or_error(response, secrets)?;
    let token = token(&body, now).map_err(|error| error.with_status(200))?;
    Ok((token, body))
}

/// Returns the JSON object of a successful response, or the error it stands for.
pub(crate) fn object_or_error(response: &Response, secrets: &[&str]) -> Result<Map<String, Value>> {
    match object(response) {
        Some(body) if response.status == 200 && !body.contains_key("error") => Ok(body),
        body => Err(failure::read(response, body.as_ref(), secrets)),
    }
}

/// Returns the body, if it is a JSON object.
pub(crate) fn object(response: &Response) -> Option<Map<String, Value>> {
    serde_json::from_slice(&response.body).ok()
}

/// Returns the token in the JSON object of a successful response.
pub(crate) fn token(body: &impl Object, now: UnixTime) -> Result<AccessToken> {
    let text = body
        .get("access_token")
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| malformed("has no access_token"))?;
    let expires_on = expiry(body, now)?;
    // A token that has already expired would be asked for again at every call.
    if expires_on <= now {
        return Err(malformed("holds a token that has already expired"));
    }
    let token_type = body
        .get("token_type")
        .and_then(Value::as_str)
        .filter(|t| !t.is_empty());
    let token_type = token_type.unwrap_or("Bearer");
    let refresh_on = refresh(body, now, expires_on);
    Ok(AccessToken(Arc::new(Token::new(
        text, token_type, expires_on, refresh_on,
    ))))
}

fn expiry(body: &impl Object, now: UnixTime) -> Result<UnixTime> {
    if let Some(value) = present(body, "expires_in") {
        return match seconds(value) {
            Some(seconds) if seconds > 0 => {
                Ok(now.plus(Duration::from_secs(seconds.unsigned_abs())))
            }
            Some(_) => Err(malformed("has an expires_in that is not positive")),
            None => Err(malformed("has an expires_in that is not a number")),
        };
    }
    match present(body, "expires_on") {
        Some(value) => seconds(value)
            .map(UnixTime::from_seconds)
            .or_else(|| value.as_str().and_then(date::parse))
            .ok_or_else(|| malformed("has an expires_on that is neither a number nor a date")),
        None => Err(malformed("says neither expires_in nor expires_on")),
    }
}

/// Returns the time to refresh the token: by `refresh_in` if that makes sense, otherwise at half of
/// a lifetime of two hours or more. Shorter tokens are refreshed shortly before their end.
fn refresh(body: &impl Object, now: UnixTime, expires_on: UnixTime) -> Option<UnixTime> {
    const LONG: Duration = Duration::from_secs(7200);
    let asked = present(body, "refresh_in")
        .and_then(seconds)
        .filter(|&seconds| seconds > 0);
    let asked = asked.map(|seconds| now.plus(Duration::from_secs(seconds.unsigned_abs())));
    let lifetime = expires_on.since(now);
    asked
        .filter(|&moment| moment < expires_on)
        .or_else(|| (lifetime >= LONG).then(|| now.plus(lifetime / 2)))
}

fn present<'a>(body: &'a impl Object, name: &str) -> Option<&'a Value> {
    body.get(name)
        .filter(|value| !value.is_null() && value.as_str() != Some(""))
}

/// Reads a whole number, however it is written (`3599`, `"3599"`, `3599.0`). Too large ones become
/// the largest there is.
pub(crate) fn seconds(value: &Value) -> Option<i64> {
    let float = match value {
        Value::Number(number) => match number.as_i64() {
            Some(whole) => return Some(whole),
            None => number.as_f64()?,
        },
        Value::String(text) => {
            let text = text.trim();
            if let Ok(whole) = text.parse() {
                return Some(whole);
            }
            // Rust would also read `inf`, `NaN` and `1e3`.
            let digits = text.trim_start_matches('-').bytes();
            if !digits.clone().all(|b| b.is_ascii_digit() || b == b'.') {
                return None;
            }
            text.parse().ok()?
        }
        _ => return None,
    };
    // A cast from float saturates.
    float.is_finite().then_some(float as i64)
}

fn malformed(what: &str) -> Error {
    Error::rejected(format!(
        "Authentication failed: the answer of the token service {what}. Check that the authority \
         host is a Microsoft Entra ID endpoint and that nothing in between changes its answers"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

    fn lifetime(body: &str) -> Result<u64, String> {
        let token = read(&Response::new(200, body.to_owned()), NOW, &[]);
        token
            .map(|t| t.0.expires_on.since(NOW).as_secs())
            .map_err(|e| e.to_string())
    }

    #[test]
    fn lifetimes_are_read_however_they_are_written() {
        for expires in ["3599", "\"3599\"", "3599.0", "\"3599.0\"", "\" 3599 \""] {
            let body = format!(r#"{{"access_token":"t","expires_in":{expires}}}"#);
            assert_eq!(lifetime(&body), Ok(3599), "{expires}");
        }
        let on = r#"{"access_token":"t","expires_on":"1700000060","expires_in":""}"#;
        assert_eq!(lifetime(on), Ok(60));
        let date = r#"{"access_token":"t","expires_on":"11/14/2023 10:14:20 PM +00:00"}"#;
        assert_eq!(lifetime(date), Ok(60));
        let both = r#"{"access_token":"t","expires_on":1700000060,"expires_in":"9"}"#;
        assert_eq!(lifetime(both), Ok(9));
    }

    #[test]
    fn impossible_lifetimes_are_errors_and_huge_ones_end_with_the_calendar() {
        for expires in [
            "-1",
            "0",
            "\"-5\"",
            "\"soon\"",
            "true",
            "[]",
            "-9223372036854775808",
        ] {
            let body = format!(r#"{{"access_token":"t","expires_in":{expires}}}"#);
            assert!(lifetime(&body).is_err(), "{expires}");
        }
        for name in ["expires_in", "expires_on"] {
            for huge in ["9223372036854775807", "18446744073709551615", "1e300"] {
                let body = format!(r#"{{"access_token":"t","{name}":{huge}}}"#);
                assert_eq!(
                    lifetime(&body),
                    Ok(UnixTime::MAX.since(NOW).as_secs()),
                    "{huge}"
                );
            }
        }
        assert!(lifetime(r#"{"access_token":"t","expires_on":1600000000}"#).is_err());
        assert!(lifetime(r#"{"access_token":"t"}"#).is_err());
    }

    #[test]
    fn a_200_without_a_token_is_an_error_that_keeps_its_status() {
        for body in [
            "{}",
            r#"{"access_token":""}"#,
            r#"{"access_token":7}"#,
            "[]",
            "<html>",
            "",
        ] {
            let error = read(&Response::new(200, body), NOW, &[]).expect_err(body);
            assert_eq!(error.status(), Some(200), "{body}");
        }
    }

    #[test]
    fn refresh_comes_when_the_service_says_or_at_half_of_a_long_life() {
        let refresh = |body: &str| {
            let token = read(&Response::new(200, body.to_owned()), NOW, &[]).unwrap();
            token.0.refresh_on.map(|moment| moment.since(NOW).as_secs())
        };
        assert_eq!(refresh(r#"{"access_token":"t","expires_in":7199}"#), None);
        assert_eq!(
            refresh(r#"{"access_token":"t","expires_in":7200}"#),
            Some(3600)
        );
        assert_eq!(
            refresh(r#"{"access_token":"t","expires_in":9,"refresh_in":"5"}"#),
            Some(5)
        );
        for senseless in ["-1", "0", "9", "99", "\"x\"", "null"] {
            let body = format!(r#"{{"access_token":"t","expires_in":9,"refresh_in":{senseless}}}"#);
            assert_eq!(refresh(&body), None, "{senseless}");
        }
    }
}
