//! Sandboxes: worlds of their own on the listeners of one emulator.

use std::sync::Arc;
use std::time::Duration;

use identity_emulator::{
    Emulator, Reply, Rule, Sandbox, SandboxError, ScheduledEvent, ScheduledEventType, World,
};
use serde_json::{Value, json};

use crate::support::{
    ALICE, Answer, CONTOSO, DAEMON, DESKTOP, SECRET, VAULT, assert_refused, builder, by_password,
    encoded, fields, get, post, send, start, token, with,
};

async fn open(emulator: &Emulator) -> Value {
    let answer = send(emulator, "POST /_emulator/sandboxes", &[], "").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

async fn app_token(emulator: &Emulator, tenant: &str, client: &str) -> Answer {
    let fields = with(&fields(VAULT), &[("client_id", client)]);
    post(emulator, &format!("/{tenant}/oauth2/v2.0/token"), &fields).await
}

fn claims(token: &str) -> Value {
    jsonwebtoken::dangerous::insecure_decode::<Value>(token)
        .unwrap()
        .claims
}

fn ids(sandbox: &Sandbox) -> (String, String) {
    let ready = sandbox.ready();
    (ready.tenant_id, ready.client_id)
}

#[tokio::test]
async fn a_sandbox_is_a_fresh_tenant_whose_requests_are_its_own() {
    let emulator = start().await;
    let sandbox = open(&emulator).await;
    let (id, tenant) = (text(&sandbox, "id"), text(&sandbox, "tenant_id"));
    let client = text(&sandbox, "client_id");
    assert_ne!((tenant.as_str(), client.as_str()), (CONTOSO, DAEMON));
    assert_eq!(text(&sandbox, "client_secret"), SECRET);
    assert_eq!(text(&sandbox, "https"), emulator.https());
    let answer = app_token(&emulator, &tenant, &client).await;
    let claims = claims(&answer.text("access_token"));
    assert_eq!(
        (&claims["tid"], &claims["appid"]),
        (&json!(tenant), &json!(client))
    );
    assert!(emulator.journal().entries().is_empty());
    let journal = get(&emulator, &format!("/_emulator/sandboxes/{id}/journal")).await;
    let entries = journal.json();
    assert_eq!(entries.as_array().unwrap().len(), 1, "{entries}");
    assert_eq!(entries[0]["endpoint"], "entra.token");
    // Neither world knows the other's ids.
    assert_eq!(
        app_token(&emulator, CONTOSO, &client).await.refusal().2,
        700_016
    );
    assert_eq!(
        app_token(&emulator, &tenant, DAEMON).await.refusal().2,
        700_016
    );
}

#[tokio::test]
async fn script_clock_and_directory_of_a_sandbox_disturb_nobody_else() {
    let emulator = start().await;
    let (one, other) = (open(&emulator).await, open(&emulator).await);
    let control = format!("/_emulator/sandboxes/{}", text(&one, "id"));
    let rule = json!({ "on": "entra.token", "reply": { "status": 503 } }).to_string();
    let line = format!("POST {control}/script");
    assert_eq!(send(&emulator, &line, &[], &rule).await.status, 201);
    let line = format!("PATCH {control}/directory/app/daemon");
    let disable = send(&emulator, &line, &[], r#"{"disabled":true}"#).await;
    assert_eq!(disable.status, 200, "{disable:?}");
    let ask = async |world: &Value| {
        app_token(
            &emulator,
            &text(world, "tenant_id"),
            &text(world, "client_id"),
        )
        .await
    };
    assert_eq!(ask(&other).await.status, 200);
    assert_eq!(token(&emulator, &fields(VAULT)).await.status, 200);
    assert_eq!(ask(&one).await.status, 503);
    assert_eq!(ask(&one).await.refusal().2, 7_000_112);
    let back = send(&emulator, &format!("DELETE {control}/directory"), &[], "").await;
    assert_eq!((back.status, ask(&one).await.status), (204, 200));
}

#[tokio::test]
async fn each_sandbox_has_a_clock_and_keys_of_its_own() {
    let emulator = start().await;
    emulator.clock().freeze();
    let sandbox = emulator.sandbox(&World::basic()).unwrap();
    assert_eq!(sandbox.clock().now(), emulator.clock().now());
    sandbox.clock().advance(Duration::from_secs(3600));
    assert_eq!(
        sandbox.clock().now() - emulator.clock().now(),
        Duration::from_secs(3600)
    );
    let kids = async |keys: &identity_emulator::Keys| {
        let published = keys.published().await.into_iter();
        published.map(|key| key.kid).collect::<Vec<_>>()
    };
    assert_eq!(kids(sandbox.keys()).await, kids(emulator.keys()).await);
    sandbox
        .keys()
        .rotate(&identity_emulator::Rotation::default());
    assert_eq!(kids(sandbox.keys()).await.len(), 2);
    assert_eq!(kids(emulator.keys()).await.len(), 1);
    let (tenant, client) = ids(&sandbox);
    let answer = app_token(&emulator, &tenant, &client).await;
    let issued = claims(&answer.text("access_token"))["iat"]
        .as_i64()
        .unwrap();
    assert!((issued - emulator.clock().now().unix_timestamp()) >= 3000);
    let keys = get(&emulator, &format!("/{tenant}/discovery/v2.0/keys")).await;
    assert_eq!(keys.json()["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_has_no_tenant_in_its_path_is_below_the_base_of_the_sandbox() {
    let emulator = start().await;
    let sandbox = emulator.sandbox(&World::basic()).unwrap();
    let http = sandbox.ready().http;
    let base = http.strip_prefix(emulator.http()).unwrap();
    assert_eq!(base, format!("/_sandbox/{}", sandbox.id()));
    let host =
        "metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net";
    let answer = send(
        &emulator,
        &format!("GET {base}/{host}"),
        &["metadata: true"],
        "",
    )
    .await;
    let world = sandbox.directory().world();
    let own = world.managed_identities[0].client_id.to_string();
    assert_eq!(answer.text("client_id"), own);
    assert_eq!(claims(&answer.text("access_token"))["tid"], ids(&sandbox).0);
    let seen = sandbox.journal().of("imds.token");
    assert_eq!(seen[0].path, "/metadata/identity/oauth2/token");
    let path = format!("{base}/issuers/aks/.well-known/openid-configuration");
    let keys = get(&emulator, &path).await.text("jwks_uri");
    assert!(keys.starts_with(&format!("{http}/issuers/aks/")), "{keys}");
    let environment = sandbox.pipeline_environment("deploy").unwrap();
    let uri = environment
        .iter()
        .find(|(name, _)| *name == "SYSTEM_OIDCREQUESTURI");
    let uri = uri.unwrap().1.strip_prefix(emulator.https()).unwrap();
    let line = format!("POST {uri}?api-version=7.1");
    let job = "authorization: Bearer system-access-token-for-tests-only";
    assert_eq!(send(&emulator, &line, &[job], "").await.status, 200);
    assert_eq!(sandbox.journal().of("pipelines.oidc_token").len(), 1);
    assert!(emulator.journal().entries().is_empty());
}

#[tokio::test]
async fn what_is_done_to_people_and_machines_of_a_sandbox_happens_there_alone() {
    let emulator = start().await;
    let sandbox = emulator.sandbox(&World::basic()).unwrap();
    let (tenant, client) = ids(&sandbox);
    sandbox.clock().freeze();
    emulator.clock().freeze();
    let desktop = sandbox.directory().world().apps[5].client_id.to_string();
    let fields = with(
        &by_password("https://vault.azure.net/.default offline_access"),
        &[("client_id", &desktop)],
    );
    let path = format!("/{tenant}/oauth2/v2.0/token");
    let refresh = post(&emulator, &path, &fields).await.text("refresh_token");
    let outside = by_password("https://vault.azure.net/.default offline_access");
    let outside = token(&emulator, &outside).await.text("refresh_token");
    for clock in [sandbox.clock(), emulator.clock()] {
        clock.advance(Duration::from_secs(1));
    }
    sandbox.revoke_sign_ins(ALICE).unwrap();
    let again = |client, refresh| {
        [
            ("grant_type", "refresh_token"),
            ("client_id", client),
            ("refresh_token", refresh),
        ]
    };
    let revoked = post(&emulator, &path, &again(&desktop, &refresh)).await;
    assert_refused(&revoked, "invalid_grant", 50173);
    let counts = token(&emulator, &again(DESKTOP, &outside)).await;
    assert_eq!(counts.status, 200, "{counts:?}");
    let proof = sandbox
        .federated_token(
            "aks",
            "system:serviceaccount:default:daemon",
            "api://AzureADTokenExchange",
        )
        .await
        .unwrap();
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let proven = [
        ("grant_type", "client_credentials"),
        ("client_id", client.as_str()),
        ("client_assertion_type", kind),
        ("client_assertion", &proof),
        ("scope", VAULT),
    ];
    let answer = post(&emulator, &path, &proven).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    sandbox.schedule_event(ScheduledEvent::new(ScheduledEventType::Reboot));
    let events = "/metadata/scheduledevents?api-version=2020-07-01";
    let there = format!("GET /_sandbox/{}{events}", sandbox.id());
    for (line, count) in [(there, 1), (format!("GET {events}"), 0)] {
        let answer = send(&emulator, &line, &["metadata: true"], "").await;
        let listed = answer.json()["Events"].as_array().map(Vec::len);
        assert_eq!(listed, Some(count), "{line}: {answer:?}");
    }
}

#[tokio::test]
async fn people_sign_in_to_a_sandbox_on_its_pages_and_without() {
    let emulator = start().await;
    let sandbox = emulator.sandbox(&World::basic()).unwrap();
    let (tenant, _) = ids(&sandbox);
    let desktop = sandbox.directory().world().apps[5].client_id.to_string();
    let query = encoded(&[
        ("client_id", desktop.as_str()),
        ("response_type", "code"),
        ("redirect_uri", "http://localhost:8400"),
        ("scope", "openid"),
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("code_challenge_method", "S256"),
    ]);
    let url = format!(
        "{}/{tenant}/oauth2/v2.0/authorize?{query}",
        emulator.https()
    );
    let answer = sandbox.sign_in(&url, ALICE).await.unwrap();
    assert!(answer.field("code").is_some(), "{answer:?}");
    let form = [("client_id", desktop.as_str()), ("scope", "openid")];
    let codes = post(
        &emulator,
        &format!("/{tenant}/oauth2/v2.0/devicecode"),
        &form,
    )
    .await;
    let page = codes.text("verification_uri");
    let page = get(&emulator, page.strip_prefix(emulator.http()).unwrap()).await;
    let action = format!("action=\"/_sandbox/{}/common/login\"", sandbox.id());
    assert!(page.body.contains(&action), "{}", page.body);
    sandbox
        .approve_device(&codes.text("user_code"), ALICE)
        .await
        .unwrap();
    assert!(emulator.journal().entries().is_empty());
}

#[tokio::test]
async fn a_deleted_sandbox_is_gone_with_all_it_had() {
    let emulator = start().await;
    let sandbox = open(&emulator).await;
    let (id, tenant) = (text(&sandbox, "id"), text(&sandbox, "tenant_id"));
    let path = format!("/_emulator/sandboxes/{id}");
    assert_eq!(get(&emulator, &path).await.json(), sandbox);
    assert_eq!(
        get(&emulator, "/_emulator/sandboxes").await.json(),
        json!([sandbox])
    );
    assert_eq!(
        send(&emulator, &format!("DELETE {path}"), &[], "")
            .await
            .status,
        204
    );
    assert_eq!(
        send(&emulator, &format!("DELETE {path}"), &[], "")
            .await
            .status,
        404
    );
    assert_eq!(get(&emulator, &path).await.status, 404);
    assert_eq!(get(&emulator, &format!("{path}/journal")).await.status, 404);
    let answer = app_token(&emulator, &tenant, &text(&sandbox, "client_id")).await;
    assert_eq!(answer.refusal().2, 90_002);
    assert_eq!(
        get(&emulator, &format!("/_sandbox/{id}/issuers/aks/keys"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_dropped_sandbox_gives_its_memory_back() {
    let emulator = start().await;
    let sandbox = emulator.sandbox(&World::basic()).unwrap();
    let (tenant, client) = ids(&sandbox);
    assert_eq!(app_token(&emulator, &tenant, &client).await.status, 200);
    let world = Arc::downgrade(&sandbox.directory().world());
    assert!(world.upgrade().is_some());
    drop(sandbox);
    assert!(world.upgrade().is_none());
    assert_eq!(
        app_token(&emulator, &tenant, &client).await.refusal().2,
        90_002
    );
}

#[tokio::test]
async fn there_are_only_so_many_at_once() {
    let emulator = builder().sandbox_limit(2).start().await.unwrap();
    let first = open(&emulator).await;
    let second = emulator.sandbox(&World::basic()).unwrap();
    let refused = emulator.sandbox(&World::basic()).unwrap_err();
    assert!(matches!(refused, SandboxError::Full(2)), "{refused}");
    let refused = send(&emulator, "POST /_emulator/sandboxes", &[], "").await;
    assert_eq!(
        (refused.status, refused.text("error")),
        (409, "too_many_sandboxes".to_owned())
    );
    drop(second);
    open(&emulator).await;
    let nested = format!("POST /_emulator/sandboxes/{}/sandboxes", text(&first, "id"));
    let nested = send(&emulator, &nested, &[], "").await;
    assert_eq!(nested.status, 409);
    assert!(
        nested
            .text("error_description")
            .contains("no sandboxes here")
    );
}

#[tokio::test]
async fn a_sandbox_can_be_of_another_world_which_is_checked() {
    let emulator = start().await;
    let tenant = json!({ "name": "a", "id": CONTOSO });
    let app =
        json!({ "name": "b", "tenant": "a", "client_id": DAEMON, "secret": [{ "value": "s3" }] });
    let order = json!({ "world": { "tenant": [tenant], "app": [app] } }).to_string();
    let made = send(&emulator, "POST /_emulator/sandboxes", &[], &order)
        .await
        .json();
    assert_ne!(text(&made, "tenant_id"), CONTOSO);
    assert_eq!(text(&made, "client_secret"), "s3");
    let order = json!({ "world": { "tenants": [] } }).to_string();
    let refused = send(&emulator, "POST /_emulator/sandboxes", &[], &order).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("`tenants`"), "{}", refused.body);
    let order = json!({ "world": { "app": [app] } }).to_string();
    let refused = send(&emulator, "POST /_emulator/sandboxes", &[], &order).await;
    assert!(
        refused.body.contains("names the tenant `a`"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn a_tenant_of_the_emulator_stays_its_own() {
    let emulator = start().await;
    let sandbox = emulator.sandbox(&World::basic()).unwrap();
    let taken = sandbox.directory().change(|world| {
        world.tenants[0].id = CONTOSO.parse().unwrap();
    });
    taken.unwrap();
    assert_eq!(token(&emulator, &fields(VAULT)).await.status, 200);
    assert_eq!(emulator.journal().entries().len(), 1);
    assert!(sandbox.journal().entries().is_empty());
}

#[tokio::test]
async fn with_a_seed_sandboxes_repeat() {
    let run = async || {
        let emulator = builder().seed(7).start().await.unwrap();
        let (one, other) = (open(&emulator).await, open(&emulator).await);
        assert_ne!(text(&one, "tenant_id"), text(&other, "tenant_id"));
        [one, other].map(|it| ["id", "tenant_id", "client_id"].map(|name| text(&it, name)))
    };
    assert_eq!(run().await, run().await);
}

#[tokio::test]
async fn tests_in_parallel_see_only_what_they_did() {
    let emulator = Arc::new(start().await);
    let mut tests = tokio::task::JoinSet::new();
    for count in 1..=8 {
        let emulator = emulator.clone();
        tests.spawn(async move {
            let sandbox = emulator.sandbox(&World::basic()).unwrap();
            let (tenant, client) = ids(&sandbox);
            let reply = Reply {
                status: Some(429),
                ..Reply::default()
            };
            let rule = Rule {
                on: "entra.token".to_owned(),
                times: count,
                reply,
                ..Rule::default()
            };
            sandbox.script().push(rule).unwrap();
            for _ in 0..count {
                assert_eq!(app_token(&emulator, &tenant, &client).await.status, 429);
            }
            assert_eq!(app_token(&emulator, &tenant, &client).await.status, 200);
            let seen = sandbox.journal().entries();
            assert_eq!(seen.len(), usize::try_from(count).unwrap() + 1);
        });
    }
    while let Some(test) = tests.join_next().await {
        test.unwrap();
    }
    assert!(emulator.journal().entries().is_empty());
}
