//! On-behalf-of: an API passes its caller on to the next API.

use std::time::Duration;

use identity_emulator::{Emulator, World};

use crate::support::{
    ALICE, Answer, CONTOSO, ORDERS, assert_refused, builder, by_password, fields, post, start,
    token, verified, with,
};

const LEDGER: &str = "https://ledger.contoso.example/Ledger.Read";

fn request<'a>(assertion: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("client_id", ORDERS),
        ("client_secret", "orders-secret-for-tests-only"),
        ("requested_token_use", "on_behalf_of"),
        ("assertion", assertion),
        ("scope", LEDGER),
    ];
    with(&usual, changes)
}

/// Alice's token for the orders API, got by the desktop application.
async fn incoming(emulator: &Emulator) -> String {
    let answer = token(emulator, &by_password("api://orders/Orders.Read openid")).await;
    answer.text("access_token")
}

async fn exchange(emulator: &Emulator, assertion: &str, changes: &[(&str, &str)]) -> Answer {
    token(emulator, &request(assertion, changes)).await
}

#[tokio::test]
pub(crate) async fn the_next_api_sees_the_user_and_the_api_between() {
    let emulator = start().await;
    let answer = exchange(&emulator, &incoming(&emulator).await, &[]).await;
    assert_eq!(
        answer.members(),
        [
            "token_type",
            "scope",
            "expires_in",
            "ext_expires_in",
            "access_token"
        ]
    );
    assert_eq!(answer.text("scope"), LEDGER);
    let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
    assert_eq!(claims["appid"], ORDERS);
    assert_eq!(claims["appidacr"], "1");
    assert_eq!(claims["upn"], ALICE);
    assert_eq!(claims["scp"], "Ledger.Read");
}

#[tokio::test]
async fn a_refresh_token_comes_only_if_it_is_asked_for() {
    let emulator = start().await;
    let assertion = incoming(&emulator).await;
    let scope = format!("{LEDGER} offline_access openid");
    let answer = exchange(&emulator, &assertion, &[("scope", &scope)]).await;
    let refresh = answer.text("refresh_token");
    let again = [
        ("grant_type", "refresh_token"),
        ("client_id", ORDERS),
        ("client_secret", "orders-secret-for-tests-only"),
        ("refresh_token", &refresh),
        ("scope", LEDGER),
    ];
    assert_eq!(token(&emulator, &again).await.status, 200);
}

#[tokio::test]
pub(crate) async fn assertions_that_will_not_do_have_their_errors() {
    let emulator = start().await;
    let right = incoming(&emulator).await;
    let (head, _) = right.rsplit_once('.').unwrap();
    let forged = format!("{head}.AAAA");
    let graph = token(&emulator, &by_password("User.Read openid")).await;
    let daemon = token(&emulator, &fields("api://orders/.default")).await;
    let cases = [
        ("nonsense".to_owned(), "invalid_request", 50027),
        ("e30.e30.AA".to_owned(), "invalid_grant", 50013),
        (forged, "invalid_grant", 50013),
        (graph.text("access_token"), "invalid_grant", 500_131),
        (graph.text("id_token"), "invalid_request", 240_002),
        (daemon.text("access_token"), "invalid_request", 50027),
    ];
    for (assertion, error, code) in cases {
        assert_refused(&exchange(&emulator, &assertion, &[]).await, error, code);
    }
    emulator.clock().advance(Duration::from_secs(3600 + 301));
    let late = exchange(&emulator, &right, &[]).await;
    assert_refused(&late, "invalid_grant", 500_133);
}

#[tokio::test]
pub(crate) async fn the_request_itself_is_checked() {
    let emulator = start().await;
    let assertion = incoming(&emulator).await;
    for (changes, error, code) in [
        ([("assertion", "")], "invalid_request", 900_144),
        ([("requested_token_use", "")], "invalid_request", 900_144),
        ([("requested_token_use", "x")], "invalid_request", 9_002_313),
        ([("scope", "")], "invalid_request", 900_144),
        ([("client_secret", "")], "invalid_client", 7_000_218),
        ([("client_secret", "wrong")], "invalid_client", 7_000_215),
        ([("scope", "Mail.Read")], "invalid_grant", 65001),
    ] {
        assert_refused(
            &exchange(&emulator, &assertion, &changes).await,
            error,
            code,
        );
    }
}

#[tokio::test]
pub(crate) async fn a_policy_of_the_next_api_is_passed_on_as_claims() {
    let mut world = World::basic();
    let ledger = world.apps.iter_mut().find(|app| app.name == "ledger-api");
    ledger.unwrap().mfa_required = true;
    let emulator = builder().world(world).start().await.unwrap();
    let assertion = incoming(&emulator).await;
    let answer = exchange(&emulator, &assertion, &[]).await;
    assert_refused(&answer, "invalid_grant", 50076);
    assert!(answer.text("claims").contains("capolids"));
    assert_eq!(answer.members().last().unwrap(), "claims");
    let v1 = request(
        &assertion,
        &[
            ("scope", ""),
            ("resource", "https://ledger.contoso.example"),
        ],
    );
    let answer = post(&emulator, &format!("/{CONTOSO}/oauth2/token"), &v1).await;
    assert_refused(&answer, "interaction_required", 50076);
}

#[tokio::test]
async fn at_organizations_the_token_says_which_tenant_it_is_about() {
    let emulator = start().await;
    let assertion = incoming(&emulator).await;
    let fields = request(&assertion, &[]);
    let answer = post(&emulator, "/organizations/oauth2/v2.0/token", &fields).await;
    let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
    assert_eq!(claims["tid"], CONTOSO);
}

#[tokio::test]
pub(crate) async fn an_api_may_be_forbidden_to_pass_callers_on() {
    let mut world = World::basic();
    let mut apps = world.apps.iter_mut();
    let orders = apps.find(|app| app.name == "orders-api").unwrap();
    orders.on_behalf_of_denied = true;
    let emulator = builder().world(world).start().await.unwrap();
    let refused = exchange(&emulator, &incoming(&emulator).await, &[]).await;
    assert_refused(&refused, "unauthorized_client", 7_000_114);
    let own = with(
        &fields("https://vault.azure.net/.default"),
        &[
            ("client_id", ORDERS),
            ("client_secret", "orders-secret-for-tests-only"),
        ],
    );
    assert_eq!(token(&emulator, &own).await.status, 200);
}
