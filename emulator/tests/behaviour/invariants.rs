//! Findings: what each rule fires at, and what it leaves alone.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity_emulator::{Emulator, Invariant, Severity};
use serde_json::json;

use crate::support::{
    CONTOSO, DAEMON, SECRET, VAULT, by_password, encoded, fields, send, start, with,
};

/// The rules that the newest entry of the journal breaks.
fn found(emulator: &Emulator) -> Vec<String> {
    let entries = emulator.journal().entries();
    let findings = entries.last().unwrap().findings.iter();
    findings.map(|finding| finding.rule.clone()).collect()
}

/// What is found about a request to the token endpoint.
async fn token(emulator: &Emulator, headers: &[&str], fields: &[(&str, &str)]) -> Vec<String> {
    token_at(emulator, "oauth2/v2.0/token", headers, fields).await
}

async fn token_at(
    emulator: &Emulator,
    end: &str,
    headers: &[&str],
    fields: &[(&str, &str)],
) -> Vec<String> {
    let line = format!("POST /{CONTOSO}/{end}");
    send(emulator, &line, headers, &encoded(fields)).await;
    found(emulator)
}

const SIGN_IN: &[(&str, &str)] = &[
    ("client_id", "bbbbbbbb-0000-4000-8000-000000000006"),
    ("response_type", "code"),
    ("redirect_uri", "http://localhost/callback"),
    ("scope", "openid"),
    ("state", "s"),
    (
        "code_challenge",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    ),
    ("code_challenge_method", "S256"),
];

/// What is found about a sign-in that is as it should be but for these changes.
async fn authorize(emulator: &Emulator, changes: &[(&str, &str)]) -> Vec<String> {
    let query = encoded(&with(SIGN_IN, changes));
    let line = format!("GET /{CONTOSO}/oauth2/v2.0/authorize?{query}");
    send(emulator, &line, &[], "").await;
    found(emulator)
}

async fn imds(emulator: &Emulator, headers: &[&str]) -> Vec<String> {
    let line = "GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net";
    send(emulator, line, headers, "").await;
    found(emulator)
}

/// `rule` is among what was found the first time, and not the second.
#[track_caller]
fn assert_only(rule: &str, fires: &[String], quiet: &[String]) {
    assert!(fires.iter().any(|one| one == rule), "{rule}: {fires:?}");
    assert!(!quiet.iter().any(|one| one == rule), "{rule}: {quiet:?}");
}

#[tokio::test]
async fn a_secret_in_a_url_is_found_and_a_code_is_none() {
    let emulator = start().await;
    let asked = async |query: &str| {
        send(&emulator, &format!("GET /x?{query}"), &[], "").await;
        found(&emulator)
    };
    let fires = asked(&format!("Client_Secret={SECRET}")).await;
    assert_only(
        "secret_in_url",
        &fires,
        &asked("code=abc&client_secret=").await,
    );
    let text = serde_json::to_string(&emulator.journal().entries()).unwrap();
    assert!(!text.contains(SECRET), "{text}");
}

