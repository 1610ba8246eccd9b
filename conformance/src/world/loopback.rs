//! A client for plain HTTP on this machine: to the emulator, and to applications that wait for a
//! browser.

use std::io::{Error, ErrorKind, Result};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::{Position, Url, form_urlencoded};

use crate::driver::Patience;

const FORM: &str = "application/x-www-form-urlencoded";
/// The most bytes read of an answer.
const LONGEST: u64 = 1 << 20;

/// A reply.
#[derive(Debug)]
pub(super) struct HttpReply {
    pub(super) status: u16,
    pub(super) body: String,
}

/// A client with a limit for the time of each exchange.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loopback {
    limit: Duration,
}

impl Loopback {
    /// A client that waits ten seconds for an answer, times the patience.
    pub(super) fn new(patience: Patience) -> Self {
        Self {
            limit: patience.limit(Duration::from_secs(10)),
        }
    }

    /// Gets a page.
    ///
    /// # Errors
    /// Nobody listens there, or no answer came in time.
    pub(super) async fn get(self, url: &str) -> Result<HttpReply> {
        self.send(&parsed(url)?, "GET", FORM, "").await
    }

    /// Posts a form.
    ///
    /// # Errors
    /// Nobody listens there, or no answer came in time.
    pub(super) async fn post(self, url: &str, fields: &[(&str, &str)]) -> Result<HttpReply> {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.send(&parsed(url)?, "POST", FORM, &form).await
    }

    /// Posts a JSON document.
    ///
    /// # Errors
    /// Nobody listens there, or no answer came in time.
    pub(super) async fn post_json(self, url: &str, document: &Value) -> Result<HttpReply> {
        let json = "application/json";
        let body = document.to_string();
        self.send(&parsed(url)?, "POST", json, &body).await
    }

    async fn send(self, url: &Url, method: &str, kind: &str, body: &str) -> Result<HttpReply> {
        let message = format!(
            "{method} {} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            &url[Position::BeforePath..Position::AfterQuery],
            &url[Position::BeforeHost..Position::AfterPort],
            body.len()
        );
        let address = (url.host_str().unwrap_or_default(), url.port().unwrap_or(80));
        let exchange = async {
            let mut stream = TcpStream::connect(address).await?;
            stream.write_all(message.as_bytes()).await?;
            let mut bytes = Vec::new();
            stream.take(LONGEST).read_to_end(&mut bytes).await?;
            Ok::<_, Error>(bytes)
        };
        let late = |_| Error::from(ErrorKind::TimedOut);
        let bytes = tokio::time::timeout(self.limit, exchange)
            .await
            .map_err(late)??;
        read(&String::from_utf8_lossy(&bytes)).ok_or_else(|| Error::from(ErrorKind::InvalidData))
    }
}

fn read(text: &str) -> Option<HttpReply> {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = body.to_owned();
    Some(HttpReply { status, body })
}

fn parsed(url: &str) -> Result<Url> {
    let url = Url::parse(url).map_err(|error| Error::new(ErrorKind::InvalidInput, error))?;
    if url.scheme() == "http" {
        return Ok(url);
    }
    Err(Error::new(
        ErrorKind::InvalidInput,
        "this client speaks plain HTTP only",
    ))
}
