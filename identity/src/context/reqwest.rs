//! The default transport, over reqwest.

mod failure;
mod pinned;
mod proxy;
mod server_name;

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use ::reqwest::redirect::Policy;
use ::reqwest::retry::never;
use ::reqwest::{Certificate, Client, ClientBuilder};
use bytes::BytesMut;
use futures_util::future::{BoxFuture, FutureExt};
use tokio::runtime::{Handle, Id};

use self::failure::{permanent, send_failure, with_causes};
use self::proxy::ProxyChoice;
use super::transport::{Request, Response, Tls, Transport};
use crate::error::{Error, Result};
use crate::sync::lock;

/// The largest body that is read, in bytes. Those of token services have a few thousand.
const BODY_LIMIT: usize = 1 << 20;

/// A [`Transport`] over reqwest with rustls. It needs a tokio runtime.
///
/// It trusts the certificates the operating system trusts; on Linux `SSL_CERT_FILE` and
/// `SSL_CERT_DIR`, where set, replace these. It follows no redirects. It honours `HTTPS_PROXY`,
/// `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` unless [told
/// otherwise](ReqwestTransportBuilder::proxy). Managed identity hosts are always reached directly.
/// At most 1 MiB of an answer is read.
#[derive(Clone)]
pub struct ReqwestTransport(Arc<Clients>);

/// The HTTP clients of a transport, created when first needed: one costs about a millisecond, and
/// few programs need more than one. A connection is driven by the runtime it was opened on and
/// stalls with it, so each runtime has clients of its own.
struct Clients {
    settings: ReqwestTransportBuilder,
    clients: Mutex<Vec<(Id, Route, Client)>>,
}

/// The properties of a request that decide which connection it can use.
#[derive(Clone, PartialEq, Eq)]
struct Route {
    direct: bool,
    tls: Tls,
    /// The longest time to make a connection, where the request has a limit of its own.
    connect_timeout: Option<Duration>,
    /// The host to connect to, where that is not the host of the URL reqwest is given.
    connect_to: Option<String>,
}

/// How many clients are cached at most. A test suite may have a runtime per test, and each would
/// leave its client behind.
const CLIENT_LIMIT: usize = 32;

impl ReqwestTransport {
    /// Returns the transport that the whole process shares, with one pool of connections per
    /// runtime.
    pub fn new() -> Self {
        static SHARED: OnceLock<ReqwestTransport> = OnceLock::new();
        SHARED
            .get_or_init(|| Self::lazy(ReqwestTransportBuilder::default()))
            .clone()
    }

    /// Returns a builder for a transport with other trusted roots, another proxy or other timeouts.
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder::default()
    }

    fn lazy(settings: ReqwestTransportBuilder) -> Self {
        Self(Arc::new(Clients {
            settings,
            clients: Mutex::default(),
        }))
    }

    fn client(&self, runtime: Id, route: Route) -> Result<Client> {
        let mut clients = lock(&self.0.clients);
        let known = clients
            .iter()
            .find(|(id, r, _)| (*id, r) == (runtime, &route));
        if let Some((.., client)) = known {
            return Ok(client.clone());
        }
        let client = self.0.settings.client(&route)?;
        if clients.len() == CLIENT_LIMIT {
            // The oldest, whose runtime is most likely gone.
            clients.remove(0);
        }
        clients.push((runtime, route, client.clone()));
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
                connect_to: server_name::apply(&mut request)?,
                direct: request.direct,
                tls: request.tls,
                connect_timeout: request.connect_timeout,
            };
            let client = self.client(runtime.id(), route)?;
            let (is_direct, is_tls) = (request.direct, request.url.scheme() == "https");
            let mut message = ::reqwest::Request::new(request.method, request.url);
            *message.headers_mut() = request.headers;
            *message.body_mut() = Some(request.body.into());
            let received = match client.execute(message).await {
                Ok(response) => receive(response).await,
                Err(error) => Err(error),
            };
            let response = received.map_err(|error| match is_direct {
                true => send_failure(error, None),
                false => send_failure(error, self.0.settings.proxy.description(is_tls)),
            })?;
            response.ok_or_else(|| {
                permanent("the answer is larger than 1 MiB; this is no token service")
            })
        }
        .boxed()
    }
}

