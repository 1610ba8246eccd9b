//! `/authorize`: what an application gets for a sign-in, and how it travels.

use identity_emulator::{Emulator, SignInAnswer};
use serde_json::Value;

use crate::support::{
    ALICE, CONTOSO, DESKTOP, FABRIKAM, PORTAL, SPA, encoded, post, start, verified,
};

pub(crate) const BOB: &str = "bob@contoso.example";
pub(crate) const V2: &str = "oauth2/v2.0/authorize";

pub(crate) type Fields = Vec<(&'static str, &'static str)>;

/// A proper request of the desktop application, with other fields and without the empty ones.
pub(crate) fn request(changes: &[(&'static str, &'static str)]) -> Fields {
    let mut fields = vec![
        ("client_id", DESKTOP),
        ("response_type", "code"),
        ("redirect_uri", "http://localhost:8400"),
        (
            "scope",
            "openid profile https://graph.microsoft.com/User.Read",
        ),
        ("state", "s1"),
    ];
    for (name, value) in changes {
        fields.retain(|(key, _)| key != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    fields
}

/// One of the portal, which may have ID tokens.
fn portal(changes: &[(&'static str, &'static str)]) -> Fields {
    let mut fields = vec![
        ("client_id", PORTAL),
        ("redirect_uri", "http://localhost/callback"),
        ("scope", "openid profile"),
        ("nonce", "n1"),
    ];
    fields.extend(changes);
    request(&fields)
}

pub(crate) fn url(emulator: &Emulator, tenant: &str, path: &str, fields: &Fields) -> String {
    format!("{}/{tenant}/{path}?{}", emulator.https(), encoded(fields))
}

pub(crate) async fn sign_in(emulator: &Emulator, fields: &Fields, user: &str) -> SignInAnswer {
    let url = url(emulator, CONTOSO, V2, fields);
    let answer = emulator.sign_in(&url, user).await.unwrap();
    crate::shown::watch(emulator);
    answer
}

async fn redeemed(emulator: &Emulator, code: &str) -> Value {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", DESKTOP),
        ("redirect_uri", "http://localhost:8400"),
        ("code", code),
    ];
    post(emulator, &format!("/{CONTOSO}/oauth2/v2.0/token"), &fields)
        .await
        .json()
}

/// What `c_hash` and `at_hash` are, by OpenID Connect Core 1.0, section 3.3.2.11.
fn half_hash(value: &str) -> String {
    use base64::Engine as _;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, value.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}

#[tokio::test]
pub(crate) async fn a_code_comes_in_the_query_of_the_redirect_uri_and_is_redeemed() {
    let emulator = start().await;
    let answer = sign_in(&emulator, &request(&[("client_info", "1")]), ALICE).await;
    let SignInAnswer::Redirect(to) = &answer else {
        panic!("{answer:?}")
    };
    assert!(to.starts_with("http://localhost:8400/?code=1.A"), "{to}");
    let query = to.split_once('?').unwrap().1;
    let names: Vec<_> = query
        .split('&')
        .map(|pair| pair.split('=').next().unwrap())
        .collect();
    assert_eq!(names, ["code", "client_info", "state", "session_state"]);
    let tokens = redeemed(&emulator, &answer.field("code").unwrap()).await;
    let (_, claims) = verified(&emulator, tokens["id_token"].as_str().unwrap()).await;
    assert_eq!(claims["preferred_username"], ALICE);
}

#[tokio::test]
async fn a_hybrid_answer_ties_the_id_token_to_the_code_in_the_fragment() {
    let emulator = start().await;
    let fields = portal(&[("response_type", "code id_token")]);
    let answer = sign_in(&emulator, &fields, ALICE).await;
    let SignInAnswer::Redirect(to) = &answer else {
        panic!("{answer:?}")
    };
    assert!(to.starts_with("http://localhost/callback#code="), "{to}");
    let (header, claims) = verified(&emulator, &answer.field("id_token").unwrap()).await;
    assert_eq!(header.typ.as_deref(), Some("JWT"));
    assert_eq!(claims["aud"], PORTAL);
    assert_eq!(claims["nonce"], "n1");
    assert_eq!(claims["c_hash"], half_hash(&answer.field("code").unwrap()));
    let issuer = format!("{}/{CONTOSO}/v2.0", emulator.https());
    assert_eq!(claims["iss"], issuer.as_str());
}

#[tokio::test]
async fn an_implicit_answer_ties_the_id_token_to_the_access_token() {
    let emulator = start().await;
    let fields = request(&[
        ("client_id", SPA),
        ("redirect_uri", "http://localhost:3000"),
        ("response_type", "id_token token"),
        ("nonce", "n1"),
    ]);
    let answer = sign_in(&emulator, &fields, BOB).await;
    let token = answer.field("access_token").unwrap();
    assert_eq!(answer.field("token_type").as_deref(), Some("Bearer"));
    assert_eq!(answer.field("expires_in").as_deref(), Some("3599"));
    assert!(answer.field("scope").unwrap().contains("User.Read"));
    let (_, claims) = verified(&emulator, &answer.field("id_token").unwrap()).await;
    assert_eq!(claims["at_hash"], half_hash(&token));
    assert_eq!(verified(&emulator, &token).await.1["appidacr"], "0");
}

#[tokio::test]
async fn a_v1_request_gets_a_v1_id_token() {
    let emulator = start().await;
    let fields = portal(&[("response_type", "id_token"), ("scope", "openid")]);
    let url = url(&emulator, CONTOSO, "oauth2/authorize", &fields);
    let answer = emulator.sign_in(&url, ALICE).await.unwrap();
    let (_, claims) = verified(&emulator, &answer.field("id_token").unwrap()).await;
    assert_eq!(claims["ver"], "1.0");
    assert_eq!(claims["unique_name"], ALICE);
}

#[tokio::test]
async fn form_post_is_a_page_that_posts_itself_and_can_be_posted_by_hand() {
    let emulator = start().await;
    let fields = request(&[("response_mode", "form_post"), ("state", "<\"&'>")]);
    let answer = sign_in(&emulator, &fields, ALICE).await;
    let SignInAnswer::FormPost { action, .. } = &answer else {
        panic!("{answer:?}")
    };
    assert_eq!(action, "http://localhost:8400");
    assert_eq!(answer.field("state").as_deref(), Some("<\"&'>"));
    let entries = emulator.journal().of("entra.login");
    let page = &entries.last().unwrap().reply_body;
    assert!(
        page.contains("value=\"&lt;&quot;&amp;&#39;&gt;\""),
        "{page}"
    );
    assert!(
        page.contains("<button") && page.contains("<script>"),
        "{page}"
    );
}

#[tokio::test]
async fn the_only_redirect_uri_need_not_be_named_and_localhost_may_have_any_port() {
    let emulator = start().await;
    let unnamed = sign_in(&emulator, &request(&[("redirect_uri", "")]), ALICE).await;
    assert!(
        format!("{unnamed:?}").contains("http://localhost/"),
        "{unnamed:?}"
    );
    let other = request(&[("redirect_uri", "http://localhost:1")]);
    assert!(
        sign_in(&emulator, &other, ALICE)
            .await
            .field("code")
            .is_some()
    );
}

#[tokio::test]
async fn a_guest_signs_in_to_the_other_tenant_and_keeps_the_account_of_home() {
    let emulator = start().await;
    let fields = portal(&[("response_type", "id_token"), ("client_info", "1")]);
    let url = url(&emulator, FABRIKAM, V2, &fields);
    let answer = emulator.sign_in(&url, ALICE).await.unwrap();
    let (_, claims) = verified(&emulator, &answer.field("id_token").unwrap()).await;
    assert_eq!(claims["tid"], FABRIKAM);
    assert_eq!(claims["idp"], format!("https://sts.windows.net/{CONTOSO}/"));
    assert_ne!(claims["oid"], "eeeeeeee-0000-4000-8000-000000000001");
}

#[tokio::test]
async fn on_common_the_user_decides_the_tenant() {
    let emulator = start().await;
    let fields = portal(&[("response_type", "id_token")]);
    for (user, tenant) in [
        (ALICE, CONTOSO),
        ("frida@fabrikam.onmicrosoft.com", FABRIKAM),
    ] {
        let url = url(&emulator, "common", V2, &fields);
        let answer = emulator.sign_in(&url, user).await.unwrap();
        let (_, claims) = verified(&emulator, &answer.field("id_token").unwrap()).await;
        assert_eq!(claims["tid"], tenant);
    }
}

#[tokio::test]
async fn the_journal_shows_a_sign_in_without_codes_cookies_or_passwords() {
    let emulator = start().await;
    let answer = sign_in(&emulator, &request(&[]), ALICE).await;
    let code = answer.field("code").unwrap();
    let journal = serde_json::to_string(&emulator.journal().entries()).unwrap();
    assert!(!journal.contains(&code));
    assert!(!journal.contains("alice-password"));
    let cookies = journal.matches("ESTSAUTH=").count();
    assert_eq!(journal.matches("ESTSAUTH=***").count(), cookies);
    assert!(cookies > 0 && journal.contains("entra.login"));
    assert!(!format!("{answer:?}").contains(&code));
}

#[tokio::test]
async fn the_same_goes_over_http() {
    let emulator = start().await;
    let url = url(&emulator, CONTOSO, V2, &request(&[]));
    let order = serde_json::json!({ "url": url, "user": ALICE }).to_string();
    let json = "content-type: application/json";
    let answer = crate::support::send(&emulator, "POST /_emulator/sign_in", &[json], &order).await;
    let answer: SignInAnswer = serde_json::from_str(&answer.body).unwrap();
    assert!(answer.field("code").is_some());
    let order = serde_json::json!({ "url": url, "user": "nobody" }).to_string();
    let answer = crate::support::send(&emulator, "POST /_emulator/sign_in", &[json], &order).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("nobody"), "{answer:?}");
}
