//! Refresh tokens: renewed, kept, carried elsewhere, revoked.

use std::time::Duration;

use identity_emulator::{Emulator, World};

use crate::support::{
    ALICE, AZURE_CLI, Answer, CONTOSO, FABRIKAM, PORTAL, assert_refused, builder, by_password,
    encoded, post, send, start, token, verified, with,
};

const CLI: (&str, &str) = ("client_id", AZURE_CLI);
const SCOPE: &str = "https://vault.azure.net/.default openid offline_access";

/// A refresh token of Azure CLI for alice.
async fn first(emulator: &Emulator) -> String {
    let answer = token(emulator, &with(&by_password(SCOPE), &[CLI])).await;
    answer.text("refresh_token")
}

fn fields<'a>(refresh: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("grant_type", "refresh_token"),
        CLI,
        ("refresh_token", refresh),
        ("scope", SCOPE),
    ];
    with(&usual, changes)
}

async fn redeem(emulator: &Emulator, refresh: &str, changes: &[(&str, &str)]) -> Answer {
    token(emulator, &fields(refresh, changes)).await
}

#[tokio::test]
pub(crate) async fn each_use_brings_a_new_one_and_the_old_stays_valid() {
    let emulator = start().await;
    let old = first(&emulator).await;
    let new = redeem(&emulator, &old, &[]).await.text("refresh_token");
    assert_ne!(old, new);
    for refresh in [&old, &new] {
        assert_eq!(redeem(&emulator, refresh, &[]).await.status, 200);
    }
}

#[tokio::test]
async fn one_token_serves_every_resource_and_without_a_scope_the_one_before() {
    let emulator = start().await;
    let refresh = first(&emulator).await;
    let arm = "https://management.azure.com/.default";
    let answer = redeem(&emulator, &refresh, &[("scope", arm)]).await;
    let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
    assert_eq!(claims["aud"], "https://management.azure.com");
    let answer = redeem(&emulator, &refresh, &[("scope", "")]).await;
    let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
    assert_eq!(claims["aud"], "https://vault.azure.net");
}

#[tokio::test]
async fn a_guest_takes_it_to_the_other_tenant_and_a_stranger_cannot() {
    let emulator = start().await;
    let refresh = first(&emulator).await;
    let there = format!("/{FABRIKAM}/oauth2/v2.0/token");
    let answer = post(
        &emulator,
        &there,
        &fields(&refresh, &[("client_info", "1")]),
    )
    .await;
    let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
    assert_eq!(claims["tid"], FABRIKAM);
    assert_ne!(claims["oid"], "eeeeeeee-0000-4000-8000-000000000001");
    assert_eq!(claims["idp"], format!("https://sts.windows.net/{CONTOSO}/"));
    assert!(claims.get("upn").is_none());

    let bob = [
        ("username", "bob@contoso.example"),
        ("password", "bob-password-for-tests-only"),
        CLI,
    ];
    let bob = token(&emulator, &with(&by_password(SCOPE), &bob)).await;
    let bob = bob.text("refresh_token");
    let answer = post(&emulator, &there, &fields(&bob, &[])).await;
    assert_refused(&answer, "invalid_grant", 50020);
}

#[tokio::test]
async fn common_means_the_tenant_that_was_signed_in_to() {
    let emulator = start().await;
    let refresh = first(&emulator).await;
    let answer = post(
        &emulator,
        "/common/oauth2/v2.0/token",
        &fields(&refresh, &[]),
    )
    .await;
    let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
    assert_eq!(claims["tid"], CONTOSO);
}

#[tokio::test]
async fn the_family_shares_and_nobody_else_may_use_it() {
    let emulator = start().await;
    let refresh = first(&emulator).await;
    let relative = ("client_id", "1950a258-227b-4e31-a9cf-717495945fc2");
    assert_eq!(redeem(&emulator, &refresh, &[relative]).await.status, 200);
    let stranger = ("client_id", crate::support::DESKTOP);
    let answer = redeem(&emulator, &refresh, &[stranger]).await;
    assert_refused(&answer, "invalid_grant", 70000);
    assert_eq!(answer.text("suberror"), "client_mismatch");
}

