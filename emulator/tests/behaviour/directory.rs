//! The directory, changed while the emulator runs.

use identity_emulator::{Emulator, World};
use serde_json::{Value, json};

use crate::support::{Answer, CONTOSO, DAEMON, SECRET, fields, get, post, send, start};

const VAULT: &str = "https://vault.azure.net/.default";

async fn order(emulator: &Emulator, line: &str, body: &Value) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    let line = format!("{method} /_emulator/directory{path}");
    let json = "content-type: application/json";
    send(emulator, &line, &[json], &body.to_string()).await
}

async fn token_error(emulator: &Emulator, form: &[(&str, &str)]) -> Option<u64> {
    let answer = post(emulator, &format!("/{CONTOSO}/oauth2/v2.0/token"), form).await;
    answer.json()["error_codes"][0].as_u64()
}

#[tokio::test]
async fn what_is_read_can_be_written_back() {
    let emulator = start().await;
    let whole = get(&emulator, "/_emulator/directory").await;
    assert_eq!(whole.status, 200);
    let again = order(&emulator, "PUT ", &whole.json()).await;
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(again.json(), whole.json());
    assert_eq!(token_error(&emulator, &fields(VAULT)).await, None);
    let daemon = get(&emulator, "/_emulator/directory/app/daemon")
        .await
        .json();
    assert_eq!(daemon["client_id"], DAEMON);
}

#[tokio::test]
async fn every_kind_of_thing_is_added_changed_and_deleted() {
    let emulator = start().await;
    let id = |end: &str| format!("eeeeeeee-0000-4000-8000-0000000000{end}");
    let certificate = include_str!("../../worlds/daemon.pem");
    for (path, new, change) in [
        (
            "/tenant/new",
            json!({ "id": id("01") }),
            json!({ "region": "EU" }),
        ),
        (
            "/tenant/contoso/federated_domain/contoso.example",
            json!({ "sign_in_url": "https://sts.example/" }),
            json!({ "brand": "Contoso" }),
        ),
        (
            "/app/new",
            json!({ "tenant": "contoso", "client_id": id("02") }),
            json!({ "disabled": true }),
        ),
        (
            "/user/new@contoso.example",
            json!({ "tenant": "contoso" }),
            json!({ "locked": true }),
        ),
        (
            "/app/daemon/federated_credential/new",
            json!({ "issuer": "https://i.example", "subject": "s" }),
            json!({ "subject": "t" }),
        ),
        (
            "/managed_identity/new",
            json!({ "kind": "user", "tenant": "contoso", "client_id": id("03"),
            "object_id": id("04"), "resource_id": "/subscriptions/x" }),
            json!({ "object_id": id("05") }),
        ),
    ] {
        let added = order(&emulator, &format!("PUT {path}"), &new).await;
        assert_eq!(added.status, 201, "{path}: {added:?}");
        let changed = order(&emulator, &format!("PATCH {path}"), &change).await;
        assert_eq!(changed.status, 200, "{path}: {changed:?}");
        let (name, value) = change.as_object().unwrap().iter().next().unwrap();
        assert_eq!(&changed.json()[name], value, "{path}");
        let deleted = order(&emulator, &format!("DELETE {path}"), &Value::Null).await;
        assert_eq!((deleted.status, deleted.body.as_str()), (204, ""), "{path}");
        assert_eq!(
            get(&emulator, &format!("/_emulator/directory{path}"))
                .await
                .status,
            404
        );
    }
    for (list, new) in [
        ("/app/daemon/secret", json!({ "value": "another" })),
        ("/app/ledger-api/certificate", json!({ "pem": certificate })),
        (
            "/consent",
            json!({ "client": "desktop", "resource": "https://graph.microsoft.com", "scopes": ["Mail.Read"] }),
        ),
    ] {
        let count = |list: Value| list.as_array().unwrap().len();
        let before = count(
            get(&emulator, &format!("/_emulator/directory{list}"))
                .await
                .json(),
        );
        let added = order(&emulator, &format!("POST {list}"), &new).await;
        assert_eq!(
            (added.status, count(added.json())),
            (201, before + 1),
            "{list}: {added:?}"
        );
        let deleted = order(&emulator, &format!("DELETE {list}/{before}"), &Value::Null).await;
        assert_eq!(deleted.status, 204, "{list}");
    }
}

#[tokio::test]
async fn the_next_request_sees_the_change() {
    let emulator = start().await;
    let new = json!({ "value": "rolled-over-for-tests" });
    order(&emulator, "PUT /app/daemon/secret/0", &new).await;
    assert_eq!(
        token_error(&emulator, &fields(VAULT)).await,
        Some(7_000_215)
    );
    let mut form = fields(VAULT);
    form[2].1 = "rolled-over-for-tests";
    assert_eq!(token_error(&emulator, &form).await, None);
    order(&emulator, "PATCH /app/daemon", &json!({ "disabled": true })).await;
    assert_eq!(token_error(&emulator, &form).await, Some(7_000_112));
    assert_eq!(order(&emulator, "DELETE ", &Value::Null).await.status, 204);
    assert_eq!(token_error(&emulator, &fields(VAULT)).await, None);
}

