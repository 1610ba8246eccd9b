//! Device codes: asked for, polled for, approved, declined, late.

use std::time::Duration;

use identity_emulator::{Emulator, World};

use crate::support::{
    ALICE, AZURE_CLI, Answer, CONTOSO, DESKTOP, FABRIKAM, PORTAL, assert_refused, builder, post,
    send, start, verified, with,
};

const SCOPE: &str = "https://vault.azure.net/.default openid offline_access profile";
const V2: &str = "/aaaaaaaa-0000-4000-8000-000000000001/oauth2/v2.0";
const V1: &str = "/aaaaaaaa-0000-4000-8000-000000000001/oauth2";

async fn started(emulator: &Emulator) -> (String, String) {
    let fields = [("client_id", AZURE_CLI), ("scope", SCOPE)];
    let answer = post(emulator, &format!("{V2}/devicecode"), &fields).await;
    (answer.text("device_code"), answer.text("user_code"))
}

async fn poll(emulator: &Emulator, base: &str, code: &str, changes: &[(&str, &str)]) -> Answer {
    let usual = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", AZURE_CLI),
        ("device_code", code),
    ];
    post(emulator, &format!("{base}/token"), &with(&usual, changes)).await
}

#[tokio::test]
pub(crate) async fn a_device_gets_numbers_from_v2_and_strings_from_v1() {
    let emulator = start().await;
    let fields = [("client_id", AZURE_CLI), ("scope", SCOPE)];
    let v2 = post(&emulator, &format!("{V2}/devicecode"), &fields).await;
    assert_eq!(
        v2.members(),
        [
            "user_code",
            "device_code",
            "verification_uri",
            "expires_in",
            "interval",
            "message"
        ]
    );
    assert_eq!(v2.json()["expires_in"], 900);
    assert_eq!(v2.json()["interval"], 5);
    let user_code = v2.text("user_code");
    assert_eq!(user_code.len(), 9);
    assert!(
        user_code
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    );
    assert!(v2.text("message").contains(&user_code));
    assert!(v2.text("verification_uri").starts_with(emulator.http()));

    let query = format!("client_id={AZURE_CLI}&resource=https://vault.azure.net");
    let v1 = send(&emulator, &format!("POST {V1}/devicecode?{query}"), &[], "").await;
    assert!(v1.members().contains(&"verification_url".to_owned()));
    assert_eq!(v1.json()["expires_in"], "900");
}

#[tokio::test]
async fn a_request_for_a_code_is_checked() {
    let emulator = start().await;
    let at = format!("{V2}/devicecode");
    let usual = [("client_id", AZURE_CLI), ("scope", SCOPE)];
    for (changes, error, code) in [
        ([("scope", "")], "invalid_request", 900_144),
        ([("client_id", "")], "invalid_request", 900_144),
        ([("resource", "x")], "invalid_request", 901_002),
        ([("scope", "nothing/x")], "invalid_scope", 70011),
        (
            [("client_id", "bbbbbbbb-0000-4000-8000-0000000000ff")],
            "unauthorized_client",
            700_016,
        ),
    ] {
        let answer = post(&emulator, &at, &with(&usual, &changes)).await;
        assert_refused(&answer, error, code);
    }
    let page = send(&emulator, &format!("GET {at}"), &[], "").await;
    assert!(page.body.contains("AADSTS900561: "), "{}", page.body);
}

#[tokio::test]
pub(crate) async fn it_polls_until_its_user_lets_it_in_and_then_has_its_tokens_once() {
    let emulator = start().await;
    let (code, user_code) = started(&emulator).await;
    let pending = poll(&emulator, V2, &code, &[]).await;
    assert_refused(&pending, "authorization_pending", 70016);
    emulator.approve_device(&user_code, ALICE).await.unwrap();
    // The scope is that of the request for the code, whatever the poll says.
    let answer = poll(
        &emulator,
        V2,
        &code,
        &[("scope", "openid"), ("client_info", "1")],
    )
    .await;
    assert_eq!(
        answer.text("scope"),
        "https://vault.azure.net/user_impersonation https://vault.azure.net/.default"
    );
    let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
    assert_eq!(claims["aud"], "https://vault.azure.net");
    assert!(answer.members().contains(&"id_token".to_owned()));
    assert!(answer.members().contains(&"client_info".to_owned()));
    assert_refused(
        &poll(&emulator, V2, &code, &[]).await,
        "invalid_grant",
        70000,
    );
}

