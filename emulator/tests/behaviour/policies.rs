//! Policies: what conditional access refuses, how long sign-ins count, which tenants are allowed.

use std::time::Duration;

use identity_emulator::{App, Emulator, User, World};

use crate::authorize::request;
use crate::support::{
    ALICE, Answer, CONTOSO, DESKTOP, FABRIKAM, VAULT, assert_refused, builder, by_password,
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
pub(crate) async fn a_proxy_says_which_tenants_its_people_may_use() {
    let emulator = start().await;
    let form = "content-type: application/x-www-form-urlencoded";
    let body = encoded(&fields(VAULT));
    let line = format!("POST /{CONTOSO}/oauth2/v2.0/token");
    for (allowed, status) in [
        ("fabrikam.onmicrosoft.com", 400),
        ("", 400),
        ("fabrikam.onmicrosoft.com, Contoso.Example", 200),
        (CONTOSO, 200),
    ] {
        let header = format!("Restrict-Access-To-Tenants: {allowed}");
        let answer = send(&emulator, &line, &[form, &header], &body).await;
        assert_eq!(answer.status, status, "{allowed}: {answer:?}");
        if status == 400 {
            assert_refused(&answer, "access_denied", 500_021);
        }
    }
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
