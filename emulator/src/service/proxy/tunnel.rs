//! The tunnel of a CONNECT: bytes to and from a host, once the proxy has agreed.

use std::io;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;

use crate::service::proxy::Target;

/// How long another host may take to be connected to.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection that changes hands when the answer to its CONNECT is out.
#[derive(Debug)]
pub(in crate::service) struct Tunnel {
    opening: OnUpgrade,
    end: End,
}

/// The end of a tunnel.
#[derive(Debug)]
pub(in crate::service) enum End {
    /// Here, to a client who believes to speak HTTPS with this host.
    Tls(ServerName<'static>),
    /// Here, to a client who wants a tunnel for plain HTTP.
    Plain,
    /// To another host.
    Elsewhere(TcpStream),
}

impl Tunnel {
    pub(super) fn to_us(request: Request<Incoming>, target: &Target) -> Self {
        let end = match target.name() {
            Some(name) if target.port != 80 => End::Tls(name),
            _ => End::Plain,
        };
        Self {
            opening: hyper::upgrade::on(request),
            end,
        }
    }

    pub(super) async fn elsewhere(request: Request<Incoming>, target: &Target) -> io::Result<Self> {
        let stream = connect(target).await?;
        Ok(Self {
            opening: hyper::upgrade::on(request),
            end: End::Elsewhere(stream),
        })
    }

    /// The client's side, and where it leads; an error if the client is gone.
    pub(in crate::service) async fn open(self) -> hyper::Result<(TokioIo<Upgraded>, End)> {
        Ok((TokioIo::new(self.opening.await?), self.end))
    }
}

pub(super) async fn connect(target: &Target) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((target.host.as_str(), target.port));
    let stream = tokio::time::timeout(CONNECT_TIMEOUT, stream).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}
