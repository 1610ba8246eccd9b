//! The sign-in pages: who is asked what, what a session saves, and what is not taken.

use std::time::Duration;

use crate::authorize::{BOB, request};
use crate::support::{ALICE, CONTOSO, PORTAL, get, post, start};
use crate::visitor::{Visitor, carried, set_cookies};

const CONSENT: &str = "openid api://orders/Orders.Read";

#[tokio::test]
async fn a_session_signs_in_silently_until_it_ends() {
    let emulator = start().await;
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&request(&[])).await;
    visitor.enter(&page, ALICE).await;
    let silent = request(&[("prompt", "none"), ("response_mode", "fragment")]);
    let answer = visitor.authorize(&silent).await;
    assert_eq!(answer.status, 302);
    assert!(!carried(&answer, "code").is_empty());
    // Nothing keeps a frame of another site from getting it.
    assert!(answer.header("x-frame-options").is_none());
    assert!(answer.header("content-security-policy").is_none());
    emulator.clock().advance(Duration::from_secs(86_400));
    let answer = visitor.authorize(&silent).await;
    assert_eq!(carried(&answer, "error"), "login_required");
}

#[tokio::test]
pub(crate) async fn several_accounts_are_picked_from_and_a_silent_request_cannot() {
    let emulator = start().await;
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&request(&[])).await;
    visitor.enter(&page, ALICE).await;
    let page = visitor.authorize(&request(&[("prompt", "login")])).await;
    visitor.enter(&page, BOB).await;
    let answer = visitor.authorize(&request(&[("prompt", "none")])).await;
    assert!(carried(&answer, "error_description").contains("AADSTS16000"));
    assert_eq!(carried(&answer, "error"), "interaction_required");
    let hinted = request(&[("prompt", "none"), ("login_hint", BOB)]);
    assert!(!carried(&visitor.authorize(&hinted).await, "code").is_empty());
    let page = visitor.authorize(&request(&[])).await;
    assert!(page.body.contains(">Pick an account<"), "{}", page.body);
    let answer = visitor.fill(&page, &[("login", ALICE)]).await;
    assert!(!carried(&answer, "code").is_empty());
    let page = visitor.authorize(&request(&[])).await;
    let page = visitor.fill(&page, &[("action", "other")]).await;
    assert!(page.body.contains("id=\"login\""), "{}", page.body);
}

#[tokio::test]
async fn every_prompt_asks_what_it_says() {
    let emulator = start().await;
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&request(&[("login_hint", ALICE)])).await;
    assert!(page.body.contains(">Enter password<"), "{}", page.body);
    visitor.enter(&page, ALICE).await;
    for (prompt, heading) in [
        ("login", "Sign in"),
        ("select_account", "Pick an account"),
        ("consent", "Permissions requested"),
    ] {
        let page = visitor.authorize(&request(&[("prompt", prompt)])).await;
        assert!(
            page.body.contains(&format!("<h1>{heading}</h1>")),
            "{prompt}"
        );
    }
    // Picking somebody does not stand for the password that `login` asks for.
    let page = visitor.authorize(&request(&[("prompt", "login")])).await;
    let page = visitor.fill(&page, &[("login", ALICE)]).await;
    assert!(page.body.contains(">Enter password<"), "{}", page.body);
    let old = request(&[("max_age", "60")]);
    assert_eq!(visitor.authorize(&old).await.status, 302);
    emulator.clock().advance(Duration::from_secs(61));
    assert_eq!(visitor.authorize(&old).await.status, 200);
}

#[tokio::test]
pub(crate) async fn consent_is_asked_once_and_a_silent_request_needs_it_beforehand() {
    let emulator = start().await;
    let mut visitor = Visitor::new(&emulator);
    let portal = |more: &[(&'static str, &'static str)]| {
        let mut fields = vec![
            ("client_id", PORTAL),
            ("redirect_uri", "http://localhost/callback"),
            ("scope", CONSENT),
        ];
        fields.extend(more);
        request(&fields)
    };
    let page = visitor.authorize(&portal(&[])).await;
    let page = visitor.enter(&page, BOB).await;
    assert!(page.body.contains("Read your orders"), "{}", page.body);
    let silent = visitor.authorize(&portal(&[("prompt", "none")])).await;
    assert_eq!(carried(&silent, "error"), "interaction_required");
    assert_eq!(carried(&silent, "suberror"), "consent_required");
    assert!(carried(&silent, "error_description").starts_with("AADSTS65001"));
    let declined = visitor.fill(&page, &[("action", "decline")]).await;
    assert_eq!(carried(&declined, "error"), "access_denied");
    assert_eq!(carried(&declined, "error_subcode"), "cancel");
    assert!(carried(&declined, "error_description").starts_with("AADSTS65004"));
    let accepted = visitor.fill(&page, &[("action", "accept")]).await;
    assert!(!carried(&accepted, "code").is_empty());
    let silent = visitor.authorize(&portal(&[("prompt", "none")])).await;
    assert!(!carried(&silent, "code").is_empty());
}

