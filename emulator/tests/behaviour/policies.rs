//! Policies: what conditional access refuses, how long sign-ins count, which tenants are allowed.

use std::time::Duration;

use identity_emulator::{App, Emulator, User, World};

use crate::authorize::request;
use crate::support::{
    ALICE, Answer, CONTOSO, DESKTOP, FABRIKAM, ORDERS, VAULT, assert_refused, builder, by_password,
    encoded, fields, post, send, start, token, with,
};
use crate::visitor::{Visitor, carried};

const ALWAYS: &str = "https://vault.azure.net/.default offline_access";

async fn with_alice(change: impl FnOnce(&mut User)) -> Emulator {
    let mut world = World::basic();
    change(&mut world.users[0]);
    builder().world(world).start().await.unwrap()
}

async fn with_desktop(change: impl FnOnce(&mut App)) -> Emulator {
    let mut world = World::basic();
    let mut apps = world.apps.iter_mut();
    change(apps.find(|app| app.name == "desktop").unwrap());
    builder().world(world).start().await.unwrap()
}

async fn renewed(emulator: &Emulator, refresh: &str) -> Answer {
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", DESKTOP),
        ("refresh_token", refresh),
        ("scope", ALWAYS),
    ];
    token(emulator, &fields).await
}

#[tokio::test]
pub(crate) async fn each_policy_refuses_in_its_own_words_with_a_claims_challenge() {
    for (code, suberror) in [
        (50_005, "message_only"),
        (50_074, "basic_action"),
        (50_097, "device_authentication_failed"),
        (50_131, "message_only"),
        (50_158, "basic_action"),
        (53_000, "message_only"),
        (53_001, "message_only"),
        (53_002, "message_only"),
        (53_003, "message_only"),
        (53_004, "additional_action"),
        (53_005, "protection_policy_required"),
        (53_011, "message_only"),
        (530_002, "message_only"),
        (530_003, "message_only"),
        (530_032, "message_only"),
        (530_035, "message_only"),
    ] {
        let emulator = with_alice(|alice| alice.refused_with = Some(code)).await;
        let refused = token(&emulator, &by_password(VAULT)).await;
        assert_refused(&refused, "invalid_grant", u64::from(code));
        assert_eq!(refused.text("suberror"), suberror);
        assert!(refused.text("claims").contains("capolids"));
        let wrong = with(&by_password(VAULT), &[("password", "wrong")]);
        assert_refused(&token(&emulator, &wrong).await, "invalid_grant", 50126);
        let v1 = with(
            &by_password(""),
            &[("scope", ""), ("resource", "https://vault.azure.net")],
        );
        let v1 = post(&emulator, &format!("/{CONTOSO}/oauth2/token"), &v1).await;
        assert_refused(&v1, "interaction_required", u64::from(code));
        let mut visitor = Visitor::new(&emulator);
        let page = visitor.authorize(&request(&[])).await;
        let page = visitor.enter(&page, ALICE).await;
        assert!(
            page.body.contains(&format!("AADSTS{code}: ")),
            "{}",
            page.body
        );
    }
}

#[test]
fn only_what_policies_say_is_taken_for_a_policy() {
    let mut world = World::basic();
    world.users[0].refused_with = Some(50_126);
    let world = toml::to_string(&world).unwrap();
    let refusal = World::from_toml(&world, "world.toml")
        .unwrap_err()
        .to_string();
    assert!(
        refusal.contains("50126") && refusal.contains("53000"),
        "{refusal}"
    );
}

#[tokio::test]
pub(crate) async fn a_sign_in_counts_as_long_as_the_policy_says() {
    let emulator = with_alice(|alice| alice.sign_in_frequency_s = Some(3600)).await;
    emulator.clock().freeze();
    let refresh = token(&emulator, &by_password(ALWAYS))
        .await
        .text("refresh_token");
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&request(&[])).await;
    visitor.enter(&page, ALICE).await;
    let silent = request(&[("prompt", "none")]);
    emulator.clock().advance(Duration::from_secs(3599));
    let newer = renewed(&emulator, &refresh).await.text("refresh_token");
    assert_ne!(carried(&visitor.authorize(&silent).await, "code"), "");
    emulator.clock().advance(Duration::from_secs(1));
    for refresh in [refresh, newer] {
        let refused = renewed(&emulator, &refresh).await;
        assert_refused(&refused, "invalid_grant", 70043);
        assert!(
            refused
                .text("error_description")
                .contains("for this request is 3600.")
        );
    }
    assert_eq!(carried(&visitor.authorize(&silent).await, "code"), "");
    let page = visitor.authorize(&request(&[])).await;
    assert!(!carried(&visitor.enter(&page, ALICE).await, "code").is_empty());
}

