//! The cookies of the service's front door. They mean nothing; clients store and return them.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{HeaderMap, HeaderValue, SET_COOKIE};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::per_second::PerSecond;

use crate::base::random::Random;
use crate::exchange::request::Call;

/// Browser and session ids, made of the request's own id, and two that are always the same.
pub(super) fn add(headers: &mut HeaderMap, call: &Call) {
    let ids: [u8; 64] = Random::spread(call.trace_id);
    let (browser, session) = ids.split_at(24);
    let until = until(call.at);
    for (name, id, expires) in [
        ("fpc=", browser, ["; expires=", &*until]),
        ("esctx=", session, ["", ""]),
    ] {
        let mut cookie = String::with_capacity(USUAL_LENGTH);
        cookie.push_str(name);
        URL_SAFE_NO_PAD.encode_string(id, &mut cookie);
        expires.iter().for_each(|part| cookie.push_str(part));
        cookie.push_str("; path=/; secure; HttpOnly; SameSite=None");
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            headers.append(SET_COOKIE, cookie);
        }
    }
    for cookie in &ALWAYS_THE_SAME {
        headers.append(SET_COOKIE, cookie.clone());
    }
}

#[rustfmt::skip]
static ALWAYS_THE_SAME: [HeaderValue; 2] = [
    HeaderValue::from_static("x-ms-gateway-slice=estsfd; path=/; secure; samesite=none; httponly"),
    HeaderValue::from_static("stsservicecookie=estsfd; path=/; secure; samesite=none; httponly"),
];

/// Bytes.
const USUAL_LENGTH: usize = 128;

/// When a browser forgets what it was told at `now`.
fn until(now: OffsetDateTime) -> Rc<str> {
    thread_local! {
        static LAST: PerSecond<Rc<str>> = const { PerSecond::new() };
    }
    const FORM: &[BorrowedFormatItem<'_>] = format_description!(
        "[weekday repr:short], [day]-[month repr:short]-[year] [hour]:[minute]:[second] GMT"
    );
    LAST.with(|last| {
        last.get(now, |now| {
            let month = now.saturating_add(Duration::days(30));
            month.format(FORM).unwrap_or_default().into()
        })
    })
}
