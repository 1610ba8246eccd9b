//! The default transport.

mod elsewhere;
mod failure;
mod pinned;
mod proxy;

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use ::reqwest::redirect::Policy;
use ::reqwest::retry::never;
use ::reqwest::{Certificate, Client, ClientBuilder};
use bytes::BytesMut;
use futures_util::future::{BoxFuture, FutureExt};
use tokio::runtime::{Handle, Id};

use self::failure::{broken, permanent, story};
use self::proxy::Way;
use super::transport::{Request, Response, Tls, Transport};
use crate::error::{Error, Result};
use crate::sync::lock;

/// Largest answer read, in bytes; token answers have a few thousand.
const BODY_LIMIT: usize = 1 << 20;

/// [`Transport`] over reqwest with rustls. Needs a tokio runtime.
///
/// Trusts the certificates the operating system trusts; on Linux `SSL_CERT_FILE` and
/// `SSL_CERT_DIR`, where set, replace these. Follows no redirects. Honours `HTTPS_PROXY`,
/// `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, unless [told otherwise](ReqwestTransportBuilder::proxy),
/// and except for managed identity hosts, which are always reached directly. Reads at most 1 MiB of
/// an answer.
#[derive(Clone)]
pub struct ReqwestTransport(Arc<Clients>);

/// Clients are made when first needed: one costs about a millisecond, and few programs need more
/// than one. A connection is driven by the runtime it was made on, and stalls with it, so each
/// runtime has connections of its own.
struct Clients {
    settings: ReqwestTransportBuilder,
    made: Mutex<Vec<(Id, Route, Client)>>,
}

/// What of a request decides about its connection.
#[derive(Clone, PartialEq, Eq)]
struct Route {
    direct: bool,
    tls: Tls,
    /// Where to connect, when that is not the host of the URL reqwest is given.
    connect_to: Option<String>,
}

/// Most clients kept; a test suite may have a runtime per test.
const CLIENT_LIMIT: usize = 32;

impl ReqwestTransport {
    /// The process-wide transport: all share one pool of connections per runtime.
    pub fn new() -> Self {
        static SHARED: OnceLock<ReqwestTransport> = OnceLock::new();
        SHARED
            .get_or_init(|| Self::lazy(ReqwestTransportBuilder::default()))
            .clone()
    }

    /// A transport of one's own: other trust, another proxy, other timeouts.
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder::default()
    }

    fn lazy(settings: ReqwestTransportBuilder) -> Self {
        Self(Arc::new(Clients {
            settings,
            made: Mutex::default(),
        }))
    }

    fn client(&self, runtime: Id, route: Route) -> Result<Client> {
        let mut made = lock(&self.0.made);
        let known = made.iter().find(|(id, r, _)| (*id, r) == (runtime, &route));
        if let Some((.., client)) = known {
            return Ok(client.clone());
        }
        let client = self.0.settings.client(&route)?;
        if made.len() == CLIENT_LIMIT {
            made.remove(0);
        }
        made.push((runtime, route, client.clone()));
        Ok(client)
    }
}

impl Default for ReqwestTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReqwestTransport")
            .field(&self.0.settings)
            .finish()
    }
}

impl Transport for ReqwestTransport {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response>> {
        async move {
            let runtime = Handle::try_current()
                .map_err(|_| permanent("the reqwest transport needs a tokio runtime"))?;
            let route = Route {
                connect_to: elsewhere::rename(&mut request)?,
                direct: request.direct,
                tls: request.tls,
            };
            let client = self.client(runtime.id(), route)?;
            let mut message = ::reqwest::Request::new(request.method, request.url);
            *message.headers_mut() = request.headers;
            *message.body_mut() = Some(request.body.into());
            let received = client.execute(message).await;
            receive(received.map_err(broken)?).await
        }
        .boxed()
    }
}

/// Settings of a [`ReqwestTransport`].
#[derive(Clone)]
pub struct ReqwestTransportBuilder {
    roots: Vec<Certificate>,
    way: Way,
    connect_timeout: Duration,
    direct_connect_timeout: Duration,
}

impl ReqwestTransportBuilder {
    /// Trusts the certificates in `pem` (one or more) besides those of the system.
    ///
    /// # Errors
    /// `InvalidArgument` when `pem` holds no certificate.
    pub fn root_certificate_pem(mut self, pem: &[u8]) -> Result<Self> {
        self.roots.extend(certificates(pem)?);
        Ok(self)
    }

