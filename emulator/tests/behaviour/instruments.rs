//! The journal, scripted answers and the emulator's own endpoints.

use std::time::Instant;

use crate::support::{CONTOSO, SECRET, fields, get, post, raw, send, start};
use identity_emulator::{Reply, Rule};
use serde_json::json;

const KEYS: &str = "/common/discovery/keys";

fn rule(on: &str, reply: Reply) -> Rule {
    Rule::new(on, reply)
}

#[tokio::test]
async fn the_journal_holds_request_and_answer_without_their_secrets() {
    let emulator = start().await;
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    let token = post(
        &emulator,
        &path,
        &fields("https://vault.azure.net/.default"),
    )
    .await
    .json();
    send(
        &emulator,
        &format!("GET /x?password={SECRET}&q={SECRET}"),
        &["authorization: Basic abc"],
        "",
    )
    .await;
    let entries = emulator.journal().entries();
    let written = serde_json::to_string(&entries).unwrap();
    for secret in [SECRET, token["access_token"].as_str().unwrap(), "Basic abc"] {
        assert!(!written.contains(secret), "{secret} is in {written}");
    }
    let entry = &entries[0];
    assert_eq!(
        (entry.seq, entry.endpoint.as_str(), entry.status),
        (1, "entra.token", 200)
    );
    assert_eq!(
        (entry.scheme.as_str(), entry.method.as_str()),
        ("http", "POST")
    );
    assert_eq!(entry.path, path);
    assert!(
        entry
            .form
            .contains(&("client_secret".to_owned(), "***".to_owned()))
    );
    assert!(
        entry
            .form
            .contains(&("grant_type".to_owned(), "client_credentials".to_owned()))
    );
    let digest = aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA256,
        token["access_token"].as_str().unwrap().as_bytes(),
    );
    let hex: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(entry.issued[0].sha256, hex);
    let again = serde_json::from_str::<Vec<identity_emulator::Entry>>(&written).unwrap();
    assert_eq!(again, entries);
}

#[tokio::test]
async fn the_journal_keeps_the_newest_entries() {
    let emulator = crate::support::builder()
        .journal_limit(2)
        .start()
        .await
        .unwrap();
    for _ in 0..3 {
        get(&emulator, KEYS).await;
    }
    let kept: Vec<_> = emulator
        .journal()
        .entries()
        .iter()
        .map(|entry| entry.seq)
        .collect();
    assert_eq!(kept, [2, 3]);
    emulator.journal().clear();
    assert!(emulator.journal().entries().is_empty());
}

#[tokio::test]
async fn a_scripted_answer_comes_as_often_as_asked_for() {
    let emulator = start().await;
    let reply = Reply {
        status: Some(429),
        headers: [("retry-after".to_owned(), "1".to_owned())].into(),
        ..Reply::default()
    };
    emulator
        .script()
        .push(Rule {
            times: 2,
            ..rule("entra.keys*", reply)
        })
        .unwrap();
    for status in [429, 429, 200] {
        let answer = get(&emulator, KEYS).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("retry-after").is_some(), status == 429);
    }
    let scripted: Vec<_> = emulator
        .journal()
        .entries()
        .iter()
        .map(|entry| entry.scripted)
        .collect();
    assert_eq!(scripted, [true, true, false]);
}

#[tokio::test]
async fn a_scripted_body_is_sent_as_it_is() {
    let emulator = start().await;
    let json = Reply {
        json: Some(json!({ "b": 1, "a": [null] })),
        ..Reply::default()
    };
    emulator.script().push(rule("entra.keys_v1", json)).unwrap();
    let text = Reply {
        body: Some("<html>".to_owned()),
        status: Some(502),
        ..Reply::default()
    };
    emulator.script().push(rule("entra.keys_v1", text)).unwrap();
    let answer = get(&emulator, KEYS).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, r#"{"b":1,"a":[null]}"#)
    );
    let answer = get(&emulator, KEYS).await;
    assert_eq!((answer.status, answer.body.as_str()), (502, "<html>"));
}

#[tokio::test]
async fn a_rule_with_only_a_delay_delays_the_real_answer_and_nobody_elses() {
    let emulator = start().await;
    emulator
        .script()
        .push(rule(
            "entra.keys_v1",
            Reply {
                delay_ms: 300,
                ..Reply::default()
            },
        ))
        .unwrap();
    let started = Instant::now();
    let quick = async {
        let answer = get(&emulator, "/common/discovery/v2.0/keys").await;
        (answer.status, emulator.journal().entries().len())
    };
    let (slow, quick) = tokio::join!(get(&emulator, KEYS), quick);
    assert!(started.elapsed().as_millis() >= 300);
    assert_eq!((slow.status, quick), (200, (200, 1)));
    assert!(slow.json()["keys"].is_array());
}

