//! The emulator's own page for people: what there is to sign in to, what clients do, faults to play
//! and tokens to make.
//!
//! It works without scripts; the one script adds requests as they come and copies to the clipboard.
//! Nothing is loaded from anywhere.

pub(super) mod endpoints;
mod mint;
mod requests;
mod switches;
mod world;

use axum::response::Response;
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_FRAME_OPTIONS};

use crate::entra::app_state::AppState;
use crate::entra::pages::{as_page_reply, digest, text};
use crate::exchange::reply;

pub(in crate::control) use mint::{MintForm, Minted};
pub(in crate::control) use requests::fragment;

const STYLE: &str = include_str!("dashboard/style.css");
const SCRIPT: &str = include_str!("dashboard/script.js");

/// The whole page, with what a form on it has brought about.
pub(in crate::control) fn page(state: &AppState, minted: Option<&Minted>) -> Response {
    let (ready, root) = (state.ready(), root(state));
    let (https, http) = (text(&ready.https), text(&ready.http));
    let directory = state.directory().load();
    let body = [
        requests::section(state, &root),
        switches::section(state, &root),
        mint::section(&root, directory.world(), minted),
        world::section(directory.world()),
    ];
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>Identity emulator</title>\n<style>{STYLE}</style>\n</head>\n<body data-root=\"{root}\">\n\
         <a class=\"skip\" href=\"#content\">Skip to the content</a>\n<header>\n\
         <h1>Identity emulator</h1>\n\
         <p>For tests only. Entra ID at <code>{https}</code>, managed identity at <code>{http}</code>, \
         {clock}.</p>\n<nav aria-label=\"Sections\"><ul>\
         <li><a href=\"#requests\">Requests</a></li><li><a href=\"#faults\">Faults</a></li>\
         <li><a href=\"#mint\">Mint a token</a></li><li><a href=\"#world\">World</a></li></ul></nav>\n\
         </header>\n<main id=\"content\" tabindex=\"-1\">\n{body}\n</main>\n\
         <footer><p id=\"said\" role=\"status\"></p></footer>\n\
         <script>{SCRIPT}</script>\n</body>\n</html>\n",
        clock = clock(state),
        body = body.join("\n"),
    );
    protected(reply::html(StatusCode::OK, html))
}

/// Returns the path of the control endpoints of the emulator, or of the sandbox.
pub(in crate::control) fn root(state: &AppState) -> String {
    format!("{}/_emulator", state.addresses().base())
}

fn clock(state: &AppState) -> String {
    let now = crate::state::journal::Entry::moment(state.clock().now());
    let manner = if state.clock().is_frozen() {
        "standing still"
    } else {
        "running"
    };
    format!("clock {manner} at <time datetime=\"{now}\">{now}</time>")
}

/// Runs its own script and style and no other, in no frame, and sends forms nowhere else.
fn protected(mut response: Response) -> Response {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; connect-src 'self'; img-src data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    let headers = response.headers_mut();
    reply::set(headers, CONTENT_SECURITY_POLICY, &policy);
    reply::set(headers, X_FRAME_OPTIONS, "DENY");
    reply::set(headers, REFERRER_POLICY, "same-origin");
    as_page_reply(response)
}

/// A value with a button that copies it, where scripts run.
fn copied(what: &str, value: &str) -> String {
    let (what, value) = (text(what), text(value));
    format!(
        "<code>{value}</code> <button type=\"button\" class=\"copy\" hidden data-copy=\"{value}\" \
         aria-label=\"Copy {what}\">Copy</button>"
    )
}
