//! Signing out, of the emulator and of every application that got something out of the session.

use std::collections::HashSet;

use axum::extract::State;
use axum::response::Response;
use http::Method;
use url::Url;
use uuid::Uuid;

use crate::entra::app_state::AppState;
use crate::entra::cookies;
use crate::entra::pages;
use crate::entra::route::authorize::{is_read, not_accepted};
use crate::entra::sign_in::{error_page, redirect, with_query};
use crate::entra::stores::sessions::Session;
use crate::exchange::request::{Call, Incoming};
use crate::world::authority::Authority;
use crate::world::cloud;
use crate::world::directory::Directory;
use crate::world::redirect_uri::is_registered;

/// `/{tenant}/oauth2/v2.0/logout`, `/{tenant}/oauth2/logout`
pub(in crate::entra) async fn logout(
    State(state): State<AppState>,
    Incoming(call): Incoming,
) -> Response {
    if !is_read(&call.method) && call.method != Method::POST {
        return not_accepted("GET, POST", &call);
    }
    let snapshot = state.snapshot(call.at);
    let directory = &*snapshot.directory;
    if let Err(error) = Authority::parse(&call.tenant_segment(), directory) {
        return error_page(&error, &call);
    }
    let cookie = cookies::read(&call, cookies::SESSION);
    let session = cookie.and_then(|cookie| ended(&state, &call, cookie));
    let tell = session
        .as_ref()
        .map_or_else(Vec::new, |session| logout_urls(session, &call, directory));
    let next = next(&call, session.as_ref(), directory);
    let mut response = match &next {
        Some(next) if tell.is_empty() => redirect(next),
        _ => pages::signed_out(&tell, next.as_deref()).respond(),
    };
    let still = cookie.and_then(|cookie| state.sessions().find(cookie, call.at));
    if still.is_none() {
        cookies::clear(&mut response, &call, cookies::SESSION);
    }
    response
}

/// Ends the session, or with a hint the one account in it that is meant.
fn ended(state: &AppState, call: &Call, cookie: &str) -> Option<Session> {
    let sessions = state.sessions();
    let session = sessions.find(cookie, call.at)?;
    let hint = field(call, "logout_hint").unwrap_or_default();
    let hinted = session
        .accounts
        .iter()
        .find(|one| one.user.eq_ignore_ascii_case(hint));
    match hinted {
        Some(one) if session.accounts.len() > 1 => {
            sessions.sign_out_one(cookie, &one.user, call.at);
        }
        _ => drop(sessions.sign_out(cookie, call.at)),
    }
    Some(session)
}

/// The front channel: each application of the session that said where it wants to be told.
fn logout_urls(session: &Session, call: &Call, directory: &Directory) -> Vec<Url> {
    let apps = session.apps.iter().filter_map(|id| directory.app(*id));
    let urls = apps.filter_map(|app| Url::parse(app.logout_url.as_deref()?).ok());
    let mut urls: Vec<_> = urls.collect();
    for url in &mut urls {
        url.query_pairs_mut()
            .append_pair(
                "iss",
                &format!(
                    "{}/{}/v2.0",
                    cloud::issuing_origin(&call.origin),
                    call.tenant_segment()
                ),
            )
            .append_pair("sid", &session.id.to_string());
    }
    urls
}

/// Returns the address to go to after signing out: only one that is registered, with the state. It
/// may belong to an application of the session, the one that the hint was made for, or any
/// application of the directory.
fn next(call: &Call, session: Option<&Session>, directory: &Directory) -> Option<String> {
    let wanted = field(call, "post_logout_redirect_uri")?;
    let of_session: HashSet<Uuid> = session
        .map(|session| session.apps.iter().copied().collect())
        .unwrap_or_default();
    let apps = directory.world().apps.iter();
    let mut apps = apps.filter(|app| of_session.is_empty() || of_session.contains(&app.client_id));
    apps.any(|app| is_registered(app, wanted)).then(|| {
        let state = field(call, "state").map(|state| ("state", state.to_owned()));
        with_query(wanted, state.as_slice())
    })
}

fn field<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    let found = call.query(name).or_else(|| call.field(name));
    found.filter(|value| !value.is_empty())
}
