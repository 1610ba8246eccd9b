//! Federated credentials: tokens of clusters, pipelines, GitHub and managed identities.

use std::time::Duration;

use identity_emulator::Emulator;
use serde_json::{Value, json};

use crate::support::{
    Answer, CONTOSO, SECRET, VAULT, assert_refused, by_password, fields, get, present, send, start,
    token, verified, with,
};

const EXCHANGE: &str = "api://AzureADTokenExchange";
const SUBJECT: &str = "system:serviceaccount:default:daemon";

async fn of(emulator: &Emulator, issuer: &str, subject: &str, audience: &str) -> Answer {
    let assertion = emulator.federated_token(issuer, subject, audience).await;
    present(emulator, &assertion.unwrap()).await
}

#[tokio::test]
async fn a_cluster_a_pipeline_and_a_workflow_prove_the_application() {
    let emulator = start().await;
    for (issuer, subject) in [
        ("aks", SUBJECT),
        ("pipelines", "sc://contoso/project/connection"),
        ("github", "repo:contoso/app:ref:refs/heads/main"),
    ] {
        let answer = of(&emulator, issuer, subject, EXCHANGE).await;
        let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
        assert_eq!(claims["appidacr"], "2", "{issuer}");
    }
}

#[tokio::test]
pub(crate) async fn issuer_audience_and_subject_are_looked_at_in_this_order() {
    let emulator = start().await;
    let other = json!({ "iss": "https://oidc.aks.example/basic" });
    let order = json!({ "subject": "x", "audience": "y", "claims": other }).to_string();
    let made = send(&emulator, "POST /_emulator/issuers/aks/token", &[], &order).await;
    assert_eq!(made.status, 201, "{made:?}");
    let answer = present(&emulator, &made.text("token")).await;
    assert_refused(&answer, "invalid_client", 700_211);
    let answer = of(&emulator, "aks", "x", "api://other").await;
    assert_refused(&answer, "invalid_client", 700_212);
    let answer = of(&emulator, "aks", "x", EXCHANGE).await;
    assert_refused(&answer, "invalid_client", 700_213);
    let answer = of(&emulator, "aks", &SUBJECT.to_uppercase(), EXCHANGE).await;
    assert_refused(&answer, "invalid_client", 7_002_138);
    let bot = "/eid1/c/pub/t/x/a/y/z";
    let answer = of(&emulator, "aks", bot, EXCHANGE).await;
    assert_refused(&answer, "invalid_client", 7_002_137);
    let answer = of(
        &emulator,
        "github",
        "repo:evil/app:ref:refs/heads/main",
        EXCHANGE,
    )
    .await;
    assert_refused(&answer, "invalid_client", 7_002_131);
}

#[tokio::test]
async fn a_token_that_is_late_or_changed_proves_nothing() {
    let emulator = start().await;
    let assertion = emulator
        .federated_token("aks", SUBJECT, EXCHANGE)
        .await
        .unwrap();
    let changed = format!("{}AAAA", &assertion[..assertion.len() - 4]);
    let answer = present(&emulator, &changed).await;
    assert_refused(&answer, "invalid_client", 700_027);
    assert_eq!(
        present(&emulator, &format!("{assertion}\n")).await.status,
        200
    );
    emulator.clock().advance(Duration::from_secs(901));
    let answer = present(&emulator, &assertion).await;
    assert_refused(&answer, "invalid_client", 700_024);
}

#[tokio::test]
async fn another_issuers_key_signs_nothing_for_this_one() {
    let emulator = start().await;
    let github = emulator
        .federated_token("github", SUBJECT, EXCHANGE)
        .await
        .unwrap();
    let order = json!({
        "subject": SUBJECT,
        "claims": { "iss": "https://vstoken.dev.azure.com/dddddddd-0000-4000-8000-000000000002",
                    "sub": "sc://contoso/project/connection" },
    });
    let path = "POST /_emulator/issuers/github/token";
    let made = send(&emulator, path, &[], &order.to_string()).await;
    let answer = present(&emulator, &made.text("token")).await;
    assert_refused(&answer, "invalid_client", 700_027);
    assert!(!github.is_empty());
}

