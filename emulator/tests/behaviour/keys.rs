//! Rotation of the signing key, seen by a client that verifies tokens.

use std::time::Duration;

use identity_emulator::{Emulator, Rotation};
use serde_json::{Value, json};

use crate::support::{CONTOSO, builder, fields, get, post, send, start, verified};

async fn token(emulator: &Emulator) -> String {
    let form = fields("api://orders/.default");
    let answer = post(emulator, &format!("/{CONTOSO}/oauth2/v2.0/token"), &form).await;
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

async fn kids(emulator: &Emulator, path: &str) -> Vec<String> {
    let keys = get(emulator, &format!("/{CONTOSO}/discovery/{path}"))
        .await
        .json();
    let keys = keys["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

#[tokio::test]
async fn tokens_of_before_and_after_a_rotation_verify_until_the_overlap_ends() {
    let emulator = start().await;
    let old = token(&emulator).await;
    let rotate = "POST /_emulator/keys/rotate";
    let answer = send(&emulator, rotate, &[], r#"{"overlap_s":3600}"#).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["keys"].as_array().unwrap().len(), 2);
    let new = token(&emulator).await;
    assert_ne!(kid(&new), kid(&old));
    verified(&emulator, &old).await;
    verified(&emulator, &new).await;
    assert_eq!(kids(&emulator, "v2.0/keys").await, [kid(&old), kid(&new)]);
    assert_eq!(kids(&emulator, "keys").await, [kid(&old), kid(&new)]);
    emulator.clock().advance(Duration::from_secs(3601));
    assert_eq!(kids(&emulator, "v2.0/keys").await, [kid(&new)]);
}

#[tokio::test]
async fn several_rotations_leave_several_keys_each_of_which_counts() {
    let emulator = start().await;
    let mut tokens = vec![token(&emulator).await];
    for _ in 0..2 {
        emulator.keys().rotate(&Rotation::default());
        tokens.push(token(&emulator).await);
    }
    for token in &tokens {
        verified(&emulator, token).await;
    }
    let listed = get(&emulator, "/_emulator/keys").await.json();
    let signs: Vec<_> = listed["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["signs"])
        .collect();
    assert_eq!(signs, [&json!(false), &json!(false), &json!(true)]);
    assert_eq!(emulator.keys().published().await.len(), 3);
}

#[tokio::test]
async fn a_key_can_be_announced_before_it_signs() {
    let emulator = start().await;
    let old = kid(&token(&emulator).await);
    emulator.keys().rotate(&Rotation {
        overlap_s: 0,
        announce_s: 60,
    });
    assert_eq!(kids(&emulator, "v2.0/keys").await.len(), 2);
    assert_eq!(kid(&token(&emulator).await), old);
    emulator.clock().advance(Duration::from_secs(61));
    assert_ne!(kid(&token(&emulator).await), old);
}

#[tokio::test]
async fn a_seed_repeats_every_key() {
    let run = async || {
        let emulator = builder().seed(11).start().await.unwrap();
        emulator.keys().rotate(&Rotation::default());
        kids(&emulator, "v2.0/keys").await
    };
    assert_eq!(run().await, run().await);
}

#[tokio::test]
async fn a_bad_order_is_refused_by_name() {
    let emulator = start().await;
    let answer = send(
        &emulator,
        "POST /_emulator/keys/rotate",
        &[],
        r#"{"overlap":1}"#,
    )
    .await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["path"], "overlap");
    assert!(
        answer.json()["error"]
            .as_str()
            .unwrap()
            .contains("overlap_s")
    );
    let wrong = send(&emulator, "GET /_emulator/keys/rotate", &[], "").await;
    assert_eq!(
        (wrong.status, wrong.json()["error"] == Value::Null),
        (405, false)
    );
}
