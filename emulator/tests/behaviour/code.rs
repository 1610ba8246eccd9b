//! The authorization_code grant: platforms, PKCE, codes that will not do.

use std::time::Duration;

use identity_emulator::Emulator;

use crate::support::{
    ALICE, Answer, CONTOSO, DESKTOP, FABRIKAM, PORTAL, SPA, assert_refused, encoded, post, send,
    start, token, verified, with,
};

const SCOPE: &str = "openid profile offline_access api://orders/Orders.Read";
const WEB_URI: &str = "https://portal.contoso.example/callback";
const SPA_URI: &str = "http://localhost:3000";
const SECRET: (&str, &str) = ("client_secret", "portal-secret-for-tests-only");
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A code for alice, from a sign-in with these parameters.
async fn signed_in(emulator: &Emulator, changes: &[(&str, &str)]) -> String {
    let usual = [
        ("client_id", PORTAL),
        ("response_type", "code"),
        ("redirect_uri", WEB_URI),
        ("scope", SCOPE),
    ];
    let query = encoded(&with(&usual, changes));
    let url = format!(
        "{}/{CONTOSO}/oauth2/v2.0/authorize?{query}",
        emulator.http()
    );
    let answer = emulator.sign_in(&url, ALICE).await.unwrap();
    answer.field("code").unwrap_or_else(|| panic!("{answer:?}"))
}

fn fields<'a>(code: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("grant_type", "authorization_code"),
        ("client_id", PORTAL),
        SECRET,
        ("code", code),
        ("redirect_uri", WEB_URI),
    ];
    with(&usual, changes)
}

async fn redeem(emulator: &Emulator, code: &str, changes: &[(&str, &str)]) -> Answer {
    token(emulator, &fields(code, changes)).await
}

/// As a script in a page does.
async fn by_script(emulator: &Emulator, code: &str, changes: &[(&str, &str)]) -> Answer {
    let spa = [
        ("client_id", SPA),
        ("client_secret", ""),
        ("redirect_uri", SPA_URI),
    ];
    let fields = with(&fields(code, &spa), changes);
    let headers = [
        "content-type: application/x-www-form-urlencoded",
        "origin: http://localhost:3000",
    ];
    let line = format!("POST /{CONTOSO}/oauth2/v2.0/token");
    send(emulator, &line, &headers, &encoded(&fields)).await
}

async fn spa_code(emulator: &Emulator, with_pkce: bool) -> String {
    let challenge = if with_pkce { CHALLENGE } else { "" };
    let method = if with_pkce { "S256" } else { "" };
    let changes = [
        ("client_id", SPA),
        ("redirect_uri", SPA_URI),
        ("scope", "openid offline_access User.Read"),
        ("code_challenge", challenge),
        ("code_challenge_method", method),
    ];
    signed_in(emulator, &changes).await
}

#[tokio::test]
pub(crate) async fn a_code_becomes_tokens_with_the_nonce_that_was_sent() {
    let emulator = start().await;
    let code = signed_in(&emulator, &[("nonce", "n-1")]).await;
    let answer = redeem(&emulator, &code, &[]).await;
    assert_eq!(answer.text("scope"), "api://orders/Orders.Read");
    let (_, id) = verified(&emulator, &answer.text("id_token")).await;
    assert_eq!(id["nonce"], "n-1");
    assert_eq!(id["aud"], PORTAL);
    let (_, access) = verified(&emulator, &answer.text("access_token")).await;
    assert_eq!(access["azpacr"], "1");
    assert_eq!(access["scp"], "Orders.Read");
}

#[tokio::test]
pub(crate) async fn a_code_is_good_once() {
    let emulator = start().await;
    let code = signed_in(&emulator, &[]).await;
    assert_eq!(redeem(&emulator, &code, &[]).await.status, 200);
    let again = redeem(&emulator, &code, &[]).await;
    assert_refused(&again, "invalid_grant", 54005);
}

#[tokio::test]
pub(crate) async fn a_code_ends_after_ten_minutes() {
    let emulator = start().await;
    let code = signed_in(&emulator, &[]).await;
    emulator.clock().advance(Duration::from_secs(601));
    assert_refused(&redeem(&emulator, &code, &[]).await, "invalid_grant", 70008);
}

