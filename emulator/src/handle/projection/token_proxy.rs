//! The listener of a cluster's token proxy.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::sync::watch;

use crate::crypto::pki::Pki;
use crate::entra::app_state::AppState;
use crate::hosts::federation::kubernetes::token_proxy::SNI_NAME;
use crate::service::app::EmulatorService;
use crate::service::server::Server;

/// A listener of its own with an authority of its own, until it is dropped.
#[derive(Debug)]
pub(super) struct TokenProxy {
    url: String,
    pki: Pki,
    _running: watch::Sender<bool>,
}

impl TokenProxy {
    /// Listens on a free port of 127.0.0.1.
    pub(super) async fn start(state: &AppState) -> std::io::Result<Self> {
        let pki = Pki::generate();
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = Server::bind(anywhere, Some(pki.clone())).await?;
        let url = format!("https://{}", server.address()?);
        let (running, stopped) = watch::channel(false);
        tokio::spawn(server.run(EmulatorService::new(state.clone(), None), stopped));
        Ok(Self {
            url,
            pki,
            _running: running,
        })
    }

    /// The only authority to trust, in PEM.
    pub(super) fn ca_pem(&self) -> &str {
        self.pki.ca_pem()
    }

    /// What tells a workload of it, but for the authority.
    pub(super) fn environment(&self, workload: &str) -> [(&'static str, String); 2] {
        let url = format!("{}/kubernetes/{workload}", self.url);
        [
            ("AZURE_KUBERNETES_TOKEN_PROXY", url),
            ("AZURE_KUBERNETES_SNI_NAME", SNI_NAME.to_owned()),
        ]
    }
}
