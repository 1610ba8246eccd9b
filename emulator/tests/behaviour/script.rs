//! What a script does to requests and answers.

use std::time::Duration;

use identity_emulator::{Drip, Emulator, Reply, Rule};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{CONTOSO, VAULT, fields, get, raw, send, start, token, verified};

const KEYS: &str = "/common/discovery/keys";

/// Puts rules in place as JSON, the way every transport reads them.
fn play(emulator: &Emulator, rules: Value) {
    let rules: identity_emulator::Rules = serde_json::from_value(rules).unwrap();
    emulator.script().extend(rules).unwrap();
}

#[tokio::test]
async fn a_rule_is_about_requests_that_are_like_it_and_no_others() {
    let emulator = start().await;
    play(
        &emulator,
        json!([
            { "on": "entra.token", "when": { "form": { "scope": "https://vault*" } }, "reply": { "status": 418 } },
            { "on": "entra.*", "when": { "method": "GET", "path": "*/KEYS", "query": { "appid": true } }, "reply": { "status": 419 } },
            { "on": "entra.keys_v1", "when": { "header": { "x-test": "y*" } }, "skip": 1, "reply": { "status": 420 } },
        ]),
    );
    assert_eq!(
        token(&emulator, &fields("api://orders/.default"))
            .await
            .status,
        200
    );
    assert_eq!(token(&emulator, &fields(VAULT)).await.status, 418);
    assert_eq!(get(&emulator, KEYS).await.status, 200);
    assert_eq!(get(&emulator, &format!("{KEYS}?appid=x")).await.status, 419);
    for status in [200, 420] {
        let line = format!("GET {KEYS}");
        assert_eq!(
            send(&emulator, &line, &["x-test: yes"], "").await.status,
            status
        );
    }
}

#[tokio::test]
async fn members_of_the_real_answer_are_changed_and_the_rest_is_real() {
    let emulator = start().await;
    let reply = json!({ "set": { "expires_in": "soon", "more": [1] }, "cast": { "ext_expires_in": "string" }, "remove": ["token_type"], "status": 203 });
    play(&emulator, json!({ "on": "entra.token", "reply": reply }));
    let answer = token(&emulator, &fields(VAULT)).await;
    assert_eq!(answer.status, 203);
    assert_eq!(
        answer.members(),
        ["expires_in", "ext_expires_in", "access_token", "more"]
    );
    let body = answer.json();
    assert_eq!(
        (&body["expires_in"], &body["more"]),
        (&json!("soon"), &json!([1]))
    );
    assert!(body["ext_expires_in"].is_string());
    verified(&emulator, body["access_token"].as_str().unwrap()).await;
    assert!(answer.header("x-ms-request-id").is_some(), "{answer:?}");
}

#[tokio::test]
async fn an_error_can_be_named_by_its_number() {
    let emulator = start().await;
    play(
        &emulator,
        json!({ "on": "entra.token", "reply": { "aadsts": 700016, "set": { "suberror": "x" } } }),
    );
    let answer = token(&emulator, &fields(VAULT)).await;
    assert_eq!(
        answer.refusal(),
        (400, "unauthorized_client".to_owned(), 700_016)
    );
    assert_eq!(answer.text("suberror"), "x");
    let text = answer.text("error_description");
    assert!(
        text.contains(crate::support::DAEMON) && !text.contains('{'),
        "{text}"
    );
    let entry = &emulator.journal().entries()[0];
    assert_eq!((entry.scripted, entry.error), (true, None));
}

#[tokio::test]
async fn a_page_comes_as_a_page() {
    let emulator = start().await;
    play(
        &emulator,
        json!({ "on": "unknown", "reply": { "html": "<p>hi" } }),
    );
    let answer = get(&emulator, "/x").await;
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!((answer.status, answer.body.as_str()), (200, "<p>hi"));
}

#[tokio::test]
async fn a_body_that_drips_is_whole_in_the_end() {
    let emulator = start().await;
    let drip = Drip {
        bytes: 3,
        every_ms: 1,
    };
    let reply = |truncate| Reply {
        body: Some("abcdefgh".to_owned()),
        drip: Some(drip),
        truncate,
        ..Reply::default()
    };
    emulator
        .script()
        .push(Rule::new("unknown", reply(None)))
        .unwrap();
    emulator
        .script()
        .push(Rule::new("unknown", reply(Some(5))))
        .unwrap();
    let whole = get(&emulator, "/x").await;
    assert_eq!(
        (whole.body.as_str(), whole.header("content-length")),
        ("abcdefgh", Some("8"))
    );
    let cut = get(&emulator, "/x").await;
    assert_eq!(
        (cut.body.as_str(), cut.header("content-length")),
        ("abcde", Some("8"))
    );
}

