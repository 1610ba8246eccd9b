//! Sockets: accepting, TLS, HTTP/1.1, and stopping.

mod connection;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::crypto::pki::Pki;
use crate::service::app::EmulatorService;
use crate::service::proxy::Proxy;
use crate::service::server::connection::Door;

/// How long requests under way are waited for when stopping.
const PATIENCE: Duration = Duration::from_secs(2);

/// One listener: a bound socket, and TLS if it has any.
#[derive(Debug)]
pub(crate) struct Server {
    listener: TcpListener,
    door: Door,
}

impl Server {
    pub(crate) async fn bind(address: SocketAddr, tls: Option<Pki>) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            door: tls.map_or(Door::Plain, Door::Tls),
        })
    }

    /// Without TLS, be a proxy to whoever asks for one.
    pub(crate) fn proxying(self, proxy: Proxy) -> Self {
        let door = match self.door {
            Door::Tls(pki) => Door::Tls(pki),
            Door::Plain | Door::Proxy(_) => Door::Proxy(proxy),
        };
        Self { door, ..self }
    }

    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` says so or its sender is gone, then waits for requests under way.
    pub(crate) async fn run(self, app: EmulatorService, stop: watch::Receiver<bool>) {
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                Some(_) = connections.join_next() => continue,
                () = stopped(stop.clone()) => break,
            };
            match accepted {
                Ok((stream, _)) => {
                    let door = self.door.clone();
                    connections.spawn(connection::answer(stream, door, app.clone(), stop.clone()));
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

async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that the handle is gone, which is a stop as well.
    drop(stop.wait_for(|stop| *stop).await);
}
