//! The emulator as those within it see it who are clients of it themselves.

use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use futures_util::future::BoxFuture;
use http::Request;

use super::AppState;
use crate::exchange::request::Listener;

/// Answers the requests to one world.
pub(crate) trait Service: fmt::Debug + Send + Sync {
    /// The answer to a request that has come in `by` a listener and is for this world.
    fn call<'a>(&'a self, request: Request<Body>, by: &'a Listener) -> BoxFuture<'a, Response>;
}

/// Makes the service of a state.
pub(crate) type Serve = fn(AppState) -> Arc<dyn Service>;
