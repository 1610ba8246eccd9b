//! The name that a program gives itself in the services' logs.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::HeaderValue;
use http::header::USER_AGENT;

use super::transport::{Request, Response, Transport};
use crate::error::{Error, Result};

/// A transport that puts a name before that of this crate in `User-Agent`.
#[derive(Debug)]
pub(crate) struct Prefixed {
    inner: Arc<dyn Transport>,
    prefix: String,
}

impl Prefixed {
    /// # Errors
    /// `InvalidArgument` when `prefix` is empty or cannot stand in a header.
    pub(crate) fn new(inner: Arc<dyn Transport>, prefix: &str) -> Result<Self> {
        let visible = |c: char| matches!(c, ' '..='~');
        if prefix.trim().is_empty() || !prefix.chars().all(visible) {
            return Err(Error::invalid(
                "the user agent prefix must not be empty and must consist of visible ASCII \
                 characters, for example my-program/1.0",
            ));
        }
        Ok(Self {
            inner,
            prefix: prefix.trim().to_owned(),
        })
    }
}

impl Transport for Prefixed {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response>> {
        let own = request.headers.get(USER_AGENT).map(HeaderValue::to_str);
        let value = match own {
            Some(Ok(own)) => format!("{} {own}", self.prefix),
            _ => self.prefix.clone(),
        };
        // It cannot fail: both parts were found fit for a header.
        if let Ok(value) = HeaderValue::try_from(value) {
            request.headers.insert(USER_AGENT, value);
        }
        self.inner.send(request)
    }
}