/// The settings of a [`ReqwestTransport`].
#[derive(Clone)]
pub struct ReqwestTransportBuilder {
    roots: Vec<Certificate>,
    proxy: ProxyChoice,
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

    /// Sends all requests but those to managed identity hosts through the proxy at `url`, whatever
    /// the environment says; for example `http://proxy.contoso.example:3128`. A user name and a
    /// password for it may stand in the URL.
    ///
    /// # Errors
    /// `InvalidArgument` when `url` is no URL of `http` or `https`.
    pub fn proxy(mut self, url: &str) -> Result<Self> {
        self.proxy = ProxyChoice::url(url)?;
        Ok(self)
    }

    /// Uses no proxy, whatever the environment says.
    #[must_use]
    pub fn no_proxy(mut self) -> Self {
        self.proxy = ProxyChoice::None;
        self
    }

    /// Sets how long opening a connection may take; 20 s by default.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long opening a connection to a managed identity host may take. The default is 2 s:
    /// such a host is on this machine or on the one below it.
    #[must_use]
    pub fn direct_connect_timeout(mut self, timeout: Duration) -> Self {
        self.direct_connect_timeout = timeout;
        self
    }

    /// Builds the transport.
    ///
    /// # Errors
    /// `Transport` when the TLS library cannot be set up, for instance without any trusted root.
    pub fn build(self) -> Result<ReqwestTransport> {
        self.client(&Route {
            direct: false,
            tls: Tls::Standard,
            connect_timeout: None,
            connect_to: None,
        })?;
        Ok(ReqwestTransport::lazy(self))
    }

    fn client(&self, route: &Route) -> Result<Client> {
        let roots = self.roots.iter().cloned();
        let built = match &route.tls {
            Tls::Pinned { sha1 } => {
                let pinned = pinned::config(*sha1)?;
                let base = self.base(route).tls_backend_preconfigured(pinned);
                base.build()
            }
            Tls::Private { roots_pem, .. } => {
                let mut base = self.base(route);
                // The URL then holds the server name, which the resolver leads to the real host.
                if let Some(host) = &route.connect_to {
                    base = base.dns_resolver(Arc::new(server_name::HostResolver::new(host)));
                }
                match roots_pem {
                    Some(pem) => base.tls_certs_only(certificates(pem)?).build(),
                    None => base.tls_certs_merge(roots).build(),
                }
            }
            Tls::Standard => {
                let merged = self.base(route).tls_certs_merge(roots.clone());
                merged.build().or_else(|error| match route.direct {
                    // A minimal container has no trusted roots, and most of these hosts need none.
                    true => self.base(route).tls_certs_only(roots).build(),
                    false => Err(error),
                })
            }
        };
        built.map_err(|e| permanent(&format!("no HTTP client: {}", with_causes(&e))))
    }

    fn base(&self, route: &Route) -> ClientBuilder {
        // Retries are decided in one place, `exchange`; reqwest must not add its own.
        let base = Client::builder().redirect(Policy::none()).retry(never());
        let (base, limit) = match route.direct {
            true => (base.no_proxy(), self.direct_connect_timeout),
            false => (self.proxy.apply(base), self.connect_timeout),
        };
        base.connect_timeout(route.connect_timeout.unwrap_or(limit))
    }
}

impl Default for ReqwestTransportBuilder {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            proxy: ProxyChoice::default(),
            connect_timeout: Duration::from_secs(20),
            direct_connect_timeout: Duration::from_secs(2),
        }
    }
}

impl fmt::Debug for ReqwestTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransportBuilder")
            .field("extra_roots", &self.roots.len())
            .field("proxy", &self.proxy)
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

/// Reads the whole answer; `None` when it is too large.
async fn receive(mut response: ::reqwest::Response) -> ::reqwest::Result<Option<Response>> {
    // Nearly every body comes in one chunk, which is then used without a copy.
    let mut body = response.chunk().await?.unwrap_or_default();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Ok(None);
        }
        let mut longer = BytesMut::from(body);
        longer.extend_from_slice(&chunk);
        body = longer.freeze();
    }
    let response = Response {
        status: response.status().as_u16(),
        headers: std::mem::take(response.headers_mut()),
        body,
    };
    Ok((response.body.len() <= BODY_LIMIT).then_some(response))
}

#[cfg(test)]
mod tests;