#[tokio::test]
pub(crate) async fn silent_requests_hear_of_policies() {
    let emulator = start().await;
    for (user, change, code) in [
        ("mfa@contoso.example", false, 50_076),
        ("mfa@contoso.example", true, 50_079),
    ] {
        let mut visitor = Visitor::new(&emulator);
        let changed = emulator.directory().change(|world| {
            let user = world.users.iter_mut().find(|one| one.upn == user).unwrap();
            user.mfa_not_enrolled = change;
            user.password = Some("mfa-password-for-tests-only".into());
        });
        changed.unwrap();
        let page = visitor.authorize(&request(&[])).await;
        visitor.enter(&page, user).await;
        let answer = visitor.authorize(&request(&[("prompt", "none")])).await;
        assert_eq!(carried(&answer, "error"), "interaction_required");
        let said = carried(&answer, "error_description");
        assert!(said.starts_with(&format!("AADSTS{code}")), "{said}");
    }
}

#[tokio::test]
pub(crate) async fn a_form_is_taken_only_from_the_browser_it_was_made_for() {
    let emulator = start().await;
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&request(&[])).await;
    let mut stranger = Visitor::new(&emulator);
    let refused = stranger.fill(&page, &[("login", ALICE)]).await;
    assert!(refused.body.contains("AADSTS90023"), "{}", refused.body);
    emulator.clock().advance(Duration::from_secs(3600));
    let late = visitor.fill(&page, &[("login", ALICE)]).await;
    assert!(late.body.contains("AADSTS50089"), "{}", late.body);
    let read = get(&emulator, "/common/login").await;
    assert!(read.body.contains("AADSTS900561"), "{}", read.body);
}

#[tokio::test]
pub(crate) async fn a_wrong_name_or_password_comes_back_with_the_page() {
    let emulator = start().await;
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&request(&[])).await;
    for (name, code) in [("x@nowhere.example", 50_128), ("x@contoso.example", 50_034)] {
        let again = visitor.fill(&page, &[("login", name)]).await;
        assert!(
            again.body.contains(&format!("AADSTS{code}")),
            "{}",
            again.body
        );
        assert!(again.body.contains(&format!("value=\"{name}\"")));
        assert!(again.body.contains("aria-invalid=\"true\""));
    }
    let wrong = [("login", ALICE), ("passwd", "wrong")];
    let again = visitor.fill(&page, &wrong).await;
    assert!(again.body.contains("AADSTS50126"), "{}", again.body);
    assert!(!visitor.cookies.iter().any(|(name, _)| name == "ESTSAUTH"));
}

#[tokio::test]
async fn pages_let_no_script_run_and_nobody_frame_them() {
    let emulator = start().await;
    let mut visitor = Visitor::new(&emulator);
    let hostile = request(&[("login_hint", "\"><script>alert(1)</script>@contoso.example")]);
    let page = visitor.authorize(&hostile).await;
    assert!(!page.body.contains("<script"), "{}", page.body);
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert_eq!(page.header("cache-control"), Some("no-store, no-cache"));
    let page = get(&emulator, "/error?code=%3Cscript%3E").await;
    assert!(page.body.contains("&lt;script&gt;"), "{}", page.body);
}