#[tokio::test]
async fn the_token_service_wants_tls() {
    let emulator = start().await;
    let plain = token(&emulator, &[], &fields(VAULT)).await;
    let ca = reqwest::Certificate::from_pem(emulator.ca_pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([ca])
        .build()
        .unwrap();
    let url = format!("{}/common/discovery/keys", emulator.https());
    client.get(url).send().await.unwrap();
    assert_only("plain_http", &plain, &found(&emulator));
    // Hosts of managed identities have none.
    assert_only(
        "plain_http",
        &plain,
        &imds(&emulator, &["metadata: true"]).await,
    );
}

#[tokio::test]
async fn a_metadata_service_wants_its_header_and_no_proxy() {
    let emulator = start().await;
    let right = imds(&emulator, &["Metadata: True"]).await;
    assert_eq!(right, [""; 0]);
    for wrong in [&[][..], &["metadata: yes"]] {
        assert_only(
            "metadata_header_missing",
            &imds(&emulator, wrong).await,
            &right,
        );
    }
    let forwarded = imds(&emulator, &["metadata: true", "x-forwarded-for: 10.0.0.1"]).await;
    assert_only("forwarded_request", &forwarded, &right);
}

#[tokio::test]
async fn a_redirect_without_tls_stays_on_this_machine() {
    let emulator = start().await;
    let to = async |uri: &str| authorize(&emulator, &[("redirect_uri", uri)]).await;
    let fires = to("http://app.contoso.example/callback").await;
    for local in [
        "http://localhost:8400",
        "http://127.0.0.1/x",
        "http://[::1]/x",
        "https://a.example",
    ] {
        assert_only("redirect_uri_http", &fires, &to(local).await);
    }
}

#[tokio::test]
async fn a_sign_in_has_a_challenge_a_state_and_a_code() {
    let emulator = start().await;
    let right = authorize(&emulator, &[]).await;
    assert_eq!(right, ["plain_http"]);
    let none = [("code_challenge", ""), ("code_challenge_method", "")];
    let without = authorize(&emulator, &none).await;
    assert_only("pkce_missing", &without, &right);
    for method in ["plain", ""] {
        let plain = authorize(&emulator, &[("code_challenge_method", method)]).await;
        assert_only("pkce_plain", &plain, &right);
        assert_only("pkce_plain", &plain, &without);
    }
    let stateless = authorize(&emulator, &[("state", "")]).await;
    assert_only("state_missing", &stateless, &right);
    let implicit = authorize(&emulator, &[("response_type", "id_token token")]).await;
    assert_only("implicit_grant", &implicit, &right);
    let id_only = authorize(&emulator, &[("response_type", "id_token")]).await;
    assert_only("implicit_grant", &implicit, &id_only);
}

#[tokio::test]
async fn a_request_for_a_token_follows_the_customs() {
    let emulator = start().await;
    let id = "client-request-id: 11111111-2222-4333-8444-555555555555";
    let right = token(&emulator, &[id], &fields(VAULT)).await;
    assert_eq!(right, ["plain_http"]);
    let passwords = token(&emulator, &[id], &by_password(VAULT)).await;
    assert_only("password_grant", &passwords, &right);
    let v1 = token_at(&emulator, "oauth2/token", &[id], &fields(VAULT)).await;
    assert_only("v1_endpoint", &v1, &right);
    for (name, value) in [
        ("scope", "https://graph.windows.net/.default"),
        ("resource", "00000002-0000-0000-c000-000000000000"),
    ] {
        let changes = [("scope", ""), (name, value)];
        let old = token(&emulator, &[id], &with(&fields(VAULT), &changes)).await;
        assert_only("retired_resource", &old, &right);
    }
    let two = with(&fields(VAULT), &[("client_assertion", "x")]);
    assert_only("two_proofs", &token(&emulator, &[id], &two).await, &right);
    let basic = [id, "authorization: Basic eDp5"];
    assert_only(
        "two_proofs",
        &token(&emulator, &basic, &fields(VAULT)).await,
        &right,
    );
    let anonymous = token(&emulator, &[], &fields(VAULT)).await;
    assert_only("request_id_missing", &anonymous, &right);
    let by_field = with(&fields(VAULT), &[("client-request-id", "x")]);
    assert_only(
        "request_id_missing",
        &anonymous,
        &token(&emulator, &[], &by_field).await,
    );
}

/// What is found about an assertion, whose signature the rules do not ask for.
async fn asserted(emulator: &Emulator, claims: serde_json::Value) -> Vec<String> {
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": "AAAA" }));
    let assertion = format!("{header}.{}.AAAA", part(claims));
    let changes = [
        ("client_secret", ""),
        ("client_assertion", assertion.as_str()),
    ];
    token(emulator, &[], &with(&fields(VAULT), &changes)).await
}

#[tokio::test]
async fn an_assertion_is_short_lived_and_for_the_endpoint_it_goes_to() {
    let emulator = start().await;
    let now = emulator.clock().now().unix_timestamp();
    let here = format!("https://login.microsoftonline.com/{CONTOSO}/oauth2/v2.0/token");
    let claims = |subject: &str, audience: &str, seconds: i64| json!({ "iss": DAEMON, "sub": subject, "aud": audience, "nbf": now, "exp": now + seconds });
    let right = asserted(&emulator, claims(DAEMON, &here, 600)).await;
    let long = asserted(&emulator, claims(DAEMON, &here, 3601)).await;
    assert_only("assertion_lifetime", &long, &right);
    let issuer = format!("https://login.microsoftonline.com/{CONTOSO}/v2.0");
    for audience in [
        &issuer,
        "x",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    ] {
        let other = asserted(&emulator, claims(DAEMON, audience, 600)).await;
        assert_only("assertion_audience", &other, &right);
    }
    // Another issuer's has rules of its own.
    let federated = asserted(
        &emulator,
        claims("repo:contoso", "api://AzureADTokenExchange", 86_400),
    )
    .await;
    assert_only(
        "assertion_audience",
        &["assertion_audience".to_owned()],
        &federated,
    );
    assert_only("assertion_lifetime", &long, &federated);
}

/// Moves the emulator's clock, which these tests have stopped.
fn pass(emulator: &Emulator, seconds: f32) {
    emulator.clock().advance(Duration::from_secs_f32(seconds));
}

#[tokio::test]
async fn a_second_token_for_the_same_is_asked_for_when_half_of_its_life_is_over() {
    let emulator = start().await;
    emulator.clock().freeze();
    let ask = async |seconds: f32, scope: &str| {
        pass(&emulator, seconds);
        token(&emulator, &[], &fields(scope)).await
    };
    let first = ask(0.0, VAULT).await;
    let again = ask(60.0, VAULT).await;
    assert_only("token_again", &again, &first);
    assert_only(
        "token_again",
        &again,
        &ask(1.0, "api://orders/.default").await,
    );
    assert_only("token_again", &again, &ask(1860.0, VAULT).await);
    let claims = with(&fields(VAULT), &[("claims", "{}")]);
    assert_only("token_again", &again, &token(&emulator, &[], &claims).await);
    let host = imds(&emulator, &["metadata: true"]).await;
    pass(&emulator, 1.0);
    assert_only(
        "token_again",
        &imds(&emulator, &["metadata: true"]).await,
        &host,
    );
}

#[tokio::test]
async fn a_retry_waits_as_long_as_it_was_asked_to() {
    let emulator = start().await;
    emulator.clock().freeze();
    let after = async |seconds: f32| {
        emulator.script().clear();
        emulator.script().preset("throttle-429-minutes").unwrap();
        token(&emulator, &[], &fields(VAULT)).await;
        emulator.script().clear();
        pass(&emulator, seconds);
        token(&emulator, &[], &fields(VAULT)).await
    };
    let (soon, later) = (after(100.0).await, after(400.0).await);
    assert_only("retry_too_soon", &soon, &later);
    // Who has never been told to wait may come at once.
    let other = token(&emulator, &[], &fields("api://orders/.default")).await;
    assert_only("retry_too_soon", &soon, &other);
}

#[tokio::test]
async fn a_request_that_keeps_failing_is_given_up() {
    let emulator = start().await;
    emulator.clock().freeze();
    emulator.script().preset("entra-outage").unwrap();
    let mut all = Vec::new();
    for _ in 0..11 {
        pass(&emulator, 2.0);
        all.push(token(&emulator, &[], &fields(VAULT)).await);
    }
    assert_only("retries_unbounded", &all[10], &all[9]);
    pass(&emulator, 600.0);
    let later = token(&emulator, &[], &fields(VAULT)).await;
    assert_only("retries_unbounded", &all[10], &later);
}

#[tokio::test]
async fn a_device_polls_at_the_pace_it_was_told() {
    let emulator = start().await;
    emulator.clock().freeze();
    let poll = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", "bbbbbbbb-0000-4000-8000-000000000006"),
        ("device_code", "x"),
    ];
    let polled = async |seconds: f32| {
        pass(&emulator, seconds);
        token(&emulator, &[], &poll).await
    };
    let first = polled(0.0).await;
    let soon = polled(1.0).await;
    assert_only("device_poll_too_soon", &soon, &first);
    assert_only("device_poll_too_soon", &soon, &polled(60.0).await);
}