#[tokio::test]
pub(crate) async fn a_managed_identity_proves_the_application_and_other_tokens_of_the_service_do_not()
 {
    let emulator = start().await;
    let host = "/metadata/identity/oauth2/token?api-version=2018-02-01";
    let identity = async |id: &str, resource: &str| {
        let line = format!("GET {host}&resource={resource}&client_id={id}");
        send(&emulator, &line, &["metadata: true"], "")
            .await
            .text("access_token")
    };
    let user_a = "cccccccc-0000-4000-8000-000000000002";
    let right = identity(user_a, EXCHANGE).await;
    let answer = present(&emulator, &right).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let other = identity("cccccccc-0000-4000-8000-000000000003", EXCHANGE).await;
    assert_refused(&present(&emulator, &other).await, "invalid_client", 700_213);
    let v1 = identity(user_a, "https://vault.azure.net").await;
    assert_refused(&present(&emulator, &v1).await, "invalid_client", 700_222);
    let trusted = |world: &mut identity_emulator::World| {
        let own = &mut world.apps[0].federated_credentials[3];
        own.issuer = format!("https://sts.windows.net/{CONTOSO}/");
    };
    emulator.directory().change(trusted).unwrap();
    assert_refused(&present(&emulator, &v1).await, "invalid_client", 700_227);
}

#[tokio::test]
pub(crate) async fn the_audience_of_a_managed_identity_has_an_error_of_its_own() {
    use identity_emulator::World;
    let mut world = World::basic();
    world.apps[0].federated_credentials[3].audiences = vec!["api://other".to_owned()];
    let emulator = crate::support::builder()
        .world(world)
        .start()
        .await
        .unwrap();
    let path = "/metadata/identity/oauth2/token?api-version=2018-02-01&client_id=cccccccc-0000-4000-8000-000000000002";
    let line = format!("GET {path}&resource={EXCHANGE}");
    let right = send(&emulator, &line, &["metadata: true"], "").await;
    let answer = present(&emulator, &right.text("access_token")).await;
    assert_refused(&answer, "invalid_client", 7_002_121);
}

#[tokio::test]
pub(crate) async fn tokens_of_applications_and_users_are_no_federated_credentials() {
    use identity_emulator::{FederatedCredential, World};
    let mut world = World::basic();
    let daemon = &mut world.apps[0];
    let issuer = format!("https://login.microsoftonline.com/{CONTOSO}/v2.0");
    let own = |name: &str, subject: String, audience: &str| FederatedCredential {
        name: name.to_owned(),
        issuer: issuer.clone(),
        subject: Some(subject),
        audiences: vec![audience.to_owned()],
        ..FederatedCredential::default()
    };
    let principal = daemon.object_id.unwrap().to_string();
    daemon
        .federated_credentials
        .push(own("app", principal, EXCHANGE));
    let plain = start().await;
    let of_user = token(&plain, &by_password("api://orders/.default")).await;
    let (_, claims) = verified(&plain, &of_user.text("access_token")).await;
    let subject = claims["sub"].as_str().unwrap().to_owned();
    let orders = crate::support::ORDERS;
    daemon
        .federated_credentials
        .push(own("user", subject, orders));
    let emulator = crate::support::builder()
        .world(world)
        .start()
        .await
        .unwrap();
    let of_app = token(&emulator, &fields(&format!("{EXCHANGE}/.default"))).await;
    let answer = present(&emulator, &of_app.text("access_token")).await;
    assert_refused(&answer, "invalid_client", 700_226);
    let of_user = token(&emulator, &by_password("api://orders/.default")).await;
    let answer = present(&emulator, &of_user.text("access_token")).await;
    assert_refused(&answer, "invalid_client", 700_229);
}

#[tokio::test]
pub(crate) async fn issuers_publish_their_keys() {
    let emulator = start().await;
    let document = get(&emulator, "/issuers/aks/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(document["issuer"], "https://oidc.aks.example/basic/");
    let url = document["jwks_uri"].as_str().unwrap();
    let keys = get(&emulator, url.strip_prefix(emulator.http()).unwrap())
        .await
        .json();
    let token = emulator
        .federated_token("aks", SUBJECT, EXCHANGE)
        .await
        .unwrap();
    let key: jsonwebtoken::jwk::Jwk = serde_json::from_value(keys["keys"][0].clone()).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(&key).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    rules.set_audience(&[EXCHANGE]);
    let claims = jsonwebtoken::decode::<Value>(&token, &key, &rules)
        .unwrap()
        .claims;
    assert_eq!(claims["sub"], SUBJECT);
    assert_eq!(get(&emulator, "/issuers/nobody/keys").await.status, 404);
    assert!(emulator.federated_token("nobody", "x", "y").await.is_err());
}

#[tokio::test]
async fn a_secret_still_works_beside_other_credentials() {
    let emulator = start().await;
    let changes = [("client_secret", SECRET)];
    assert_eq!(
        token(&emulator, &with(&fields(VAULT), &changes))
            .await
            .status,
        200
    );
}
