//! One connection: TLS if it has any, then requests, and what a proxy makes of it.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::pki_types::ServerName;
use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::crypto::pki::{self, Pki};
use crate::exchange::request::Listener;
use crate::service::app::EmulatorService;
use crate::service::proxy::{End, PendingTunnel, Proxy, Routed, Tunnel};
use crate::service::script_layer::{ResetSwitch, ResettableStream, WireFault};
use crate::service::server::stopped;

/// How long a client may take over the TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How a connection comes in.
#[derive(Clone, Debug)]
pub(super) enum Door {
    /// As plain HTTP.
    Plain,
    /// As plain HTTP, perhaps from a client who takes this for a proxy.
    Proxy(Proxy),
    Tls(Pki),
}

/// The facts that all requests of a connection have in common.
struct Connection {
    app: EmulatorService,
    address: SocketAddr,
    reset_switch: ResetSwitch,
    stop: watch::Receiver<bool>,
}

/// Answers all requests that come by `stream`.
pub(super) async fn answer(
    stream: TcpStream,
    door: Door,
    app: EmulatorService,
    stop: watch::Receiver<bool>,
) {
    // Small answers must not wait for the acknowledgement of the one before.
    drop(stream.set_nodelay(true));
    let Ok(address) = stream.local_addr() else {
        return;
    };
    let (stream, reset_switch) = ResettableStream::new(stream);
    let connection = Connection {
        app,
        address,
        reset_switch,
        stop,
    };
    match door {
        Door::Plain => connection.plain(stream).await,
        Door::Tls(pki) => {
            connection
                .tls(stream, &pki, pki::name_of(address.ip()))
                .await;
        }
        Door::Proxy(proxy) => {
            let desk = PendingTunnel::default();
            connection
                .serve(stream, "http", None, Some((&proxy, &desk)))
                .await;
            if let Some(tunnel) = desk.take() {
                connection.tunnelled(tunnel, proxy.pki()).await;
            }
        }
    }
}

impl Connection {
    async fn plain<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.serve(stream, "http", None, None).await;
    }

    async fn tls<S>(&self, stream: S, pki: &Pki, reached: ServerName<'static>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        if let Ok(stream) = handshake(stream, pki, &reached).await {
            let sni = stream.get_ref().1.server_name().map(Arc::from);
            self.serve(stream, "https", sni, None).await;
        }
    }

    /// Serves a client's use of the connection that a proxy has given it.
    async fn tunnelled(&self, tunnel: Tunnel, pki: &Pki) {
        let Ok((mut stream, end)) = tunnel.open().await else {
            return;
        };
        match end {
            End::Plain => self.plain(stream).await,
            End::Tls(name) => self.tls(stream, pki, name).await,
            End::Elsewhere(mut other) => {
                tokio::select! {
                    _ = copy_bidirectional(&mut stream, &mut other) => {}
                    () = stopped(self.stop.clone()) => {}
                }
            }
        }
    }

    async fn serve<S>(
        &self,
        stream: S,
        scheme: &'static str,
        sni: Option<Arc<str>>,
        proxy: Option<(&Proxy, &PendingTunnel)>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let listener = Listener {
            scheme,
            address: self.address,
            sni,
        };
        let service = service_fn(|request| self.received(request, &listener, proxy));
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                // Answers are dated by the emulator's clock; what hyper says by itself has no date.
                .auto_date_header(false)
                // One piece: a second one would cost the kernel more than copying it costs us.
                .writev(false)
                .header_read_timeout(self.app.head_timeout())
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades()
        );
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = stopped(self.stop.clone()) => None,
        };
        if ended.is_none() {
            connection.as_mut().graceful_shutdown();
            drop(connection.await);
        }
    }

    async fn received(
        &self,
        request: Request<Incoming>,
        listener: &Listener,
        proxy: Option<(&Proxy, &PendingTunnel)>,
    ) -> Result<Response, io::Error> {
        let request = match proxy {
            None => request,
            Some((proxy, desk)) => match proxy.route(request, listener, desk).await {
                Routed::Ours(request) => request,
                Routed::Answered(response) => return Ok(response),
            },
        };
        self.own(request, listener).await
    }

    /// A request that is for the emulator. An error makes hyper hang up.
    async fn own(
        &self,
        request: Request<Incoming>,
        listener: &Listener,
    ) -> Result<Response, io::Error> {
        let response = self.app.answer(request.map(Body::new), listener).await;
        match response.extensions().get::<WireFault>() {
            None => Ok(response),
            Some(fault) => Box::pin((*fault).carry_out(response, &self.reset_switch)).await,
        }
    }
}

/// TLS with a certificate for the name the client asks for, else for what it `reached`.
async fn handshake<S>(
    stream: S,
    pki: &Pki,
    reached: &ServerName<'static>,
) -> io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let shaken = async {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let config = pki.server_config(start.client_hello().server_name(), reached);
        start.into_stream(config).await
    };
    tokio::time::timeout(HANDSHAKE_TIMEOUT, shaken).await?
}