#[tokio::test]
async fn a_finding_says_how_bad_it_is_and_changes_no_answer() {
    let emulator = start().await;
    let line = format!("POST /{CONTOSO}/oauth2/token");
    let old = with(
        &fields(VAULT),
        &[("scope", ""), ("resource", "https://vault.azure.net")],
    );
    let answer = send(&emulator, &line, &[], &encoded(&old)).await;
    assert_eq!(answer.status, 200);
    let entry = emulator.journal().entries().remove(0);
    for finding in &entry.findings {
        let invariant = Invariant::named(&finding.rule).unwrap();
        assert_eq!(finding.severity, invariant.severity);
        assert!(!finding.text.is_empty());
    }
    let severities: Vec<_> = entry
        .findings
        .iter()
        .map(|one| (one.rule.as_str(), one.severity))
        .collect();
    assert!(severities.contains(&("v1_endpoint", Severity::Warning)));
    assert!(severities.contains(&("plain_http", Severity::Error)));
}

#[test]
fn every_rule_has_a_name_of_its_own_and_a_sentence() {
    let all = Invariant::all();
    for (index, invariant) in all.iter().enumerate() {
        assert!(invariant.about.ends_with(['.', ')']), "{}", invariant.id);
        assert!(
            all[index + 1..]
                .iter()
                .all(|other| other.id != invariant.id)
        );
    }
}
