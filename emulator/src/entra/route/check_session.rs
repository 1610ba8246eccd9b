//! Whether a browser's session is still the one an application knows, which it asks in a hidden
//! frame.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use crate::entra::app_state::AppState;
use crate::entra::cookies;
use crate::entra::pages;
use crate::entra::route::authorize::{is_read, not_accepted};
use crate::entra::sign_in::error_page;
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};
use crate::world::authority::Authority;

/// `/{tenant}/oauth2/checksession`: the frame, and with `session_state` what it says.
pub(in crate::entra) async fn check_session(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    if !is_read(&call.method) {
        return not_accepted("GET", &call);
    }
    let snapshot = state.snapshot(call.at);
    if let Err(error) = Authority::parse(&call.tenant_segment(), &snapshot.directory) {
        return error_page(&error, &call);
    }
    match call.query("session_state") {
        None => pages::check_session().respond(),
        Some(known) => {
            let said = if is_session(&state, &call, known) {
                "unchanged"
            } else {
                "changed"
            };
            pages::as_page_reply(reply::text(StatusCode::OK, said.to_owned()))
        }
    }
}

/// Whether somebody is signed in in the session that `known` is the `session_state` of.
fn is_session(state: &AppState, call: &Call, known: &str) -> bool {
    let cookie = cookies::read(call, cookies::SESSION);
    let session = cookie.and_then(|cookie| state.sessions().find(cookie, call.at));
    session.is_some_and(|session| {
        !session.accounts.is_empty() && session.id.to_string().eq_ignore_ascii_case(known.trim())
    })
}
