//! Sockets: accepting, TLS, HTTP/1.1, and stopping.

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
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::app::App;
use crate::call::Listener;
use crate::pki::{self, Pki};
use crate::script::{Fuse, Fused, Mischief};

/// How long a client may take over the TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long it may take over the head of a request, the pause before it included, unless the
/// builder says otherwise.
pub(crate) const HEAD_TIMEOUT: Duration = Duration::from_secs(75);
/// How long requests under way are waited for when stopping.
const PATIENCE: Duration = Duration::from_secs(2);

/// One listener: a bound socket, and TLS if it has any.
#[derive(Debug)]
pub(crate) struct Server {
    listener: TcpListener,
    tls: Option<Pki>,
}

impl Server {
    pub(crate) async fn bind(address: SocketAddr, tls: Option<Pki>) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            tls,
        })
    }

    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` says so or its sender is gone, then waits for requests under way.
    pub(crate) async fn run(self, app: App, mut stop: watch::Receiver<bool>) {
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                Some(_) = connections.join_next() => continue,
                () = stopped(&mut stop) => break,
            };
            match accepted {
                Ok((stream, _)) => {
                    let connection =
                        connection(stream, self.tls.clone(), app.clone(), stop.clone());
                    connections.spawn(connection);
                }
                // Out of file descriptors, or a client that left at once: neither is the end.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        drop(self.listener);
        let rest = async { while connections.join_next().await.is_some() {} };
        drop(tokio::time::timeout(PATIENCE, rest).await);
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the handle is gone, which is a stop as well.
    drop(stop.wait_for(|stop| *stop).await);
}

async fn connection(stream: TcpStream, tls: Option<Pki>, app: App, stop: watch::Receiver<bool>) {
    // Small answers must not wait for the acknowledgement of the one before.
    drop(stream.set_nodelay(true));
    let Ok(address) = stream.local_addr() else {
        return;
    };
    let (stream, fuse) = Fused::new(stream);
    let listener = |scheme, sni| Listener {
        scheme,
        address,
        sni,
    };
    match tls {
        None => serve(stream, listener("http", None), &fuse, app, stop).await,
        Some(pki) => {
            let reached = pki::name_of(address.ip());
            if let Ok(stream) = handshake(stream, &pki, &reached).await {
                let sni = stream.get_ref().1.server_name().map(Arc::from);
                serve(stream, listener("https", sni), &fuse, app, stop).await;
            }
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

async fn serve<S>(
    stream: S,
    listener: Listener,
    fuse: &Fuse,
    app: App,
    mut stop: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request| answer(app.clone(), listener.clone(), fuse, request));
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(app.head_timeout())
            .serve_connection(TokioIo::new(stream), service)
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = stopped(&mut stop) => None,
    };
    if ended.is_none() {
        connection.as_mut().graceful_shutdown();
        drop(connection.await);
    }
}

/// An error makes hyper hang up.
async fn answer(
    app: App,
    listener: Listener,
    fuse: &Fuse,
    request: Request<Incoming>,
) -> Result<Response, io::Error> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(listener);
    let response = app.answer(request).await;
    match response.extensions().get::<Mischief>() {
        None => Ok(response),
        Some(mischief) => (*mischief).carry_out(response, fuse).await,
    }
}
