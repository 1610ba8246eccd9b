//! The little of HTTP that this crate needs.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{self, BoxFuture, FutureExt};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use url::Url;

use crate::error::{Error, ErrorKind, Result};

/// Sends one HTTP request and returns its response.
///
/// An implementation must judge the server as [`Request::tls`] says, or fail where it cannot. It
/// must not follow redirects, because a redirected request would carry its secret to another host.
/// It should bound the size of a response, and must stop when its future is dropped. It needs no
/// retry and no timeout of its own: both are done around it. A failure is an [`Error`] of kind
/// `Transport`, marked not transient when another try cannot help.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends `request`. A response of any status is `Ok`.
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
    /// Whether to connect to the host without a proxy. A managed identity host can only be reached
    /// that way, and a proxy would be handed this machine's tokens.
    pub direct: bool,
    /// The way in which the server's certificate is judged, for an `https` URL.
    pub tls: Tls,
    /// The longest time to make a connection. `None`: as long as the transport allows. A transport
    /// that cannot limit it may ignore it: the whole request has a limit of its own.
    pub connect_timeout: Option<Duration>,
}

/// The way in which the certificate of a server is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tls {
    /// By the transport's trusted roots and the URL's host name.
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
        /// The name to ask for (SNI) and to find in the certificate, instead of the URL's host.
        /// The address to connect to and the `Host` header still come from the URL.
        server_name: Option<String>,
        /// PEM certificates of the only authorities that are trusted. `None` trusts as usual.
        roots_pem: Option<Bytes>,
    },
}

impl Request {
    /// Returns a `GET` of `url`.
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            direct: false,
            tls: Tls::Standard,
            connect_timeout: None,
        }
    }

    /// Returns a `POST` of `form`, already encoded, to `url`.
    pub fn post_form(url: Url, form: String) -> Self {
        let mut request = Self::get(url);
        request.method = Method::POST;
        request.body = form.into();
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers.insert(CONTENT_TYPE, form_type);
        request
    }

    /// Returns the request with [`Request::direct`] set.
    #[must_use]
    pub fn direct(mut self) -> Self {
        self.direct = true;
        self
    }

    /// Returns the request with the server judged by `tls`.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Returns the request with one more header.
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
        // A query may hold a code or an assertion.
        url.set_query(None);
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &url.as_str())
            .field("headers", &VisibleHeaders(&self.headers))
            .field("body_bytes", &self.body.len())
            .field("direct", &self.direct)
            .field("tls", &self.tls)
            .field("connect_timeout", &self.connect_timeout)
            .finish()
    }
}

/// The response to a [`Request`].
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
    /// Returns a response without headers.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: body.into(),
        }
    }

    /// Returns the first value of the header `name`, if there is one and it is text.
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

/// The transport of a build without one: every request fails with an error that names the feature
/// or option that helps.
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

/// The headers whose values may be shown. The list names the harmless ones, because any other may
/// hold a key or a cookie.
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
        let entries = self.0.iter().map(|(name, value)| {
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
        f.debug_map().entries(entries).finish()
    }
}