/// What reading to the end comes to: the bytes, and whether the end was a reset.
async fn ending(emulator: &Emulator) -> (Vec<u8>, bool) {
    let address = emulator.http().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /x HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).await;
    let reset = end.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset);
    (bytes, reset)
}

#[tokio::test]
async fn a_connection_is_closed_or_reset_as_the_rule_says() {
    let emulator = start().await;
    play(
        &emulator,
        json!([
            { "on": "unknown", "reply": { "drop": true } },
            { "on": "unknown", "reply": { "reset": true } },
            { "on": "unknown", "reply": { "reset": true, "truncate": 2, "body": "abc" } },
        ]),
    );
    assert_eq!(ending(&emulator).await, (Vec::new(), false));
    assert_eq!(ending(&emulator).await, (Vec::new(), true));
    assert!(ending(&emulator).await.1);
    let statuses = |emulator: &Emulator| -> Vec<_> {
        let entries = emulator.journal().entries();
        entries.iter().map(|entry| entry.status).collect()
    };
    assert_eq!(statuses(&emulator), [0, 0, 200]);
}

#[tokio::test]
async fn a_client_that_gives_up_on_silence_is_written_down() {
    let emulator = start().await;
    play(
        &emulator,
        json!({ "on": "unknown", "reply": { "silent": true } }),
    );
    let address = emulator.http().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /x?q=1 HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    // The rule is used up, so the request has arrived.
    while !emulator.script().remaining().is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(emulator.journal().entries().is_empty());
    drop(stream);
    let written = async {
        loop {
            if let [entry] = &emulator.journal().entries()[..] {
                return (entry.status, entry.scripted, entry.endpoint.clone());
            }
            tokio::task::yield_now().await;
        }
    };
    let written = tokio::time::timeout(Duration::from_secs(20), written).await;
    assert_eq!(written.unwrap(), (0, true, "unknown".to_owned()));
    assert_eq!(get(&emulator, "/x").await.status, 404);
}

#[tokio::test]
async fn silence_does_not_hold_up_the_end_of_the_emulator() {
    let emulator = start().await;
    play(
        &emulator,
        json!({ "on": "unknown", "reply": { "silent": true } }),
    );
    let address = emulator.http().strip_prefix("http://").unwrap().to_owned();
    let client = tokio::spawn(async move {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET /x HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        bytes
    });
    while !emulator.script().remaining().is_empty() {
        tokio::task::yield_now().await;
    }
    let stopped = tokio::time::timeout(Duration::from_secs(60), emulator.stop()).await;
    assert!(stopped.is_ok());
    assert!(client.await.unwrap().is_empty());
}

#[tokio::test]
async fn a_key_rotates_with_the_answer_that_says_so() {
    let emulator = start().await;
    emulator.script().preset("key-rollover-abrupt").unwrap();
    let kid = async || {
        let answer = token(&emulator, &fields(VAULT)).await;
        let token = answer.text("access_token");
        jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
    };
    let published = async || {
        let keys = get(&emulator, &format!("/{CONTOSO}/discovery/v2.0/keys")).await;
        keys.json()["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key["kid"].clone())
            .collect::<Vec<_>>()
    };
    let first = kid().await;
    assert_eq!(published().await, [json!(first)]);
    let second = kid().await;
    assert_ne!(first, second);
    assert_eq!(published().await, [json!(second)]);
    assert_eq!(kid().await, second);
}

#[tokio::test]
async fn rules_are_read_added_replaced_and_forgotten_over_http() {
    let emulator = start().await;
    let script = async |line: &str, body: &str| {
        send(&emulator, &format!("{line} /_emulator/script"), &[], body).await
    };
    let added = script(
        "POST",
        r#"[{"preset":"throttle-429"},{"on":"imds.token","reply":{"drop":true}}]"#,
    )
    .await;
    assert_eq!(
        (added.status, added.json().as_array().unwrap().len()),
        (201, 2)
    );
    // What is read can be written back.
    let read = get(&emulator, "/_emulator/script").await.body;
    assert_eq!(script("PUT", &read).await.body, read);
    let replaced = script(
        "PUT",
        r#"{"on":"entra.keys_v1","times":"always","reply":{"status":503}}"#,
    )
    .await;
    assert_eq!(
        (replaced.status, replaced.json()[0]["times"].clone()),
        (200, json!("always"))
    );
    let refused = script(
        "PUT",
        r#"[{"on":"*","reply":{"status":200}},{"on":"*","reply":{"stats":1}}]"#,
    )
    .await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["path"], "1/reply/stats");
    assert!(refused.text("error").contains("`status`"), "{refused:?}");
    assert_eq!(get(&emulator, KEYS).await.status, 503);
    assert_eq!(script("DELETE", "").await.status, 204);
    assert_eq!(get(&emulator, KEYS).await.status, 200);
    assert!(
        raw(&emulator, b"GET /_emulator/script HTTP/1.0\r\n\r\n")
            .await
            .ends_with(b"[]")
    );
}
