//! The cookies of the service's front door. They mean nothing; clients store and return them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{HeaderMap, HeaderValue, SET_COOKIE};
use time::Duration;
use time::macros::format_description;

use crate::call::Call;
use crate::random::Random;

/// Browser and session ids, made of the request's own id, and two that are always the same.
pub(super) fn add(headers: &mut HeaderMap, call: &Call) {
    let ids: [u8; 64] = Random::spread(call.trace_id);
    let (browser, session) = ids.split_at(24);
    let browser = URL_SAFE_NO_PAD.encode(browser);
    let session = URL_SAFE_NO_PAD.encode(session);
    let form = format_description!(
        "[weekday repr:short], [day]-[month repr:short]-[year] [hour]:[minute]:[second] GMT"
    );
    let month = call.at.saturating_add(Duration::days(30));
    let until = month.format(&form).unwrap_or_default();
    for cookie in [
        format!("fpc={browser}; expires={until}; path=/; secure; HttpOnly; SameSite=None"),
        format!("esctx={session}; path=/; secure; HttpOnly; SameSite=None"),
    ] {
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            headers.append(SET_COOKIE, cookie);
        }
    }
    for cookie in [
        "x-ms-gateway-slice=estsfd; path=/; secure; samesite=none; httponly",
        "stsservicecookie=estsfd; path=/; secure; samesite=none; httponly",
    ] {
        headers.append(SET_COOKIE, HeaderValue::from_static(cookie));
    }
}
