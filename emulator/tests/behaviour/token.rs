//! The token endpoints: what a right request gets.

use crate::support::{
    CONTOSO, DAEMON, FABRIKAM, ORDERS, SECRET, fields, get, post, send, start, verified,
};
use serde_json::{Value, json};

const V2: &str = "/aaaaaaaa-0000-4000-8000-000000000001/oauth2/v2.0/token";
const V1: &str = "/aaaaaaaa-0000-4000-8000-000000000001/oauth2/token";

fn names(claims: &Value) -> Vec<&str> {
    claims
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[tokio::test]
async fn a_v2_reply_has_exactly_the_captured_members_in_order() {
    let emulator = start().await;
    let answer = post(&emulator, V2, &fields("https://vault.azure.net/.default")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        answer.members(),
        ["token_type", "expires_in", "ext_expires_in", "access_token"]
    );
    assert_eq!(answer.json()["expires_in"], json!(3599));
    assert_eq!(answer.header("cache-control"), Some("no-store, no-cache"));
    assert!(answer.head.starts_with("HTTP/1.1 200 OK\r\n"));
}

#[tokio::test]
async fn a_first_party_resource_gets_a_v1_token_that_verifies() {
    let emulator = start().await;
    let answer = post(&emulator, V2, &fields("https://storage.azure.com/.default"))
        .await
        .json();
    let (header, claims) = verified(&emulator, answer["access_token"].as_str().unwrap()).await;
    assert_eq!(header.x5t, header.kid);
    assert_eq!(
        names(&claims),
        [
            "aud", "iss", "iat", "nbf", "exp", "aio", "appid", "appidacr", "idp", "idtyp", "oid",
            "rh", "sub", "tid", "uti", "ver", "xms_tcdt"
        ]
    );
    assert_eq!(claims["iss"], format!("https://sts.windows.net/{CONTOSO}/"));
    assert_eq!(claims["aud"], "https://storage.azure.com");
    assert_eq!(claims["appid"], DAEMON);
    assert_eq!(claims["appidacr"], "1");
    assert_eq!(claims["sub"], claims["oid"]);
    assert_eq!(claims["ver"], "1.0");
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        3599 + 301
    );
}

#[tokio::test]
async fn an_api_that_wants_v2_tokens_gets_one_with_the_issuer_of_discovery() {
    let emulator = start().await;
    let answer = post(&emulator, V2, &fields("api://orders/.default"))
        .await
        .json();
    let (header, claims) = verified(&emulator, answer["access_token"].as_str().unwrap()).await;
    assert_eq!(header.x5t, None);
    assert_eq!(
        names(&claims),
        [
            "aio", "aud", "azp", "azpacr", "exp", "iat", "iss", "nbf", "oid", "rh", "roles", "sub",
            "tid", "uti", "ver", "xms_ftd"
        ]
    );
    let discovery = get(
        &emulator,
        &format!("/{CONTOSO}/v2.0/.well-known/openid-configuration"),
    )
    .await;
    assert_eq!(claims["iss"], discovery.json()["issuer"]);
    assert_eq!(claims["iss"], format!("{}/{CONTOSO}/v2.0", emulator.http()));
    assert_eq!(claims["aud"], ORDERS);
    assert_eq!(claims["roles"], json!(["Orders.Read.All"]));
}

#[tokio::test]
pub(crate) async fn a_v1_reply_says_strings_and_the_resource() {
    let emulator = start().await;
    let resource = "https://management.core.windows.net/";
    let request = [
        ("grant_type", "client_credentials"),
        ("client_id", DAEMON),
        ("client_secret", SECRET),
        ("resource", resource),
    ];
    let answer = post(&emulator, V1, &request).await;
    assert_eq!(
        answer.members(),
        [
            "token_type",
            "expires_in",
            "ext_expires_in",
            "expires_on",
            "not_before",
            "resource",
            "access_token"
        ]
    );
    let body = answer.json();
    assert!(
        body.as_object().unwrap().values().all(Value::is_string),
        "{body}"
    );
    let (_, claims) = verified(&emulator, body["access_token"].as_str().unwrap()).await;
    assert_eq!(claims["aud"], resource);
    assert_eq!(body["expires_on"], claims["exp"].to_string());
}

