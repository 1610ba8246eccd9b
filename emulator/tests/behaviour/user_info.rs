//! UserInfo, and what scripts of other origins may read.

use identity_emulator::Emulator;

use crate::authorize::{request, sign_in};
use crate::support::{ALICE, Answer, CONTOSO, SPA, fields, get, post, send, start, verified};

/// An access token of a sign-in, and the `sub` of its ID token.
async fn tokens(emulator: &Emulator, scope: &'static str) -> (String, String) {
    let fields = request(&[
        ("client_id", SPA),
        ("redirect_uri", "http://localhost:3000"),
        ("response_type", "id_token token"),
        ("nonce", "n1"),
        ("scope", scope),
    ]);
    let answer = sign_in(emulator, &fields, ALICE).await;
    let (_, claims) = verified(emulator, &answer.field("id_token").unwrap()).await;
    let sub = claims["sub"].as_str().unwrap().to_owned();
    (answer.field("access_token").unwrap(), sub)
}

async fn asked(emulator: &Emulator, line: &str, token: &str) -> Answer {
    let header = format!("authorization: Bearer {token}");
    send(emulator, line, &[&header], "").await
}

#[tokio::test]
pub(crate) async fn userinfo_says_who_the_token_is_about_with_the_sub_of_the_id_token() {
    let emulator = start().await;
    let (token, sub) = tokens(&emulator, "openid profile email User.Read").await;
    let tenant = format!("POST /{CONTOSO}/openid/userinfo");
    for line in ["GET /oidc/userinfo", "POST /oidc/userinfo", &tenant] {
        let answer = asked(&emulator, line, &token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["sub"], sub.as_str());
        assert_eq!(
            answer.members(),
            [
                "sub",
                "name",
                "family_name",
                "given_name",
                "picture",
                "email"
            ]
        );
    }
}

#[tokio::test]
async fn userinfo_refuses_every_other_token_with_a_challenge() {
    let emulator = start().await;
    let (token, _) = tokens(&emulator, "openid User.Read").await;
    let (head, signature) = token.rsplit_once('.').unwrap();
    let broken = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let orders = fields("https://graph.microsoft.com/.default");
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    let application = post(&emulator, &path, &orders).await.json();
    let application = application["access_token"].as_str().unwrap();
    let ours = fields("api://orders/.default");
    let other = post(&emulator, &path, &ours).await.json();
    let other = other["access_token"].as_str().unwrap();
    for (token, why) in [
        ("", "empty"),
        ("x", "well formed"),
        (broken.as_str(), "signature"),
        (other, "audience"),
        (application, "scope"),
    ] {
        let answer = asked(&emulator, "GET /oidc/userinfo", token).await;
        assert_eq!(answer.status, 401, "{why}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(
            challenge.starts_with("Bearer ") && challenge.contains(why),
            "{challenge}"
        );
        assert_eq!(answer.json()["error"]["code"], "InvalidAuthenticationToken");
    }
    emulator
        .clock()
        .advance(std::time::Duration::from_secs(7200));
    let answer = asked(&emulator, "GET /oidc/userinfo", &token).await;
    assert!(answer.body.contains("expired"), "{answer:?}");
}

#[tokio::test]
async fn scripts_of_other_origins_read_what_applications_need() {
    let emulator = start().await;
    let origin = "origin: https://spa.contoso.example";
    let wanted = [
        origin,
        "access-control-request-method: GET",
        "access-control-request-headers: authorization, x-ms-lib",
    ];
    for path in [
        "/common/v2.0/.well-known/openid-configuration",
        "/common/discovery/v2.0/keys",
        "/common/oauth2/v2.0/token",
        "/oidc/userinfo",
    ] {
        let answer = send(&emulator, &format!("OPTIONS {path}"), &wanted, "").await;
        assert_eq!(answer.status, 204, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let headers = answer.header("access-control-allow-headers");
        assert_eq!(headers, Some("authorization, x-ms-lib"));
        let answer = send(&emulator, &format!("POST {path}"), &[origin], "").await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("*"),
            "{path}"
        );
    }
    let page = get(&emulator, "/devicelogin").await;
    assert!(page.header("access-control-allow-origin").is_none());
}