#[tokio::test]
async fn a_secret_that_came_or_went_is_never_in_the_journal() {
    let emulator = start().await;
    let new = "fresh-secret-for-tests-only";
    order(
        &emulator,
        "PUT /app/daemon/secret/0",
        &json!({ "value": new }),
    )
    .await;
    for secret in [SECRET, new] {
        post(
            &emulator,
            &format!("/{CONTOSO}/oauth2/v2.0/token"),
            &[("scope", secret), (secret, "x")],
        )
        .await;
    }
    let journal = serde_json::to_string(&emulator.journal().entries()).unwrap();
    assert!(!journal.contains(SECRET) && !journal.contains(new));
}

#[tokio::test]
async fn a_secret_is_found_by_its_position_and_told_in_no_error() {
    let emulator = start().await;
    for line in ["GET /app/daemon/secret/9", "DELETE /app/daemon/secret/x"] {
        let answer = order(&emulator, line, &Value::Null).await;
        assert_eq!(answer.status, 404, "{line}");
        assert!(!answer.body.contains(SECRET), "{}", answer.body);
    }
    let by_value = format!("DELETE /app/daemon/secret/{SECRET}");
    assert_eq!(order(&emulator, &by_value, &Value::Null).await.status, 404);
    let scope = get(
        &emulator,
        "/_emulator/directory/app/orders-api/scope/Orders.Read",
    )
    .await;
    assert_eq!(scope.json()["value"], "Orders.Read");
}

#[tokio::test]
async fn a_bad_change_says_why_and_where_and_changes_nothing() {
    let emulator = start().await;
    let before = get(&emulator, "/_emulator/directory").await.body;
    for (line, body, status, path, part) in [
        (
            "PATCH /app/daemon",
            json!({ "disabeld": true }),
            400,
            "app/daemon/disabeld",
            "`disabled`",
        ),
        (
            "PATCH /app/daemon",
            json!({ "client_id": "x" }),
            400,
            "app/daemon/client_id",
            "UUID",
        ),
        (
            "PUT /app/new",
            json!({ "tenant": "nowhere" }),
            400,
            "app/new",
            "client_id",
        ),
        (
            "PATCH /app/daemon",
            json!({ "tenant": "nowhere" }),
            400,
            "app/daemon",
            "`nowhere`",
        ),
        (
            "DELETE /tenant/contoso",
            Value::Null,
            400,
            "tenant/contoso",
            "`contoso`",
        ),
        (
            "DELETE /app/daemon/client_id",
            Value::Null,
            400,
            "app/daemon",
            "client_id",
        ),
        (
            "DELETE /app/nobody",
            Value::Null,
            404,
            "app/nobody",
            "daemon",
        ),
        ("GET /apps", Value::Null, 404, "apps", "tenant"),
        (
            "PUT /app/new",
            json!({ "name": "other" }),
            400,
            "app/new",
            "called otherwise",
        ),
        ("POST /app/daemon", json!({}), 400, "app/daemon", "no list"),
        (
            "PUT /app/daemon/secret",
            json!("hush"),
            400,
            "app/daemon/secret",
            "expected",
        ),
        (
            "PUT ",
            json!({ "script": [] }),
            400,
            "script",
            "/_emulator/script",
        ),
    ] {
        let answer = order(&emulator, line, &body).await;
        assert_eq!(answer.status, status, "{line}: {answer:?}");
        assert_eq!(answer.members(), ["error", "path"]);
        assert_eq!(answer.json()["path"], path, "{line}: {answer:?}");
        let text = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(
            text.contains(part) && !text.contains("hush"),
            "{line}: {text}"
        );
    }
    let broken = send(&emulator, "PUT /_emulator/directory", &[], "{").await;
    assert_eq!((broken.status, broken.members().len()), (400, 2));
    assert_eq!(get(&emulator, "/_emulator/directory").await.body, before);
}

#[tokio::test]
async fn in_process_it_is_the_same_directory() {
    let emulator = start().await;
    emulator
        .directory()
        .change(|world| world.apps[0].disabled = true)
        .unwrap();
    assert_eq!(
        token_error(&emulator, &fields(VAULT)).await,
        Some(7_000_112)
    );
    let over_http = get(&emulator, "/_emulator/directory/app/daemon/disabled").await;
    assert_eq!(over_http.body, "true");
    assert!(emulator.directory().replace(World::basic()).is_ok());
    assert_eq!(token_error(&emulator, &fields(VAULT)).await, None);
    assert!(!emulator.world().apps[0].disabled);
}

#[tokio::test]
async fn a_name_may_hold_a_slash_if_it_is_escaped() {
    let emulator = start().await;
    let line = "DELETE /app/orders-api/identifier_uris/api:%2F%2Forders";
    assert_eq!(order(&emulator, line, &Value::Null).await.status, 204);
    let code = token_error(&emulator, &fields("api://orders/.default")).await;
    assert_eq!(code, Some(500_011));
}