#[tokio::test]
async fn what_a_client_got_with_a_secret_it_cannot_use_without() {
    let emulator = start().await;
    let portal = [
        ("client_id", PORTAL),
        ("client_secret", "portal-secret-for-tests-only"),
    ];
    let scope = "api://orders/Orders.Read offline_access";
    let answer = token(&emulator, &with(&by_password(scope), &portal)).await;
    let refresh = answer.text("refresh_token");
    let again = [portal[0], ("scope", scope)];
    let answer = redeem(&emulator, &refresh, &again).await;
    assert_refused(&answer, "invalid_client", 7_000_218);
    let proven = [portal[0], portal[1], ("scope", scope)];
    assert_eq!(redeem(&emulator, &refresh, &proven).await.status, 200);
}

#[tokio::test]
async fn an_invented_one_is_malformed_before_the_client_is_looked_at() {
    let emulator = start().await;
    for refresh in ["x", "1.A", "1.AAAAA", "eyJ.eyJ.x"] {
        let nobody = ("client_id", "bbbbbbbb-0000-4000-8000-0000000000ff");
        let answer = redeem(&emulator, refresh, &[nobody]).await;
        assert_refused(&answer, "invalid_grant", 9_002_313);
    }
}

#[tokio::test]
pub(crate) async fn ninety_days_without_use_end_it_and_use_keeps_it_alive() {
    let emulator = start().await;
    let old = first(&emulator).await;
    emulator.clock().advance(Duration::from_secs(80 * 86_400));
    let new = redeem(&emulator, &old, &[]).await.text("refresh_token");
    emulator.clock().advance(Duration::from_secs(20 * 86_400));
    let answer = redeem(&emulator, &old, &[]).await;
    assert_refused(&answer, "invalid_grant", 700_082);
    assert_eq!(answer.text("suberror"), "bad_token");
    assert_eq!(redeem(&emulator, &new, &[]).await.status, 200);
}

#[tokio::test]
pub(crate) async fn revoked_sign_ins_end_it_and_a_new_sign_in_begins_anew() {
    let emulator = start().await;
    let refresh = first(&emulator).await;
    emulator.clock().advance(Duration::from_secs(60));
    emulator.revoke_sign_ins(ALICE).unwrap();
    let answer = redeem(&emulator, &refresh, &[]).await;
    assert_refused(&answer, "invalid_grant", 50173);
    assert_eq!(answer.text("suberror"), "bad_token");
    emulator.clock().advance(Duration::from_secs(60));
    let refresh = first(&emulator).await;
    assert_eq!(redeem(&emulator, &refresh, &[]).await.status, 200);
    assert!(emulator.revoke_sign_ins("nobody@contoso.example").is_err());
}

#[tokio::test]
async fn a_challenge_from_a_resource_asks_for_a_newer_sign_in() {
    let emulator = start().await;
    let refresh = first(&emulator).await;
    let later = emulator.clock().now().unix_timestamp() + 10;
    let claims = format!(r#"{{"access_token":{{"nbf":{{"essential":true,"value":"{later}"}}}}}}"#);
    let answer = redeem(&emulator, &refresh, &[("claims", &claims)]).await;
    assert_refused(&answer, "invalid_grant", 50173);
    let earlier = claims.replace(&later.to_string(), "1604106651");
    assert_eq!(
        redeem(&emulator, &refresh, &[("claims", &earlier)])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_user_disabled_since_gets_nothing_more() {
    let world = World::basic();
    let emulator = builder()
        .seed(7)
        .world(world.clone())
        .start()
        .await
        .unwrap();
    let refresh = first(&emulator).await;
    // The same seed opens the tokens of the other emulator.
    let mut changed = world;
    changed.users[0].disabled = true;
    let emulator = builder().seed(7).world(changed).start().await.unwrap();
    assert_refused(
        &redeem(&emulator, &refresh, &[]).await,
        "invalid_grant",
        50057,
    );
}

#[tokio::test]
async fn a_script_of_another_origin_may_not_use_it() {
    let emulator = start().await;
    let refresh = first(&emulator).await;
    let headers = [
        "content-type: application/x-www-form-urlencoded",
        "origin: https://evil.example",
    ];
    let line = format!("POST /{CONTOSO}/oauth2/v2.0/token");
    let answer = send(&emulator, &line, &headers, &encoded(&fields(&refresh, &[]))).await;
    assert_refused(&answer, "invalid_request", 9_002_326);
}
