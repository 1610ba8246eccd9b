//! The instance metadata service.

use std::time::Duration;

use crate::support::{Answer, CONTOSO, builder, get, send, start, verified};
use identity_emulator::{Emulator, World};

const PATH: &str = "/metadata/identity/oauth2/token";
const SYSTEM: &str = "cccccccc-0000-4000-8000-000000000001";
const USER_A: &str = "cccccccc-0000-4000-8000-000000000002";
const USER_B: &str = "cccccccc-0000-4000-8000-000000000003";
const VAULT: &str = "api-version=2018-02-01&resource=https://vault.azure.net";

async fn ask(emulator: &Emulator, query: &str) -> Answer {
    send(
        emulator,
        &format!("GET {PATH}?{query}"),
        &["Metadata: true"],
        "",
    )
    .await
}

/// The refusal of a host: status and description.
fn refusal(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.json()["error"], "invalid_request", "{answer:?}");
    (
        answer.status,
        answer.json()["error_description"]
            .as_str()
            .unwrap()
            .to_owned(),
    )
}

async fn with_identities(names: &[&str]) -> Emulator {
    let mut world = World::basic();
    world.hosts.imds.identities = names.iter().map(|name| (*name).to_owned()).collect();
    builder().world(world).start().await.unwrap()
}

#[tokio::test]
pub(crate) async fn an_answer_is_all_strings_in_alphabetical_order() {
    let emulator = start().await;
    let answer = ask(&emulator, VAULT).await;
    assert_eq!(
        answer.members(),
        [
            "access_token",
            "client_id",
            "expires_in",
            "expires_on",
            "ext_expires_in",
            "not_before",
            "resource",
            "token_type"
        ]
    );
    let body = answer.json();
    assert!(
        body.as_object()
            .unwrap()
            .values()
            .all(serde_json::Value::is_string),
        "{body}"
    );
    assert_eq!(body["expires_in"], "86400");
    assert_eq!(body["ext_expires_in"], "86399");
    let number = |name: &str| body[name].as_str().unwrap().parse::<i64>().unwrap();
    assert_eq!(number("expires_on") - number("not_before"), 86_700);
    assert_eq!(body["client_id"], SYSTEM);
    assert!(answer.header("server").unwrap().starts_with("IMDS/"));
}

#[tokio::test]
async fn the_token_names_the_identity_and_verifies() {
    let emulator = start().await;
    let body = ask(&emulator, &format!("{VAULT}/&client_id={USER_A}"))
        .await
        .json();
    let (_, claims) = verified(&emulator, body["access_token"].as_str().unwrap()).await;
    assert_eq!(claims["appid"], USER_A);
    assert_eq!(claims["appidacr"], "2");
    assert_eq!(claims["aud"], "https://vault.azure.net/");
    assert_eq!(claims["iss"], format!("https://sts.windows.net/{CONTOSO}/"));
    let resource_id = claims["xms_mirid"].as_str().unwrap();
    assert!(
        resource_id.contains("/resourcegroups/") && resource_id.ends_with("/id-a"),
        "{resource_id}"
    );
}

#[tokio::test]
async fn an_identity_goes_by_client_object_and_resource_id_in_any_case() {
    let emulator = start().await;
    let id = "/SUBSCRIPTIONS/dddddddd-0000-4000-8000-000000000001/resourceGroups/RG-basic/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID-B";
    for selector in [
        format!("client_id={USER_B}"),
        "object_id=CCCCCCCC-0000-4000-8000-100000000003".to_owned(),
        format!("msi_res_id={id}"),
        format!("mi_res_id={id}"),
    ] {
        let answer = ask(&emulator, &format!("{VAULT}&{selector}")).await;
        assert_eq!(answer.json()["client_id"], USER_B, "{selector}");
    }
}

#[tokio::test]
async fn the_same_token_is_given_again_with_the_time_it_has_left() {
    let emulator = start().await;
    emulator.clock().freeze();
    let first = ask(&emulator, VAULT).await.json();
    emulator.clock().advance(Duration::from_secs(3600));
    let second = ask(&emulator, VAULT).await.json();
    assert_eq!(first["access_token"], second["access_token"]);
    assert_eq!(second["expires_in"], "82800");
    assert_eq!(first["expires_on"], second["expires_on"]);
    let other = ask(
        &emulator,
        "api-version=2018-02-01&resource=https://storage.azure.com",
    )
    .await
    .json();
    assert_ne!(other["access_token"], first["access_token"]);
    emulator.clock().advance(Duration::from_secs(82_600));
    let third = ask(&emulator, VAULT).await.json();
    assert_ne!(third["access_token"], first["access_token"]);
    assert_eq!(third["expires_in"], "86400");
}