    /// Sends everything but what is for managed identity hosts through the proxy at `url`, whatever
    /// the environment says; for example `http://proxy.contoso.example:3128`. A user name and a
    /// password for it may stand in the URL.
    ///
    /// # Errors
    /// `InvalidArgument` when `url` is no URL of `http` or `https`.
    pub fn proxy(mut self, url: &str) -> Result<Self> {
        self.way = Way::through(url)?;
        Ok(self)
    }

    /// Goes through no proxy, whatever the environment says.
    #[must_use]
    pub fn no_proxy(mut self) -> Self {
        self.way = Way::Straight;
        self
    }

    /// How long a connection may take to be made; 20 s by default.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The same for managed identity hosts; 2 s by default: they are on this machine or its host.
    #[must_use]
    pub fn direct_connect_timeout(mut self, timeout: Duration) -> Self {
        self.direct_connect_timeout = timeout;
        self
    }

    /// The transport.
    ///
    /// # Errors
    /// `Transport` when the TLS library cannot be set up, for instance without any trusted root.
    pub fn build(self) -> Result<ReqwestTransport> {
        self.client(&Route {
            direct: false,
            tls: Tls::Standard,
            connect_to: None,
        })?;
        Ok(ReqwestTransport::lazy(self))
    }

    fn client(&self, route: &Route) -> Result<Client> {
        let roots = self.roots.iter().cloned();
        let built = match &route.tls {
            Tls::Pinned { sha1 } => {
                let pinned = pinned::config(*sha1)?;
                let base = self.base(route.direct).tls_backend_preconfigured(pinned);
                base.build()
            }
            Tls::Private { roots_pem, .. } => {
                let mut base = self.base(route.direct);
                if let Some(host) = &route.connect_to {
                    base = base.dns_resolver(Arc::new(elsewhere::Resolver::new(host)));
                }
                match roots_pem {
                    Some(pem) => base.tls_certs_only(certificates(pem)?).build(),
                    None => base.tls_certs_merge(roots).build(),
                }
            }
            Tls::Standard => {
                let merged = self.base(route.direct).tls_certs_merge(roots.clone());
                merged.build().or_else(|error| match route.direct {
                    // A minimal container has no trusted roots, and most of these hosts need none.
                    true => self.base(true).tls_certs_only(roots).build(),
                    false => Err(error),
                })
            }
        };
        built.map_err(|e| permanent(&format!("no HTTP client: {}", story(&e))))
    }

    fn base(&self, direct: bool) -> ClientBuilder {
        // What is sent again, and when, is decided once: by `exchange`.
        let base = Client::builder().redirect(Policy::none()).retry(never());
        match direct {
            true => base.no_proxy().connect_timeout(self.direct_connect_timeout),
            false => self.way.apply(base).connect_timeout(self.connect_timeout),
        }
    }
}

impl Default for ReqwestTransportBuilder {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            way: Way::default(),
            connect_timeout: Duration::from_secs(20),
            direct_connect_timeout: Duration::from_secs(2),
        }
    }
}

impl fmt::Debug for ReqwestTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransportBuilder")
            .field("extra_roots", &self.roots.len())
            .field("way", &self.way)
            .field("connect_timeout", &self.connect_timeout)
            .field("direct_connect_timeout", &self.direct_connect_timeout)
            .finish()
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate>> {
    let found = Certificate::from_pem_bundle(pem).ok();
    found.filter(|found| !found.is_empty()).ok_or_else(|| {
        Error::invalid("the root certificate is not PEM (-----BEGIN CERTIFICATE-----)")
    })
}

async fn receive(mut response: ::reqwest::Response) -> Result<Response> {
    // One chunk is the rule, and is not copied.
    let mut body = response.chunk().await.map_err(broken)?.unwrap_or_default();
    check_size(body.len())?;
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        check_size(body.len() + chunk.len())?;
        let mut longer = BytesMut::from(body);
        longer.extend_from_slice(&chunk);
        body = longer.freeze();
    }
    Ok(Response {
        status: response.status().as_u16(),
        headers: std::mem::take(response.headers_mut()),
        body,
    })
}

fn check_size(size: usize) -> Result<()> {
    if size > BODY_LIMIT {
        return Err(permanent(
            "the answer is larger than 1 MiB; this is no token service",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
