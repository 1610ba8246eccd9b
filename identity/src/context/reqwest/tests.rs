//! Tests of the transport against sockets of this machine.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use super::*;
use crate::error::ErrorKind;

/// Sends one request to a server that answers with `reply` and closes, and returns the outcome.
async fn answered(reply: Vec<u8>) -> Result<Response> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/p?code=hush", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let read = socket.read(&mut request).await.unwrap();
        assert!(request[..read].starts_with(b"GET /p?code=hush HTTP/1.1\r\n"));
        // The client may hang up before all is sent.
        let _ = socket.write_all(&reply).await;
    });
    let transport = ReqwestTransport::new();
    let outcome = transport
        .send(Request::get(Url::parse(&url).unwrap()).direct())
        .await;
    server.await.unwrap();
    outcome
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let reply = b"HTTP/1.1 307 T\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nhi";
    let response = answered(reply.to_vec()).await.unwrap();
    assert_eq!((response.status, &response.body[..]), (307, &b"hi"[..]));
    assert_eq!(response.header("location"), Some("http://127.0.0.1:1/"));
}

#[tokio::test]
async fn all_uses_of_the_default_transport_share_its_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        for _ in 0..3 {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(socket.read_u8().await.unwrap());
            }
            let reply = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            socket.write_all(reply).await.unwrap();
        }
    });
    for _ in 0..3 {
        let request = Request::get(url.clone()).direct();
        // A second connection would never be accepted.
        let sent = ReqwestTransport::new().send(request).await.unwrap();
        assert_eq!(sent.status, 200);
    }
    server.await.unwrap();
}

#[tokio::test]
async fn an_endless_answer_is_cut_off_and_not_worth_another_try() {
    let mut reply = b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n".to_vec();
    reply.extend(vec![b'x'; 2 << 20]);
    let error = answered(reply).await.expect_err("too large");
    assert!(
        error.to_string().contains("1 MiB") && !error.is_transient(),
        "{error}"
    );
}

#[tokio::test]
async fn a_broken_answer_is_transient_and_tells_no_query() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf";
    for reply in [&cut[..], b"", b"garbage\r\n\r\n"] {
        let error = answered(reply.to_vec()).await.expect_err("broken");
        assert_eq!(
            (error.kind(), error.is_transient()),
            (ErrorKind::Transport, true)
        );
        assert!(!error.to_string().contains("hush"), "{error}");
    }
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let request = Request::get(Url::parse("http://127.0.0.1:1").unwrap());
    let outcome = ReqwestTransport::new()
        .send(request)
        .now_or_never()
        .expect("at once");
    assert!(
        outcome
            .expect_err("no runtime")
            .to_string()
            .contains("tokio runtime")
    );
}

#[test]
fn a_root_certificate_that_is_none_is_refused() {
    for pem in [
        &b""[..],
        b"no",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let built = ReqwestTransport::builder()
            .root_certificate_pem(pem)
            .and_then(|b| b.build());
        assert!(built.is_err(), "{}", String::from_utf8_lossy(pem));
    }
}
