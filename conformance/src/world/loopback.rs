//! A client for plain HTTP on this machine: to the emulator, and to applications that wait for a
//! browser.

use std::io::{Error, ErrorKind, Result};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::{Position, Url, form_urlencoded};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);
const FORM: &str = "application/x-www-form-urlencoded";
/// The most bytes read of an answer.
const LONGEST: u64 = 1 << 20;

/// A reply.
#[derive(Debug)]
pub(super) struct HttpReply {
    pub(super) status: u16,
    pub(super) body: String,
}

/// Gets a page.
///
/// # Errors
/// Nobody listens there, or no answer came in time.
pub(super) async fn get(url: &str) -> Result<HttpReply> {
    let url = parsed(url)?;
    send(&url, "GET", FORM, "").await
}

/// Posts a form.
///
/// # Errors
/// Nobody listens there, or no answer came in time.
pub(super) async fn post(url: &str, fields: &[(&str, &str)]) -> Result<HttpReply> {
    let url = parsed(url)?;
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    send(&url, "POST", FORM, &form).await
}

/// Posts a JSON document.
///
/// # Errors
/// Nobody listens there, or no answer came in time.
pub(super) async fn post_json(url: &str, document: &serde_json::Value) -> Result<HttpReply> {
    let json = "application/json";
    send(&parsed(url)?, "POST", json, &document.to_string()).await
}

async fn send(url: &Url, method: &str, kind: &str, body: &str) -> Result<HttpReply> {
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
    let bytes = tokio::time::timeout(TIMEOUT, exchange)
        .await
        .map_err(late)??;
    read(&String::from_utf8_lossy(&bytes)).ok_or_else(|| Error::from(ErrorKind::InvalidData))
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