#[tokio::test]
pub(crate) async fn an_invented_code_is_refused_before_the_secret_is_looked_at() {
    let emulator = start().await;
    let answer = redeem(&emulator, "invented", &[("client_secret", "wrong")]).await;
    assert_refused(&answer, "invalid_grant", 9_002_313);
}

#[tokio::test]
pub(crate) async fn a_wrong_secret_does_not_use_the_code_up() {
    let emulator = start().await;
    let code = signed_in(&emulator, &[]).await;
    let answer = redeem(&emulator, &code, &[("client_secret", "wrong")]).await;
    assert_refused(&answer, "invalid_client", 7_000_215);
    let answer = redeem(&emulator, &code, &[("client_secret", "")]).await;
    assert_refused(&answer, "invalid_client", 7_000_218);
    assert_eq!(redeem(&emulator, &code, &[]).await.status, 200);
}

#[tokio::test]
pub(crate) async fn a_wrong_verifier_does_not_use_the_code_up() {
    let emulator = start().await;
    for (challenge, method, verifier) in [
        (CHALLENGE, "S256", VERIFIER),
        (VERIFIER, "plain", VERIFIER),
        (VERIFIER, "", VERIFIER),
    ] {
        let pkce = [
            ("code_challenge", challenge),
            ("code_challenge_method", method),
        ];
        let code = signed_in(&emulator, &pkce).await;
        let wrong = redeem(&emulator, &code, &[("code_verifier", "wrong")]).await;
        assert_refused(&wrong, "invalid_grant", 501_481);
        let missing = redeem(&emulator, &code, &[]).await;
        assert_refused(&missing, "invalid_grant", 50148);
        let right = redeem(&emulator, &code, &[("code_verifier", verifier)]).await;
        assert_eq!(right.status, 200, "{right:?}");
    }
    let code = signed_in(&emulator, &[]).await;
    let needless = redeem(&emulator, &code, &[("code_verifier", VERIFIER)]).await;
    assert_refused(&needless, "invalid_grant", 501_481);
}

#[tokio::test]
pub(crate) async fn the_redirect_uri_is_the_one_of_the_sign_in() {
    let emulator = start().await;
    let code = signed_in(&emulator, &[]).await;
    let answer = redeem(
        &emulator,
        &code,
        &[("redirect_uri", "https://evil.example")],
    )
    .await;
    assert_refused(&answer, "invalid_grant", 50011);
    let known = "http://localhost:8400/callback";
    let answer = redeem(&emulator, &code, &[("redirect_uri", known)]).await;
    assert_refused(&answer, "invalid_grant", 500_112);
    let answer = redeem(&emulator, &code, &[("redirect_uri", "")]).await;
    assert_refused(&answer, "invalid_request", 900_144);
}

