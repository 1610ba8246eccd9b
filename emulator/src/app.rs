//! The whole route table.

use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn;
use axum::routing::{MethodRouter, any};
use http::Request;

use crate::host;
use crate::journal::record;
use crate::route::{control, discovery, token, unknown};
use crate::script::{Script, play};
use crate::state::AppState;

/// Names of all endpoints: in the journal, and what a scripted answer may be about.
pub(crate) const ENDPOINTS: &[&str] = &[
    "entra.discovery.instance",
    "entra.discovery.openid",
    "entra.discovery.openid_v1",
    "entra.keys",
    "entra.keys_v1",
    "entra.token",
    "entra.token_v1",
    "imds.token",
    "unknown",
];

/// The emulator as one service: the journal outside, scripted answers inside it, handlers within.
///
/// Paths are folded to lower case and lose a slash at their end before they come to this table.
pub(crate) fn app(state: AppState) -> Router {
    let on = |endpoint, route| scripted(state.script(), endpoint, route);
    let routes = Router::new()
        .route(
            "/{tenant}/oauth2/v2.0/token",
            on("entra.token", any(token::v2)),
        )
        .route(
            "/{tenant}/oauth2/token",
            on("entra.token_v1", any(token::v1)),
        )
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            on("entra.discovery.openid", any(discovery::openid_v2)),
        )
        .route(
            "/{tenant}/.well-known/openid-configuration",
            on("entra.discovery.openid_v1", any(discovery::openid_v1)),
        )
        .route(
            "/{tenant}/discovery/v2.0/keys",
            on("entra.keys", any(discovery::keys_v2)),
        )
        .route(
            "/{tenant}/discovery/keys",
            on("entra.keys_v1", any(discovery::keys_v1)),
        )
        .route(
            "/common/discovery/instance",
            on("entra.discovery.instance", any(discovery::instance)),
        )
        .merge(host::imds::routes(state.script()))
        .merge(control::routes())
        .fallback_service(on("unknown", any(unknown)).with_state(state.clone()))
        .with_state(state.clone());
    Router::new().fallback(move |request: Request<Body>| record(state, routes, request))
}

/// A route whose answers a script may take over, under this name.
pub(crate) fn scripted(
    script: &Script,
    endpoint: &'static str,
    route: MethodRouter<AppState>,
) -> MethodRouter<AppState> {
    debug_assert!(
        ENDPOINTS.contains(&endpoint),
        "{endpoint} is missing in the list"
    );
    let script = script.clone();
    route.layer(from_fn(move |call, request, next| {
        play(script.clone(), endpoint, call, request, next)
    }))
}