#[tokio::test]
pub(crate) async fn a_device_is_let_in_once_and_every_bad_code_has_its_error() {
    let emulator = start().await;
    let fields = [
        ("client_id", crate::support::DESKTOP),
        ("scope", "openid User.Read"),
    ];
    let path = format!("/{CONTOSO}/oauth2/v2.0/devicecode");
    let device = post(&emulator, &path, &fields).await.json();
    let code = device["user_code"].as_str().unwrap();
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.get("/devicelogin").await;
    for (typed, error) in [("  ", 90_121), ("ABCDEFGHJ", 90_119)] {
        let again = visitor.fill(&page, &[("otc", typed)]).await;
        assert!(
            again.body.contains(&format!("AADSTS{error}")),
            "{}",
            again.body
        );
    }
    let page = visitor.fill(&page, &[("otc", &code.to_lowercase())]).await;
    let page = visitor.enter(&page, BOB).await;
    assert!(page.body.contains("trying to sign in"), "{}", page.body);
    let done = visitor.fill(&page, &[("action", "continue")]).await;
    assert!(done.body.contains("You have signed in"), "{}", done.body);
    let page = visitor.get("/devicelogin").await;
    let again = visitor.fill(&page, &[("otc", code)]).await;
    assert!(again.body.contains("AADSTS90120"), "{}", again.body);
    let again = emulator.approve_device(code, BOB).await.unwrap_err();
    assert_eq!(again.aadsts_code(), Some(90_120));
    let again = emulator.decline_device(code).unwrap_err();
    assert_eq!(again.aadsts_code(), Some(90_120));
    let unknown = emulator.decline_device("ABCDEFGHJ").unwrap_err();
    assert_eq!(unknown.aadsts_code(), Some(90_119));
}

#[tokio::test]
async fn devices_are_let_in_and_sent_away_in_process_and_over_http() {
    let emulator = start().await;
    let fields = [
        ("client_id", crate::support::DESKTOP),
        ("scope", "openid User.Read"),
    ];
    let path = format!("/{CONTOSO}/oauth2/v2.0/devicecode");
    for (how, outcome) in [
        ("approve", ""),
        ("decline", "authorization_declined"),
        ("in process", ""),
        ("late", "expired_token"),
    ] {
        let device = post(&emulator, &path, &fields).await.json();
        let code = device["user_code"].as_str().unwrap();
        match how {
            "in process" => emulator.approve_device(code, ALICE).await.unwrap(),
            "late" => {
                emulator.clock().advance(Duration::from_secs(901));
                let late = emulator.approve_device(code, ALICE).await.unwrap_err();
                assert_eq!(late.aadsts_code(), Some(90_119));
            }
            how => {
                let line = format!("POST /_emulator/devices/{code}/{how}");
                let body = if how == "approve" {
                    r#"{"user":"bob@contoso.example"}"#
                } else {
                    ""
                };
                let done = crate::support::send(&emulator, &line, &[], body).await;
                assert_eq!(done.status, 200, "{done:?}");
            }
        }
        let poll = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", crate::support::DESKTOP),
            ("device_code", device["device_code"].as_str().unwrap()),
        ];
        let path = format!("/{CONTOSO}/oauth2/v2.0/token");
        let answer = post(&emulator, &path, &poll).await.json();
        assert_eq!(
            answer["error"].as_str().unwrap_or_default(),
            outcome,
            "{how}: {answer}"
        );
    }
}

#[tokio::test]
async fn cookies_over_https_go_to_frames_of_other_sites() {
    let emulator = start().await;
    let ca = reqwest::Certificate::from_pem(emulator.ca_pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([ca])
        .no_proxy()
        .build()
        .unwrap();
    let url = crate::authorize::url(&emulator, CONTOSO, crate::authorize::V2, &request(&[]));
    let answer = client.get(url).send().await.unwrap();
    let cookies = answer.headers().get_all("set-cookie").into_iter();
    let ours = cookies.filter(|cookie| cookie.to_str().unwrap().starts_with("buid="));
    let ours: Vec<_> = ours.collect();
    assert_eq!(ours.len(), 1);
    assert!(
        ours[0]
            .to_str()
            .unwrap()
            .ends_with("; path=/; secure; HttpOnly; SameSite=None")
    );
    let plain = Visitor::new(&emulator).authorize(&request(&[])).await;
    let lax = set_cookies(&plain);
    assert!(
        lax.iter()
            .any(|it| it.starts_with("buid=") && it.ends_with("SameSite=Lax"))
    );
}

#[tokio::test]
pub(crate) async fn what_no_page_of_ours_would_send_is_refused() {
    let emulator = start().await;
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&request(&[])).await;
    let fields = [("login", "alice\u{7}@contoso.example")];
    let answer = visitor.fill(&page, &fields).await;
    assert!(answer.body.contains("AADSTS90013"), "{}", answer.body);
    let fields = [("login", ALICE), ("postBackUrl", "https://evil.example/")];
    let answer = visitor.fill(&page, &fields).await;
    assert!(answer.body.contains("AADSTS135004"), "{}", answer.body);
}