#[tokio::test]
pub(crate) async fn an_application_may_end_its_refresh_tokens_however_often_they_are_used() {
    let emulator = with_desktop(|app| app.refresh_token_max_age_s = Some(90_061)).await;
    emulator.clock().freeze();
    let refresh = token(&emulator, &by_password(ALWAYS))
        .await
        .text("refresh_token");
    emulator.clock().advance(Duration::from_secs(90_060));
    let newer = renewed(&emulator, &refresh).await.text("refresh_token");
    emulator.clock().advance(Duration::from_secs(1));
    let refused = renewed(&emulator, &newer).await;
    assert_refused(&refused, "invalid_grant", 700_081);
    let text = refused.text("error_description");
    assert!(
        text.contains("for this application is 1.01:01:01."),
        "{text}"
    );
}

#[tokio::test]
pub(crate) async fn a_session_from_before_the_revocation_is_told_so_when_it_is_used_silently() {
    let emulator = start().await;
    emulator.clock().freeze();
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&request(&[])).await;
    visitor.enter(&page, ALICE).await;
    emulator.clock().advance(Duration::from_secs(1));
    emulator.revoke_sign_ins(ALICE).unwrap();
    let silent = visitor.authorize(&request(&[("prompt", "none")])).await;
    assert_eq!(carried(&silent, "error"), "interaction_required");
    assert!(carried(&silent, "error_description").starts_with("AADSTS50133: "));
    let page = visitor.authorize(&request(&[])).await;
    assert!(!carried(&visitor.enter(&page, ALICE).await, "code").is_empty());
}

#[tokio::test]
pub(crate) async fn a_second_factor_may_have_to_be_given_anew() {
    let emulator = with_alice(|alice| {
        (alice.mfa_required, alice.second_factor_lasts_s) = (true, Some(3600));
    })
    .await;
    emulator.clock().freeze();
    let scopes = "https://vault.azure.net/user_impersonation offline_access";
    let fields = request(&[("scope", scopes)]);
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&fields).await;
    let page = visitor.enter(&page, ALICE).await;
    let answer = visitor.fill(&page, &[("action", "approve")]).await;
    let code = carried(&answer, "code");
    let redeemed = token(
        &emulator,
        &[
            ("grant_type", "authorization_code"),
            ("client_id", DESKTOP),
            ("redirect_uri", "http://localhost:8400"),
            ("code", &code),
        ],
    )
    .await;
    let refresh = redeemed.text("refresh_token");
    emulator.clock().advance(Duration::from_secs(3599));
    assert_eq!(renewed(&emulator, &refresh).await.status, 200);
    emulator.clock().advance(Duration::from_secs(1));
    let refused = renewed(&emulator, &refresh).await;
    assert_refused(&refused, "invalid_grant", 50078);
    assert_eq!(refused.text("suberror"), "basic_action");
    assert!(refused.text("claims").contains("capolids"));
    let silent = request(&[("scope", scopes), ("prompt", "none")]);
    let refused = visitor.authorize(&silent).await;
    assert!(carried(&refused, "error_description").starts_with("AADSTS50078: "));
    let page = visitor.authorize(&fields).await;
    let answer = visitor.fill(&page, &[("action", "approve")]).await;
    assert_ne!(carried(&answer, "code"), "");
    assert_ne!(carried(&visitor.authorize(&silent).await, "code"), "");
}

#[tokio::test]
pub(crate) async fn a_password_that_has_expired_ends_what_was_got_with_it() {
    let emulator = start().await;
    let refresh = token(&emulator, &by_password(ALWAYS))
        .await
        .text("refresh_token");
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&request(&[])).await;
    visitor.enter(&page, ALICE).await;
    emulator
        .directory()
        .change(|world| world.users[0].password_expired = true)
        .unwrap();
    let refused = renewed(&emulator, &refresh).await;
    assert_refused(&refused, "invalid_grant", 50132);
    let silent = visitor.authorize(&request(&[("prompt", "none")])).await;
    assert_eq!(carried(&silent, "error"), "interaction_required");
    assert!(carried(&silent, "error_description").starts_with("AADSTS50132: "));
}