#[tokio::test]
pub(crate) async fn short_names_of_the_grant_and_of_the_code_will_do() {
    let emulator = start().await;
    for fields in [
        vec![("grant_type", "device_code")],
        vec![("grant_type", "device_code"), ("code", "same")],
        vec![
            ("grant_type", "device_code"),
            ("code", "only"),
            ("device_code", ""),
        ],
    ] {
        let (code, user_code) = started(&emulator).await;
        emulator.approve_device(&user_code, ALICE).await.unwrap();
        let fields: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| (name, if name == "code" { code.as_str() } else { value }))
            .collect();
        assert_eq!(
            poll(&emulator, V2, &code, &fields).await.status,
            200,
            "{fields:?}"
        );
    }
}

#[tokio::test]
async fn at_common_the_user_decides_the_tenant() {
    let emulator = start().await;
    let fields = [("client_id", AZURE_CLI), ("scope", SCOPE)];
    let answer = post(&emulator, "/organizations/oauth2/v2.0/devicecode", &fields).await;
    let (code, user_code) = (answer.text("device_code"), answer.text("user_code"));
    let base = "/organizations/oauth2/v2.0";
    let pending = poll(&emulator, base, &code, &[]).await;
    assert_refused(&pending, "authorization_pending", 70016);
    let frida = "frida@fabrikam.onmicrosoft.com";
    emulator.approve_device(&user_code, frida).await.unwrap();
    let answer = poll(&emulator, base, &code, &[]).await;
    let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
    assert_eq!(claims["tid"], FABRIKAM);
}

#[tokio::test]
pub(crate) async fn a_device_sent_away_is_told_in_the_words_of_its_endpoint() {
    let emulator = start().await;
    let (code, user_code) = started(&emulator).await;
    emulator.decline_device(&user_code).unwrap();
    let v2 = poll(&emulator, V2, &code, &[]).await;
    assert_refused(&v2, "authorization_declined", 70017);
    let v1 = poll(&emulator, V1, &code, &[]).await;
    assert_refused(&v1, "access_denied", 70017);
}

#[tokio::test]
pub(crate) async fn a_late_device_has_to_start_again() {
    let emulator = start().await;
    let (code, _) = started(&emulator).await;
    emulator.clock().advance(Duration::from_secs(901));
    assert_refused(
        &poll(&emulator, V2, &code, &[]).await,
        "expired_token",
        70020,
    );
    assert_refused(
        &poll(&emulator, V1, &code, &[]).await,
        "code_expired",
        70019,
    );
}

#[tokio::test]
pub(crate) async fn codes_that_are_none_are_told_apart() {
    let emulator = start().await;
    let (code, _) = started(&emulator).await;
    let garbage = poll(&emulator, V2, "x", &[]).await;
    assert_refused(&garbage, "invalid_grant", 9_002_313);
    let unknown = poll(&emulator, V2, "BAQABxyz", &[]).await;
    assert_refused(&unknown, "bad_verification_code", 70018);
    let stolen = poll(&emulator, V2, &code, &[("client_id", DESKTOP)]).await;
    assert_refused(&stolen, "bad_verification_code", 70018);
    let nothing = poll(&emulator, V2, &code, &[("device_code", "")]).await;
    assert_refused(&nothing, "invalid_request", 900_144);
    let web = poll(&emulator, V2, &code, &[("client_id", PORTAL)]).await;
    assert_refused(&web, "invalid_client", 7_000_218);
}

#[tokio::test]
async fn haste_is_minded_only_if_the_world_says_so() {
    let mut world = World::basic();
    let patient = builder().world(world.clone()).start().await.unwrap();
    world.device_slow_down = true;
    let strict = builder().world(world).start().await.unwrap();
    for (emulator, second) in [(patient, "authorization_pending"), (strict, "slow_down")] {
        emulator.clock().freeze();
        let (code, _) = started(&emulator).await;
        let first = poll(&emulator, V2, &code, &[]).await;
        assert_refused(&first, "authorization_pending", 70016);
        assert_refused(&poll(&emulator, V2, &code, &[]).await, second, 70016);
        emulator.clock().advance(Duration::from_secs(5));
        let third = poll(&emulator, V2, &code, &[]).await;
        assert_refused(&third, "authorization_pending", 70016);
    }
}

#[tokio::test]
async fn a_device_let_in_to_one_tenant_is_not_in_another() {
    let emulator = start().await;
    let (code, user_code) = started(&emulator).await;
    emulator.approve_device(&user_code, ALICE).await.unwrap();
    let elsewhere = format!("/{FABRIKAM}/oauth2/v2.0");
    let answer = poll(&emulator, &elsewhere, &code, &[]).await;
    assert_refused(&answer, "invalid_grant", 700_005);
    assert_eq!(
        poll(&emulator, &format!("/{CONTOSO}/oauth2/v2.0"), &code, &[])
            .await
            .status,
        200
    );
}