#[tokio::test]
pub(crate) async fn a_code_belongs_to_one_client_and_one_tenant() {
    let emulator = start().await;
    let code = signed_in(&emulator, &[]).await;
    let there = format!("/{FABRIKAM}/oauth2/v2.0/token");
    let answer = post(&emulator, &there, &fields(&code, &[])).await;
    assert_refused(&answer, "invalid_grant", 700_005);
    let other = [
        ("client_id", crate::support::DAEMON),
        ("client_secret", crate::support::SECRET),
    ];
    let answer = redeem(&emulator, &code, &other).await;
    assert_refused(&answer, "invalid_grant", 70000);
    // At `common` the code itself says which tenant it is about.
    let answer = post(&emulator, "/common/oauth2/v2.0/token", &fields(&code, &[])).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
pub(crate) async fn a_desktop_application_proves_nothing_and_may_not_try() {
    let emulator = start().await;
    let uri = "http://localhost:43210";
    let changes = [
        ("client_id", DESKTOP),
        ("redirect_uri", uri),
        ("scope", "openid User.Read"),
    ];
    let code = signed_in(&emulator, &changes).await;
    let desktop = [("client_id", DESKTOP), ("redirect_uri", uri)];
    let answer = redeem(&emulator, &code, &desktop).await;
    assert_refused(&answer, "invalid_client", 700_025);
    let bare = [desktop[0], desktop[1], ("client_secret", "")];
    let answer = redeem(&emulator, &code, &bare).await;
    assert_eq!(answer.text("scope"), "openid User.Read");
    assert!(!answer.members().contains(&"refresh_token".to_owned()));
}

#[tokio::test]
pub(crate) async fn a_page_redeems_from_its_own_origin_with_pkce_and_without_a_secret() {
    let emulator = start().await;
    let pkce = ("code_verifier", VERIFIER);
    let code = spa_code(&emulator, true).await;
    let elsewhere = [
        ("client_id", SPA),
        ("client_secret", ""),
        ("redirect_uri", SPA_URI),
        pkce,
    ];
    let answer = redeem(&emulator, &code, &elsewhere).await;
    assert_refused(&answer, "invalid_request", 9_002_327);
    let answer = by_script(&emulator, &code, &[pkce]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let code = spa_code(&emulator, false).await;
    let answer = by_script(&emulator, &code, &[]).await;
    assert_refused(&answer, "invalid_request", 9_002_325);
    let code = signed_in(&emulator, &[]).await;
    let web = [("client_id", PORTAL), SECRET, ("redirect_uri", WEB_URI)];
    let answer = by_script(&emulator, &code, &web).await;
    assert_refused(&answer, "invalid_request", 9_002_326);
}

#[tokio::test]
pub(crate) async fn refresh_tokens_of_a_page_end_a_day_after_the_sign_in() {
    let emulator = start().await;
    let code = spa_code(&emulator, true).await;
    let answer = by_script(&emulator, &code, &[("code_verifier", VERIFIER)]).await;
    let first = answer.text("refresh_token");
    let refresh = [
        ("grant_type", "refresh_token"),
        ("code", ""),
        ("redirect_uri", ""),
        ("scope", "openid offline_access User.Read"),
    ];
    let again = async |refresh_token: &str| {
        let fields = with(&refresh, &[("refresh_token", refresh_token)]);
        by_script(&emulator, "-", &fields).await
    };
    emulator.clock().advance(Duration::from_secs(20 * 3600));
    let second = again(&first).await.text("refresh_token");
    emulator.clock().advance(Duration::from_secs(5 * 3600));
    assert_refused(&again(&second).await, "invalid_grant", 700_084);
    let bare = with(
        &[("grant_type", "refresh_token"), ("client_id", SPA)],
        &[("refresh_token", &second)],
    );
    assert_refused(&token(&emulator, &bare).await, "invalid_request", 9_002_327);
}

#[tokio::test]
pub(crate) async fn a_scope_may_be_left_out_but_not_be_empty() {
    let emulator = start().await;
    let code = signed_in(&emulator, &[]).await;
    let mut empty = fields(&code, &[]);
    empty.push(("scope", ""));
    assert_refused(&token(&emulator, &empty).await, "invalid_request", 28003);
    let two = [("scope", "api://orders/Orders.Read User.Read")];
    assert_refused(
        &redeem(&emulator, &code, &two).await,
        "invalid_request",
        28000,
    );
    let only = [("scope", "api://orders/Orders.Read")];
    let answer = redeem(&emulator, &code, &only).await;
    assert!(
        answer.members().contains(&"id_token".to_owned()),
        "{answer:?}"
    );
}

#[tokio::test]
pub(crate) async fn the_v1_endpoint_takes_a_resource_and_gives_v1_tokens() {
    let emulator = start().await;
    let query = encoded(&[
        ("client_id", PORTAL),
        ("response_type", "code"),
        ("redirect_uri", WEB_URI),
        ("resource", "api://orders"),
        ("nonce", "n-2"),
    ]);
    let url = format!("{}/{CONTOSO}/oauth2/authorize?{query}", emulator.http());
    let answer = emulator.sign_in(&url, ALICE).await.unwrap();
    let code = answer.field("code").unwrap();
    let at = format!("/{CONTOSO}/oauth2/token");
    let answer = post(&emulator, &at, &fields(&code, &[])).await;
    assert_eq!(answer.text("resource"), "api://orders");
    let (_, id) = verified(&emulator, &answer.text("id_token")).await;
    assert_eq!((&id["ver"], &id["nonce"]), (&"1.0".into(), &"n-2".into()));
}