#[tokio::test]
async fn case_and_a_slash_too_many_in_the_path_do_not_matter() {
    let emulator = start().await;
    for path in [
        "/metadata/identity/oauth2/token/",
        "/Metadata/Identity/OAuth2/Token",
        // As Java's azure-identity does up to 1.18.
        "//metadata/identity/oauth2/token",
    ] {
        let answer = send(
            &emulator,
            &format!("GET {path}?{VAULT}"),
            &["metadata: True"],
            "",
        )
        .await;
        assert_eq!(answer.status, 200, "{path}");
    }
    let absolute = format!("GET http://169.254.169.254{PATH}?{VAULT}");
    assert_eq!(
        send(&emulator, &absolute, &["Metadata: true"], "")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn manners_are_asked_for_before_anything_else() {
    let emulator = start().await;
    let bare = refusal(&get(&emulator, &format!("{PATH}?{VAULT}")).await);
    assert_eq!(
        bare,
        (400, "Required metadata header not specified".to_owned())
    );
    let line = format!("GET {PATH}?{VAULT}");
    let no = send(&emulator, &line, &["Metadata: false"], "").await;
    assert_eq!(refusal(&no).0, 400);
    let forwarded = send(
        &emulator,
        &line,
        &["Metadata: true", "X-Forwarded-For: 1.2.3.4"],
        "",
    )
    .await;
    assert!(refusal(&forwarded).1.contains("X-Forwarded-For"));
    let twice = ask(
        &emulator,
        &format!("{VAULT}&resource=https://storage.azure.com"),
    )
    .await;
    assert!(refusal(&twice).1.contains("Duplicate"));
    let posted = send(
        &emulator,
        &format!("POST {PATH}?{VAULT}"),
        &["Metadata: true"],
        "",
    )
    .await;
    assert_eq!(posted.status, 405);
}

#[tokio::test]
async fn a_wrong_version_gets_the_newest_ones() {
    let emulator = start().await;
    for version in ["", "api-version=2017-12-01&", "api-version=latest&"] {
        let answer = ask(
            &emulator,
            &format!("{version}resource=https://vault.azure.net"),
        )
        .await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.members(), ["error", "newest-versions"]);
    }
    let newer = ask(
        &emulator,
        "api-version=2019-08-01&resource=https://vault.azure.net",
    )
    .await;
    assert_eq!(newer.status, 200);
}

#[tokio::test]
async fn a_missing_resource_is_said_and_an_unknown_one_is_the_token_services_error() {
    let emulator = start().await;
    let missing = ask(&emulator, "api-version=2018-02-01").await;
    assert!(refusal(&missing).1.contains("resource"));
    let unknown = ask(
        &emulator,
        "api-version=2018-02-01&resource=https://nowhere.example",
    )
    .await;
    assert_eq!(unknown.status, 400);
    assert_eq!(unknown.json()["error"], "invalid_resource");
    assert_eq!(unknown.json()["error_codes"][0], 500_011);
    assert_eq!(
        unknown.json()["error_uri"],
        "https://westus2.login.microsoft.com/error?code=500011"
    );
}

#[tokio::test]
async fn an_identity_that_is_not_assigned_is_not_found() {
    let emulator = start().await;
    for selector in [
        "client_id=cccccccc-0000-4000-8000-0000000000ff",
        "object_id=nonsense",
        "msi_res_id=/subscriptions/x",
        "client_id=",
    ] {
        let answer = ask(&emulator, &format!("{VAULT}&{selector}")).await;
        assert_eq!(
            refusal(&answer),
            (400, "Identity not found".to_owned()),
            "{selector}"
        );
    }
    let none = with_identities(&[]).await;
    assert_eq!(refusal(&ask(&none, VAULT).await).1, "Identity not found");
}

#[tokio::test]
async fn without_a_name_the_system_identity_wins_then_the_only_one() {
    assert_eq!(ask(&start().await, VAULT).await.json()["client_id"], SYSTEM);
    let one = with_identities(&["user-b"]).await;
    assert_eq!(ask(&one, VAULT).await.json()["client_id"], USER_B);
    let several = with_identities(&["user-a", "user-b"]).await;
    let refused = refusal(&ask(&several, VAULT).await);
    assert!(
        refused
            .1
            .starts_with("Multiple user assigned identities exist"),
        "{}",
        refused.1
    );
}

/// An API that checks tokens by discovery knows no other issuer than that of the document it reads.
#[tokio::test]
async fn a_v2_token_names_the_issuer_of_the_authority_and_not_the_host_it_was_asked_at() {
    let emulator = start().await;
    let orders = format!("api-version=2018-02-01&resource=api://orders&client_id={USER_A}");
    let body = ask(&emulator, &orders).await.json();
    let (_, claims) = verified(&emulator, body["access_token"].as_str().unwrap()).await;
    assert_eq!(
        claims["iss"],
        format!("{}/{CONTOSO}/v2.0", emulator.https())
    );

    let real = "https://login.microsoftonline.com";
    let emulator = builder().authority(real).start().await.unwrap();
    let body = ask(&emulator, &orders).await.json();
    let (_, claims) = verified(&emulator, body["access_token"].as_str().unwrap()).await;
    assert_eq!(claims["iss"], format!("{real}/{CONTOSO}/v2.0"));
}
