//! Asks a running emulator about itself.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use url::Url;

use crate::cli::Failure;

/// The address of the running emulator.
#[derive(Debug, Args)]
pub(super) struct Target {
    /// Base URL of its plain HTTP listener
    #[arg(long, value_name = "URL", default_value_t = default_url())]
    http: Url,
}

const PATIENCE: Duration = Duration::from_secs(5);
const LARGEST_ANSWER: usize = 64 * 1024;

impl Target {
    /// At a URL that was learnt in another way.
    pub(super) fn at(http: Url) -> Self {
        Self { http }
    }

    /// Returns the emulator's answer at `/_emulator/{page}`.
    pub(super) fn ask<T: DeserializeOwned>(&self, page: &str) -> Result<T, Failure> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failure::new)?;
        let answer =
            runtime.block_on(async { tokio::time::timeout(PATIENCE, self.get(page)).await });
        let why = match answer {
            Ok(Ok(body)) => match serde_json::from_slice(&body) {
                Ok(answer) => return Ok(answer),
                Err(_) => "what answers there is no identity-emulator".to_owned(),
            },
            Ok(Err(why)) => why,
            Err(_) => "it does not answer".to_owned(),
        };
        Err(Failure::new(format!(
            "no running emulator found at {}: {why}",
            self.http
        )))
    }

    async fn get(&self, page: &str) -> Result<Bytes, String> {
        if self.http.scheme() != "http" {
            return Err("the URL of the plain HTTP listener starts with http://".to_owned());
        }
        let host = self.http.host_str().unwrap_or_default();
        let port = self.http.port_or_known_default().unwrap_or(80);
        let address = (host.trim_matches(['[', ']']), port);
        let stream = TcpStream::connect(address)
            .await
            .map_err(|error| error.to_string())?;
        let text = |error: hyper::Error| error.to_string();
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(text)?;
        tokio::spawn(connection);
        let request = Request::get(format!("/_emulator/{page}"))
            .header(header::HOST, format!("{host}:{port}"))
            .body(Empty::<Bytes>::new())
            .map_err(|error| error.to_string())?;
        let response = sender.send_request(request).await.map_err(text)?;
        if response.status() != StatusCode::OK {
            return Err(format!("it answers {}", response.status()));
        }
        let body = Limited::new(response.into_body(), LARGEST_ANSWER)
            .collect()
            .await;
        body.map(|body| body.to_bytes())
            .map_err(|error| error.to_string())
    }
}

impl Default for Target {
    fn default() -> Self {
        Self::at(default_url())
    }
}

fn default_url() -> Url {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
    format!("http://{address}")
        .parse()
        .expect("an address makes a URL")
}