#[tokio::test]
async fn a_truncated_answer_announces_more_than_it_sends() {
    let emulator = start().await;
    emulator
        .script()
        .push(rule(
            "entra.keys_v1",
            Reply {
                truncate: Some(10),
                ..Reply::default()
            },
        ))
        .unwrap();
    let answer = get(&emulator, KEYS).await;
    assert_eq!(answer.body, r#"{"keys":[{"#);
    assert!(
        answer
            .header("content-length")
            .unwrap()
            .parse::<usize>()
            .unwrap()
            > 100
    );
}

#[tokio::test]
async fn a_dropped_connection_gives_no_byte_and_status_0_in_the_journal() {
    let emulator = start().await;
    emulator
        .script()
        .push(rule(
            "unknown",
            Reply {
                drop: true,
                ..Reply::default()
            },
        ))
        .unwrap();
    assert!(
        raw(&emulator, b"GET /x HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .is_empty()
    );
    assert_eq!(emulator.journal().entries()[0].status, 0);
}

#[tokio::test]
async fn the_emulators_own_pages_are_neither_journaled_nor_scripted() {
    let emulator = start().await;
    emulator
        .script()
        .push(rule(
            "*",
            Reply {
                status: Some(500),
                ..Reply::default()
            },
        ))
        .unwrap();
    let health = get(&emulator, "/_emulator/health").await;
    assert_eq!(health.json()["status"], "ok");
    assert_eq!(health.json()["https"], emulator.https());
    assert!(!health.body.contains(SECRET));
    assert!(
        get(&emulator, "/_emulator/ready")
            .await
            .body
            .contains(SECRET)
    );
    assert_eq!(get(&emulator, "/_emulator/nowhere").await.status, 404);
    assert_eq!(
        send(&emulator, "PUT /_emulator/health", &[], "")
            .await
            .json()["error"],
        "method_not_allowed"
    );
    assert!(emulator.journal().entries().is_empty());
    // By another name they are nobody's, or the journal would not know them.
    emulator.script().clear();
    assert_eq!(get(&emulator, "//_emulator/ready").await.status, 404);
}

#[tokio::test]
async fn rules_and_entries_go_over_http_too() {
    let emulator = start().await;
    let good = r#"[{"on":"entra.keys_v1","reply":{"status":503}}]"#;
    assert_eq!(
        send(&emulator, "POST /_emulator/script", &[], good)
            .await
            .status,
        201
    );
    assert_eq!(emulator.script().remaining().len(), 1);
    for bad in [
        "{",
        r#"{"on":"imds.tokn","reply":{}}"#,
        r#"{"on":"imds.token","reply":{"stats":1}}"#,
    ] {
        let answer = send(&emulator, "POST /_emulator/script", &[], bad).await;
        assert_eq!(answer.status, 400, "{bad}");
    }
    assert_eq!(get(&emulator, KEYS).await.status, 503);
    let journal = get(&emulator, "/_emulator/journal").await.json();
    assert_eq!(journal[0]["endpoint"], "entra.keys_v1");
    assert_eq!(
        send(&emulator, "DELETE /_emulator/journal", &[], "")
            .await
            .status,
        204
    );
    assert_eq!(
        send(&emulator, "DELETE /_emulator/script", &[], "")
            .await
            .status,
        204
    );
    assert!(emulator.journal().entries().is_empty());
}

#[tokio::test]
async fn rules_of_the_world_are_in_place_from_the_start() {
    let text = format!(
        "{}\n[[script]]\non = \"entra.keys_v1\"\nreply = {{ status = 418 }}\n",
        include_str!("../../worlds/basic.toml")
    );
    let world = identity_emulator::World::from_toml(&text, "world.toml").unwrap();
    let emulator = crate::support::builder()
        .world(world)
        .start()
        .await
        .unwrap();
    assert_eq!(get(&emulator, KEYS).await.status, 418);
}

#[tokio::test]
async fn a_body_beyond_a_mebibyte_is_cut_off() {
    let emulator = start().await;
    let head =
        "POST /x HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1048577\r\n\r\n";
    let request = [head.as_bytes(), &vec![b'a'; 1_048_577]].concat();
    let answer = raw(&emulator, &request).await;
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1.1 413"),
        "{answer:?}"
    );
    assert_eq!(emulator.journal().entries()[0].status, 413);
}
