//! Cookies: reading what a browser sent, and setting what it shall keep.

use http::header::{COOKIE, HeaderValue, SET_COOKIE};

use axum::response::Response;

use crate::exchange::request::Call;

/// The cookie that tells browsers apart during one sign-in: forms are only taken from the browser
/// they were made for.
pub(in crate::entra) const BROWSER: &str = "buid";
/// The cookie of the session.
pub(in crate::entra) const SESSION: &str = "ESTSAUTH";

/// The value of the first cookie of that name.
pub(in crate::entra) fn read<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    let lines = call.headers.get_all(COOKIE).into_iter();
    let pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value)
}

/// Has the browser keep `value` until it is closed.
pub(in crate::entra) fn set(response: &mut Response, call: &Call, name: &str, value: &str) {
    call.note_secret(value);
    append(response, format!("{name}={value}; {}", attributes(call)));
}

/// Has the browser forget it.
pub(in crate::entra) fn clear(response: &mut Response, call: &Call, name: &str) {
    let attributes = attributes(call);
    append(response, format!("{name}=; max-age=0; {attributes}"));
}

/// A silent request comes from a frame in another site, where only `SameSite=None` cookies are
/// sent, which browsers take over https alone.
fn attributes(call: &Call) -> &'static str {
    if call.scheme == "https" {
        "path=/; secure; HttpOnly; SameSite=None"
    } else {
        "path=/; HttpOnly; SameSite=Lax"
    }
}

fn append(response: &mut Response, cookie: String) {
    if let Ok(value) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}
