//! One row of a route table, and how its handler is reached.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use axum::extract::State;
use axum::handler::Handler;
use axum::response::Response;
use axum::routing::{self, MethodRouter};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::entra::app_state::AppState;
use crate::exchange::request::{Call, Incoming};

/// One endpoint: what it is called, where it is, who answers.
#[derive(Debug)]
pub(crate) struct Endpoint<R = Route> {
    /// In the journal, and in what a scripted answer may be about.
    pub(crate) name: &'static str,
    /// The methods that do something; every other gets the endpoint's own refusal.
    pub(crate) methods: &'static str,
    /// Lower case and without a slash at its end: paths are folded before they come here.
    pub(crate) path: &'static str,
    pub(crate) route: fn() -> R,
    /// Its purpose, in a few words.
    pub(crate) about: &'static str,
}

/// A handler for every method: the services themselves say what they think of the wrong ones.
pub(crate) struct Route {
    pub(crate) routed: MethodRouter<AppState>,
    /// The same handler without a router around it, if it can do without.
    pub(crate) plain: Option<Plain>,
}

/// A handler that is asked straight away.
pub(crate) type Plain =
    Arc<dyn Fn(AppState, Arc<Call>) -> BoxFuture<'static, Response> + Send + Sync>;

/// Reached by axum's router, which takes apart for the handler what it asks for.
pub(crate) fn any<H, T>(handler: H) -> Route
where
    H: Handler<T, AppState>,
    T: 'static,
{
    Route {
        routed: routing::any(handler),
        plain: None,
    }
}

/// For a handler that needs nothing but the call: a router and its extractors would cost it more
/// than all it does about a token but the signature.
pub(in crate::entra) fn plain<H, F>(handler: H) -> Route
where
    H: Fn(State<AppState>, Incoming) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    Route {
        routed: routing::any(handler),
        plain: Some(Arc::new(move |state, call| {
            handler(State(state), Incoming(call)).boxed()
        })),
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("plain", &self.plain.is_some())
            .finish_non_exhaustive()
    }
}
