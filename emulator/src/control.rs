//! The emulator about itself, under `/_emulator/`: never journaled, never scripted.

mod clock;
mod dashboard;
mod directory;
mod forgery;
pub(crate) mod guard;
mod hosts;
mod issuers;
mod journal;
mod keys;
mod order;
mod sandboxes;
mod scheduled_events;
mod script;
mod sign_in;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post, put};
use http::StatusCode;
use serde_json::{Value, json};

use crate::entra::app_state::{AppState, Ready};
use crate::entra::endpoint::Endpoint;
use crate::entra::route::unknown;
use crate::exchange::reply;
use crate::exchange::request::Incoming;

/// Each wrong method gets a 405 that says so.
#[rustfmt::skip]
pub(crate) const ENDPOINTS: &[Endpoint<MethodRouter<AppState>>] = &[
    Endpoint { name: "emulator.dashboard", methods: "GET", path: "/_emulator",
        route: || get(dashboard::endpoints::show), about: "a page for people: the world, requests as they come, faults, tokens to order" },
    Endpoint { name: "emulator.dashboard.requests", methods: "GET", path: "/_emulator/dashboard/requests",
        route: || get(dashboard::endpoints::requests), about: "the rows of that page since a number" },
    Endpoint { name: "emulator.dashboard.script", methods: "POST", path: "/_emulator/dashboard/script",
        route: || post(dashboard::endpoints::script), about: "its switches: `play` or `end` a fault, `clear`" },
    Endpoint { name: "emulator.dashboard.mint", methods: "POST", path: "/_emulator/dashboard/mint",
        route: || post(dashboard::endpoints::mint), about: "its form for tokens: `client`, `tenant`, `resource`, `kind`" },
    Endpoint { name: "emulator.health", methods: "GET", path: "/_emulator/health",
        route: || get(health), about: "that it runs, and where" },
    Endpoint { name: "emulator.ready", methods: "GET", path: "/_emulator/ready",
        route: || get(ready), about: "the ready line, with the default application's secret" },
    Endpoint { name: "emulator.hosts", methods: "GET", path: "/_emulator/hosts",
        route: || get(hosts::list), about: "managed identity hosts, and the variables a program there finds" },
    Endpoint { name: "emulator.scheduled_events", methods: "POST, DELETE", path: "/_emulator/scheduled-events",
        route: || post(scheduled_events::schedule).delete(scheduled_events::clear),
        about: "announces maintenance: `event_type`, `not_before_s`, `duration_s`, `resources`, `description`, `by_user`; forget all" },
    Endpoint { name: "emulator.journal", methods: "GET, DELETE", path: "/_emulator/journal",
        route: || get(journal::list).delete(journal::clear),
        about: "entries, by `endpoint`, `status`, `client`, `tenant`, `since`, `text`, …, as `format` `json`, `jsonl` or `har`; forget them all" },
    Endpoint { name: "emulator.journal.wait", methods: "GET", path: "/_emulator/journal/wait",
        route: || get(journal::wait), about: "the first `count` entries that fit, when they are there; 408 after `timeout_ms`" },
    Endpoint { name: "emulator.journal.stream", methods: "GET", path: "/_emulator/journal/stream",
        route: || get(journal::stream), about: "entries as they come, as server-sent events; goes on behind `Last-Event-ID`" },
    Endpoint { name: "emulator.clock", methods: "GET, PUT, POST, DELETE", path: "/_emulator/clock",
        route: || get(clock::show).put(clock::change).post(clock::change).delete(clock::reset),
        about: "the time it lives by: `frozen`, `now`, `offset_s`, `advance_s`; DELETE sets it as it was at the start" },
    Endpoint { name: "emulator.script", methods: "GET, POST, PUT, DELETE", path: "/_emulator/script",
        route: || get(script::list).post(script::add).put(script::replace).delete(script::clear),
        about: "the rules left; add a rule, a preset or a list of them; put them in place of all; forget them" },
    Endpoint { name: "emulator.presets", methods: "GET", path: "/_emulator/script/presets",
        route: || get(script::presets), about: "the faults with names, and what they are made of" },
    Endpoint { name: "emulator.preset", methods: "PUT, DELETE", path: "/_emulator/script/presets/{preset}",
        route: || put(script::play).delete(script::end), about: "plays a fault from its beginning; takes back what is left of it" },
    Endpoint { name: "emulator.directory", methods: "GET, PUT, PATCH, DELETE", path: "/_emulator/directory",
        route: || get(directory::get_whole).put(directory::change_whole).patch(directory::change_whole).delete(directory::change_whole),
        about: "the whole directory, with the names of `world.toml`; DELETE goes back to the start" },
    Endpoint { name: "emulator.directory", methods: "GET, PUT, PATCH, POST, DELETE", path: "/_emulator/directory/{*path}",
        route: || get(directory::get).put(directory::change).patch(directory::change).post(directory::change).delete(directory::change),
        about: "a part of it, such as `app/daemon/secret/0` or `user/alice@contoso.example`; POST adds to a list" },
    Endpoint { name: "emulator.keys", methods: "GET", path: "/_emulator/keys",
        route: || get(keys::list), about: "the keys published, and which of them signs" },
    Endpoint { name: "emulator.keys.rotate", methods: "POST", path: "/_emulator/keys/rotate",
        route: || post(keys::rotate), about: "a new key takes over: `overlap_s`, `announce_s`" },
    Endpoint { name: "emulator.sandboxes", methods: "GET, POST", path: "/_emulator/sandboxes",
        route: || get(sandboxes::list).post(sandboxes::open), about: "worlds beside this one, with ids of their own; open one: `world`" },
    Endpoint { name: "emulator.sandboxes", methods: "GET, DELETE", path: "/_emulator/sandboxes/{sandbox}",
        route: || get(sandboxes::get).delete(sandboxes::close), about: "one of them; below it is all of `/_emulator/` for it" },
    Endpoint { name: "emulator.forge", methods: "POST", path: "/_emulator/forge",
        route: || post(forgery::make), about: "a token a validator must refuse: `kind`, `tenant`, `client`, `resource`, `claims`" },
    Endpoint { name: "emulator.issuer", methods: "POST", path: "/_emulator/issuers/{name}/token",
        route: || post(issuers::token), about: "a token of another issuer, to order" },
    Endpoint { name: "emulator.sign_in", methods: "POST", path: "/_emulator/sign_in",
        route: || post(sign_in::sign_in), about: "a sign-in without a browser: `url`, `user`; where it ends" },
    Endpoint { name: "emulator.devices.approve", methods: "POST", path: "/_emulator/devices/{user_code}/approve",
        route: || post(sign_in::approve), about: "lets a device in: `user`" },
    Endpoint { name: "emulator.devices.decline", methods: "POST", path: "/_emulator/devices/{user_code}/decline",
        route: || post(sign_in::decline), about: "sends a device away" },
];

pub(crate) fn routes() -> Router<AppState> {
    let add = |routes: Router<AppState>, endpoint: &Endpoint<_>| {
        routes.route(endpoint.path, (endpoint.route)())
    };
    ENDPOINTS
        .iter()
        .fold(Router::new(), add)
        .route("/_emulator/{*page}", any(unknown))
        .method_not_allowed_fallback(wrong_method)
}

async fn health(State(state): State<AppState>) -> Response {
    let ready = Ready {
        client_secret: None,
        ..state.ready()
    };
    let mut body = json!({ "status": "ok" });
    if let (Value::Object(body), Ok(Value::Object(ready))) =
        (&mut body, serde_json::to_value(ready))
    {
        body.extend(ready);
    }
    reply::json(StatusCode::OK, &body)
}

async fn ready(State(state): State<AppState>) -> Response {
    reply::json(StatusCode::OK, &state.ready())
}

async fn wrong_method(Incoming(call): Incoming) -> Response {
    reply::nothing_here(StatusCode::METHOD_NOT_ALLOWED, &call.method, &call.path)
}

fn refused(text: &str) -> Response {
    let body = json!({ "error": "invalid_request", "error_description": text });
    reply::json(StatusCode::BAD_REQUEST, &body)
}
