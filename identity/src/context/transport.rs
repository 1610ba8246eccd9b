//! HTTP, as little of it as this crate needs.

use std::fmt;

use bytes::Bytes;
use futures_util::future::{self, BoxFuture, FutureExt};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use url::Url;

use crate::error::{Error, ErrorKind, Result};

/// Sends one HTTP request and gives its answer.
///
/// An implementation must judge the server as [`Request::tls`] says, or fail where it cannot. It
/// must not follow redirects (a redirected request would
/// carry its secret to another host), should bound the size of an answer, and must stop when its
/// future is dropped.
/// It needs no retry and no timeout of its own: both are done around it. A failure is an
/// [`Error`] of kind `Transport`, marked not transient when trying again cannot help.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends `request`; any status is an `Ok` answer.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>>;
}

/// An HTTP request.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: Url,
    /// The headers; those with secrets are marked sensitive.
    pub headers: HeaderMap,
    /// The body, empty for `GET`.
    pub body: Bytes,
    /// Go straight to the host, past any proxy: a managed identity host is only reachable so,
    /// and a proxy would be handed this machine's tokens.
    pub direct: bool,
    /// How the server's certificate is judged, for an `https` URL.
    pub tls: Tls,
}

/// How the certificate of a server is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tls {
    /// As the transport was set up: by its trusted roots and the URL's host name.
    #[default]
    Standard,
    /// By its SHA-1 thumbprint alone: exactly this certificate, whoever issued it and for whatever
    /// name. The server still has to prove that it holds the key.
    Pinned {
        /// SHA-1 of the certificate (DER).
        sha1: [u8; 20],
    },
    /// By other names or roots than usual.
    Private {
        /// The name to ask for (SNI) and to find in the certificate, instead of the URL's host;
        /// where to connect and the `Host` header stay the URL's business.
        server_name: Option<String>,
        /// PEM certificates: only what they signed is trusted. `None` trusts as usual.
        roots_pem: Option<Bytes>,
    },
}

impl Request {
    /// A `GET` of `url`.
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            direct: false,
            tls: Tls::Standard,
        }
    }

    /// A `POST` of `form` (already encoded) to `url`.
    pub fn post_form(url: Url, form: String) -> Self {
        let mut request = Self::get(url);
        request.method = Method::POST;
        request.body = form.into();
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers.insert(CONTENT_TYPE, form_type);
        request
    }

    /// The same request, past any proxy.
    #[must_use]
    pub fn direct(mut self) -> Self {
        self.direct = true;
        self
    }

    /// The same request, the server judged by `tls`.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// The same request with one more header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

/// Shows neither query nor body nor sensitive header values.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.url.clone();
        url.set_query(None);
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &url.as_str())
            .field("headers", &VisibleHeaders(&self.headers))
            .field("body_bytes", &self.body.len())
            .field("direct", &self.direct)
            .field("tls", &self.tls)
            .finish()
    }
}

/// The answer to a [`Request`].
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Response {
    /// An answer with no headers.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: body.into(),
        }
    }

    /// The value of header `name`, if it is there once or more and its first value is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Shows no body and no sensitive header values.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &VisibleHeaders(&self.headers))
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// No transport: every request fails and says which feature or option would help.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTransport;

impl Transport for NoTransport {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response>> {
        let error = Error::new(
            ErrorKind::Transport,
            "no HTTP transport: enable the feature \"reqwest\" or set Context::transport",
        );
        future::ready(Err(error.with_transient(false))).boxed()
    }
}

struct VisibleHeaders<'a>(&'a HeaderMap);

/// Headers whose values may be shown; all others may hold a key or a cookie.
const VISIBLE: &[&str] = &[
    "accept",
    "client-request-id",
    "content-length",
    "content-type",
    "date",
    "metadata",
    "retry-after",
    "user-agent",
    "x-ms-client-request-id",
    "x-ms-request-id",
];

impl fmt::Debug for VisibleHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().map(|(name, value)| {
            let visible = VISIBLE.contains(&name.as_str()) && !value.is_sensitive();
            (
                name.as_str(),
                if visible {
                    value.to_str().unwrap_or("?")
                } else {
                    "***"
                },
            )
        });
        f.debug_map().entries(shown).finish()
    }
}
