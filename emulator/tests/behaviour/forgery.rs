//! Tokens made to order, seen by a validator.

use identity_emulator::{Emulator, Forgery, ForgeryKind};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value, json};

use crate::support::{CONTOSO, FABRIKAM, ORDERS, get, send, start, verified};

/// What a careful validator of the orders API says.
async fn verdict(emulator: &Emulator, token: &str) -> Result<Value, ErrorKind> {
    let kind = |error: jsonwebtoken::errors::Error| error.into_kind();
    let kid = jsonwebtoken::decode_header(token).map_err(kind)?.kid;
    let keys = get(emulator, &format!("/{CONTOSO}/discovery/v2.0/keys"))
        .await
        .json();
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(keys).unwrap();
    let key = kid
        .as_deref()
        .and_then(|kid| keys.find(kid))
        .ok_or(ErrorKind::InvalidKeyFormat)?;
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[ORDERS]);
    rules.set_issuer(&[format!("{}/{CONTOSO}/v2.0", emulator.https())]);
    rules.validate_nbf = true;
    let key = DecodingKey::from_jwk(key).map_err(kind)?;
    let read = jsonwebtoken::decode::<Value>(token, &key, &rules);
    read.map(|data| data.claims).map_err(kind)
}

fn order(kind: ForgeryKind) -> Forgery {
    Forgery {
        kind,
        resource: Some("api://orders".to_owned()),
        ..Forgery::default()
    }
}

#[tokio::test]
async fn each_kind_has_exactly_its_own_fault() {
    let emulator = start().await;
    for (kind, fault) in [
        (ForgeryKind::Expired, ErrorKind::ExpiredSignature),
        (ForgeryKind::NotYetValid, ErrorKind::ImmatureSignature),
        (ForgeryKind::WrongAudience, ErrorKind::InvalidAudience),
        (ForgeryKind::WrongIssuer, ErrorKind::InvalidIssuer),
        (ForgeryKind::WrongTenant, ErrorKind::InvalidIssuer),
        (ForgeryKind::WrongKey, ErrorKind::InvalidSignature),
        (ForgeryKind::UnknownKey, ErrorKind::InvalidKeyFormat),
        (ForgeryKind::Tampered, ErrorKind::InvalidSignature),
        (ForgeryKind::AlgHs256, ErrorKind::InvalidAlgorithm),
        (ForgeryKind::NoSignature, ErrorKind::InvalidSignature),
    ] {
        let forged = emulator.forge(&order(kind)).await.unwrap();
        let said = verdict(&emulator, forged.token()).await.unwrap_err();
        assert_eq!(format!("{said:?}"), format!("{fault:?}"), "{kind:?}");
    }
    let unsigned = emulator.forge(&order(ForgeryKind::AlgNone)).await.unwrap();
    assert!(verdict(&emulator, unsigned.token()).await.is_err());
    assert!(
        unsigned
            .token()
            .starts_with("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.")
    );
    assert!(unsigned.token().ends_with('.'));
    let genuine = emulator.forge(&order(ForgeryKind::Valid)).await.unwrap();
    assert_eq!(
        verdict(&emulator, genuine.token()).await.unwrap()["aud"],
        ORDERS
    );
}

#[tokio::test]
async fn claims_of_the_order_win_and_null_takes_one_out() {
    let emulator = start().await;
    let body = json!({
        "kind": "valid", "client": "desktop", "tenant": CONTOSO, "resource": "api://orders",
        "claims": { "roles": ["Orders.Write.All"], "uti": null, "azpacr": "2" },
    });
    let answer = send(&emulator, "POST /_emulator/forge", &[], &body.to_string()).await;
    assert_eq!(answer.members(), ["kind", "token_type", "access_token"]);
    let (_, claims) = verified(&emulator, answer.json()["access_token"].as_str().unwrap()).await;
    assert_eq!(claims["roles"], json!(["Orders.Write.All"]));
    assert_eq!(
        (&claims["uti"], &claims["azpacr"]),
        (&Value::Null, &json!("2"))
    );
    assert_eq!(claims["azp"], "bbbbbbbb-0000-4000-8000-000000000006");
}

#[tokio::test]
async fn every_forged_token_is_marked_in_the_journal_and_none_stands_there() {
    let emulator = start().await;
    let forged = emulator.forge(&order(ForgeryKind::WrongKey)).await.unwrap();
    let entries = emulator.journal().of("emulator.forge");
    assert_eq!(entries[0].issued[0].forged.as_deref(), Some("wrong_key"));
    assert_eq!(entries[0].issued[0].sha256.len(), 64);
    let journal = serde_json::to_string(&emulator.journal().entries()).unwrap();
    assert!(!journal.contains(forged.token()));
    assert_eq!(format!("{forged:?}"), "Forged(***)");
}

#[tokio::test]
async fn an_order_that_names_nothing_is_refused() {
    let emulator = start().await;
    for (member, value) in [
        ("client", "nobody"),
        ("tenant", "nowhere"),
        ("resource", "api://x"),
    ] {
        let mut body = Map::new();
        body.insert("kind".to_owned(), json!("expired"));
        body.insert(member.to_owned(), json!(value));
        let body = Value::Object(body).to_string();
        let answer = send(&emulator, "POST /_emulator/forge", &[], &body).await;
        assert_eq!(answer.status, 400);
        assert!(
            answer.json()["error"].as_str().unwrap().contains(value),
            "{answer:?}"
        );
    }
    let kind = send(
        &emulator,
        "POST /_emulator/forge",
        &[],
        r#"{"kind":"fake"}"#,
    )
    .await;
    assert_eq!(kind.json()["path"], "kind");
    assert!(
        kind.json()["error"].as_str().unwrap().contains("alg_none"),
        "{kind:?}"
    );
    let other = Forgery {
        tenant: Some(FABRIKAM.to_owned()),
        ..Forgery::default()
    };
    assert!(emulator.forge(&other).await.is_ok());
}
