//! Clients that send too much, or too slowly.

use std::time::Duration;

use identity_emulator::Emulator;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{CONTOSO, builder, fields, post, raw, start};

const PATIENCE: Duration = Duration::from_millis(100);

/// Sends a beginning, never its end, and reads what comes until the connection is closed.
async fn left_hanging(emulator: &Emulator, beginning: &str) -> String {
    let address = emulator.http().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(beginning.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer));
    let _ = read.await.expect("the emulator hangs up by itself");
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_client_that_never_ends_its_head_is_cut_off() {
    let emulator = builder().patience(PATIENCE).start().await.unwrap();
    for beginning in ["", "G", "GET / HTTP/1.1\r\nhost: x\r\n"] {
        let answer = left_hanging(&emulator, beginning).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
            "{answer}"
        );
    }
    assert!(emulator.journal().entries().is_empty());
}

#[tokio::test]
async fn a_client_that_never_ends_its_body_gets_a_408() {
    let emulator = builder().patience(PATIENCE).start().await.unwrap();
    let head = format!("POST /{CONTOSO}/oauth2/v2.0/token HTTP/1.1\r\nhost: x\r\n");
    for framing in [
        "content-length: 10\r\n\r\nabc",
        "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ] {
        let answer = left_hanging(&emulator, &format!("{head}{framing}")).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.ends_with(
            r#"{"error":"request_timeout","error_description":"The request body took too long."}"#
        ));
    }
    let answer = post(
        &emulator,
        &format!("/{CONTOSO}/oauth2/v2.0/token"),
        &fields("api://orders/.default"),
    )
    .await;
    assert_eq!(answer.status, 200, "others are served meanwhile");
}

#[tokio::test]
async fn a_body_beyond_one_mebibyte_gets_a_413() {
    let emulator = start().await;
    let head =
        format!("POST /{CONTOSO}/oauth2/v2.0/token HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
    for (size, status) in [(1024 * 1024, 400), (1024 * 1024 + 1, 413)] {
        let body = "a".repeat(size);
        let known = format!("{head}content-length: {size}\r\n\r\n{body}");
        let chunked =
            format!("{head}transfer-encoding: chunked\r\n\r\n{size:x}\r\n{body}\r\n0\r\n\r\n");
        for request in [known, chunked] {
            let answer = String::from_utf8(raw(&emulator, request.as_bytes()).await).unwrap();
            // Who hangs up before all is read may take its answer along.
            let said = answer.is_empty() || answer.starts_with(&format!("HTTP/1.1 {status} "));
            assert!(said, "{size}: {answer:.200}");
            let noted = emulator.journal().entries().last().unwrap().status;
            assert_eq!(noted, status);
        }
    }
}
