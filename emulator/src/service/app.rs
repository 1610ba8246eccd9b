//! The emulator as one service: the layers around the endpoints, and who answers at which.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{Request, StatusCode};
use tower::ServiceExt as _;

use crate::control;
use crate::entra::app_state::{AppState, Service};
use crate::entra::endpoint::{Endpoint, Plain, Route};
use crate::entra::route::{self, unknown};
use crate::exchange::cors;
use crate::exchange::endpoint_names::UNKNOWN;
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming, Listener};
use crate::hosts;
use crate::hosts::federation;
use crate::service::journal_layer::{BODY_TIMEOUT, is_control, journaled};
use crate::service::script_layer::scripted;

/// How long a client may take over the head of a request, the pause before it included, unless the
/// builder says otherwise.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

/// Every endpoint of the services that are played, whoever answers.
pub(crate) fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    route::ENDPOINTS
        .iter()
        .chain(hosts::endpoints())
        .chain(federation::endpoints())
}

/// The emulator as one service: the journal outside, scripted answers inside it, handlers within.
#[derive(Clone, Debug)]
pub(crate) struct EmulatorService(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: AppState,
    /// The endpoints by path. The layers around a handler ask here, once: as layers of each route
    /// they would cost three boxed futures a request.
    played: matchit::Router<Played>,
    routes: Router,
    patience: Option<Duration>,
}

/// The endpoint of a path.
#[derive(Clone)]
struct Played {
    name: &'static str,
    plain: Option<Plain>,
}

impl EmulatorService {
    /// `patience` is how long a client may take over a head, and over a body; `None` for the
    /// usual.
    pub(crate) fn new(state: AppState, patience: Option<Duration>) -> Self {
        // Two routers over one table. axum's takes requests apart for the handlers that want it,
        // and tells the name of what it found only to layers within each route. The script and the
        // journal need the name before, and the token endpoint goes without axum's router, which
        // costs more there than all it does about a token but the signature.
        let mut played = matchit::Router::new();
        let mut routes = Router::new();
        for endpoint in endpoints() {
            let Route { routed, plain } = (endpoint.route)();
            routes = routes.route(endpoint.path, routed);
            let name = endpoint.name;
            let added = played.insert(endpoint.path, Played { name, plain });
            added.expect("paths of the table differ, or the router refuses them");
        }
        let routes = routes
            .merge(control::routes())
            .fallback(unknown)
            .with_state(state.clone());
        Self(Arc::new(Inner {
            state,
            played,
            routes,
            patience,
        }))
    }

    /// Answers a request. What is rare on the way from here is boxed: a future is as large as the
    /// largest thing it may wait for, and is moved more than once.
    pub(crate) async fn answer(&self, mut request: Request<Body>, by: &Listener) -> Response {
        let sandboxes = self.0.state.sandboxes();
        if let Some(sandbox) = sandboxes.claim(&self.0.state, &mut request) {
            return sandbox.call(request, by).await;
        }
        self.answer_here(request, by).await
    }

    async fn answer_here(&self, request: Request<Body>, by: &Listener) -> Response {
        let state = &self.0.state;
        let patience = self.0.patience.unwrap_or(BODY_TIMEOUT);
        let answer = async |call, parts, body| self.play(call, parts, body).await;
        let mut response = journaled(state, patience, request, by, answer).await;
        reply::date(&mut response, state.clock().now());
        response
    }

    pub(in crate::service) fn head_timeout(&self) -> Duration {
        self.0.patience.unwrap_or(HEAD_TIMEOUT)
    }

    /// Returns the service that answers for a state, with the usual limits of time.
    pub(crate) fn serve(state: AppState) -> Arc<dyn Service> {
        Arc::new(Self::new(state, None))
    }

    /// `parts` has the path of `call` in lower case and without a slash at its end.
    async fn play(&self, call: Arc<Call>, parts: Parts, body: Bytes) -> Response {
        // A page of another site may send whatever it likes as its host: what is not understood
        // must not pass for the emulator's own address.
        if call.has_bad_authority {
            return reply::nothing_here(StatusCode::BAD_REQUEST, &call.method, &call.path);
        }
        if is_control(parts.uri.path()) {
            return match control::guard::refusal(&call) {
                Some(refusal) => refusal,
                None => Box::pin(self.handle(&call, parts, body)).await,
            };
        }
        let state = &self.0.state;
        let found = self.0.played.at(parts.uri.path());
        let found = found.ok().map(|found| found.value);
        let endpoint = found.map_or(UNKNOWN, |found| found.name);
        call.note_endpoint(endpoint);
        // Pinned here: handed on by value, each of the layers would hold it once for every way it
        // may go on, and so would the next.
        let genuine = pin!(async {
            match found.and_then(|found| found.plain.as_ref()) {
                Some(plain) => plain(state.clone(), call.clone()).await,
                None => Box::pin(self.handle(&call, parts, body)).await,
            }
        });
        let played = pin!(scripted(state, endpoint, &call, genuine));
        cors::open(endpoint, &call, played).await
    }

    async fn handle(&self, call: &Arc<Call>, mut parts: Parts, body: Bytes) -> Response {
        parts.extensions.insert(Incoming(call.clone()));
        let request = Request::from_parts(parts, Body::from(body));
        // A router of handlers without errors of their own cannot fail.
        let Ok(response) = self.0.routes.clone().oneshot(request).await;
        response
    }
}

impl Service for EmulatorService {
    fn call<'a>(&'a self, request: Request<Body>, by: &'a Listener) -> BoxFuture<'a, Response> {
        Box::pin(self.answer_here(request, by))
    }
}

impl fmt::Debug for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::endpoint_names::ENDPOINT_NAMES;

    #[test]
    fn the_names_that_rules_may_be_about_are_those_of_the_table() {
        let mut names: Vec<_> = endpoints().map(|endpoint| endpoint.name).collect();
        names.push(UNKNOWN);
        names.sort_unstable();
        names.dedup();
        assert_eq!(ENDPOINT_NAMES, names);
    }
}