#[tokio::test]
async fn slashes_of_the_resource_are_kept_in_the_audience() {
    let emulator = start().await;
    let scope = "https://management.core.windows.net//.default";
    let answer = post(&emulator, V2, &fields(scope)).await.json();
    let (_, claims) = verified(&emulator, answer["access_token"].as_str().unwrap()).await;
    assert_eq!(claims["aud"], "https://management.core.windows.net/");
}

#[tokio::test]
async fn basic_credentials_are_form_decoded() {
    let emulator = start().await;
    // The same id and secret, with some characters percent-encoded as RFC 6749 demands.
    let encoded = "YmJiYmJiYmIlMkQwMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDE6ZGFlbW9uJTJEc2VjcmV0LWZvci10ZXN0cy1vbmx5";
    let headers = [
        "content-type: application/x-www-form-urlencoded",
        &format!("authorization: Basic {encoded}"),
    ];
    let body = "grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net%2F.default";
    let answer = send(&emulator, &format!("POST {V2}"), &headers, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn a_form_without_a_content_type_or_with_a_query_beside_it_works() {
    let emulator = start().await;
    let body = crate::support::encoded(&fields(
        "openid profile offline_access https://vault.azure.net/.default",
    ));
    let answer = send(
        &emulator,
        &format!("POST {V2}?client-request-id=x&slice=test"),
        &[],
        &body,
    )
    .await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn a_multi_tenant_application_has_another_principal_elsewhere() {
    let emulator = start().await;
    let scope = "https://vault.azure.net/.default";
    let mut principals = Vec::new();
    for tenant in [
        CONTOSO,
        FABRIKAM,
        "contoso.example",
        "FABRIKAM.onmicrosoft.com",
    ] {
        let answer = post(
            &emulator,
            &format!("/{tenant}/oauth2/v2.0/token"),
            &fields(scope),
        )
        .await
        .json();
        let (_, claims) = verified(&emulator, answer["access_token"].as_str().unwrap()).await;
        principals.push((claims["tid"].clone(), claims["oid"].clone()));
    }
    assert_eq!(principals[0], principals[2]);
    assert_eq!(principals[1], principals[3]);
    assert_ne!(principals[0], principals[1]);
}

#[tokio::test]
async fn two_tokens_of_one_second_differ() {
    let emulator = start().await;
    emulator.clock().freeze();
    let scope = fields("https://vault.azure.net/.default");
    let first = post(&emulator, V2, &scope).await.json();
    let second = post(&emulator, V2, &scope).await.json();
    assert_ne!(first["access_token"], second["access_token"]);
}

#[tokio::test]
async fn with_a_seed_and_a_frozen_clock_two_runs_answer_alike() {
    let mut answers = Vec::new();
    for _ in 0..2 {
        let emulator = crate::support::builder().seed(42).start().await.unwrap();
        emulator
            .clock()
            .freeze_at(time::OffsetDateTime::from_unix_timestamp(2_000_000_000).unwrap());
        answers.push(
            post(&emulator, V2, &fields("https://vault.azure.net/.default"))
                .await
                .body,
        );
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn an_expired_secret_works_as_long_as_the_clock_is_before_its_end() {
    let emulator = start().await;
    emulator
        .clock()
        .freeze_at(time::OffsetDateTime::from_unix_timestamp(1_500_000_000).unwrap());
    let request = [
        ("grant_type", "client_credentials"),
        ("client_id", "bbbbbbbb-0000-4000-8000-000000000003"),
        ("client_secret", "expired-secret-for-tests-only"),
        ("scope", "https://vault.azure.net/.default"),
    ];
    assert_eq!(post(&emulator, V2, &request).await.status, 200);
}