#[tokio::test]
async fn another_password_ends_what_was_got_with_the_one_before_but_for_confidential_clients() {
    let emulator = start().await;
    let refresh = token(&emulator, &by_password(ALWAYS))
        .await
        .text("refresh_token");
    let orders = [
        ("client_id", ORDERS),
        ("client_secret", "orders-secret-for-tests-only"),
    ];
    let graph = (
        "scope",
        "https://graph.microsoft.com/.default offline_access",
    );
    let kept = with(&by_password(""), &[orders[0], orders[1], graph]);
    let kept = token(&emulator, &kept).await.text("refresh_token");
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&request(&[])).await;
    visitor.enter(&page, ALICE).await;
    emulator
        .directory()
        .change(|world| world.users[0].password = Some("another-password".into()))
        .unwrap();
    let refused = renewed(&emulator, &refresh).await;
    assert_refused(&refused, "invalid_grant", 50173);
    assert_eq!(refused.text("suberror"), "bad_token");
    let silent = visitor.authorize(&request(&[("prompt", "none")])).await;
    assert!(carried(&silent, "error_description").starts_with("AADSTS50133: "));
    let fields = [
        ("grant_type", "refresh_token"),
        orders[0],
        orders[1],
        graph,
        ("refresh_token", &kept),
    ];
    assert_eq!(token(&emulator, &fields).await.status, 200);
}

#[tokio::test]
pub(crate) async fn a_stranger_can_give_no_second_factor() {
    let emulator = with_desktop(|app| {
        app.mfa_required = true;
        app.also_in.push("fabrikam".to_owned());
    })
    .await;
    let bob = [
        ("username", "bob@contoso.example"),
        ("password", "bob-password-for-tests-only"),
        ("scope", "offline_access User.Read"),
    ];
    let bob = token(&emulator, &with(&by_password(""), &bob)).await;
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", DESKTOP),
        ("refresh_token", &bob.text("refresh_token")),
        ("scope", "User.Read"),
    ];
    let refused = post(
        &emulator,
        &format!("/{FABRIKAM}/oauth2/v2.0/token"),
        &fields,
    )
    .await;
    assert_refused(&refused, "interaction_required", 90072);
}

#[tokio::test]
pub(crate) async fn a_policy_of_a_proxy_keeps_people_in_their_own_tenant() {
    let emulator = start().await;
    for (policy, status) in [
        (format!("{FABRIKAM}:{CONTOSO}"), 400),
        (format!("{CONTOSO}:{FABRIKAM}"), 200),
        ("restrict-msa".to_owned(), 200),
    ] {
        let header = format!("sec-Restrict-Tenant-Access-Policy: {policy}");
        let answer = through_a_proxy(&emulator, &header).await;
        assert_eq!(answer.status, status, "{policy}: {answer:?}");
        if status == 400 {
            assert_refused(&answer, "access_denied", 500_022);
        }
    }
}

#[tokio::test]
pub(crate) async fn a_proxy_says_which_tenants_its_people_may_use() {
    let emulator = start().await;
    for (allowed, status) in [
        ("fabrikam.onmicrosoft.com", 400),
        ("", 400),
        ("fabrikam.onmicrosoft.com, Contoso.Example", 200),
        (CONTOSO, 200),
    ] {
        let header = format!("Restrict-Access-To-Tenants: {allowed}");
        let answer = through_a_proxy(&emulator, &header).await;
        assert_eq!(answer.status, status, "{allowed}: {answer:?}");
        if status == 400 {
            assert_refused(&answer, "access_denied", 500_021);
        }
    }
}

/// The answer to a request for a token to which a proxy has added `header`.
async fn through_a_proxy(emulator: &Emulator, header: &str) -> Answer {
    let form = "content-type: application/x-www-form-urlencoded";
    let line = format!("POST /{CONTOSO}/oauth2/v2.0/token");
    send(emulator, &line, &[form, header], &encoded(&fields(VAULT))).await
}

#[tokio::test]
async fn on_the_sign_in_page_it_counts_where_the_user_signs_in() {
    let emulator = start().await;
    for (allowed, says) in [(FABRIKAM, true), (CONTOSO, false)] {
        let mut visitor = Visitor::new(&emulator);
        visitor.header = format!("restrict-access-to-tenants: {allowed}");
        let page = visitor.authorize(&request(&[])).await;
        let answer = visitor.enter(&page, ALICE).await;
        assert_eq!(
            answer.body.contains("AADSTS500021: "),
            says,
            "{}",
            answer.body
        );
    }
}
