//! `/authorize`: one test, or row, per error, and where it is told: on a page as long as the
//! redirect URI is not proven to be the application's, at the redirect URI afterwards.

use identity_emulator::World;

use crate::authorize::{BOB, Fields, V2, request, sign_in, url};
use crate::support::{ALICE, CONTOSO, FABRIKAM, PORTAL, SPA, builder, get, start};

const PAYROLL: &str = "bbbbbbbb-0000-4000-8000-000000000009";
const DISABLED: &str = "bbbbbbbb-0000-4000-8000-000000000002";
const ORDERS_API: &str = "bbbbbbbb-0000-4000-8000-000000000004";
const LEDGER_API: &str = "bbbbbbbb-0000-4000-8000-000000000005";
const LONG: &str = include_str!("authorize_errors.rs");

/// The code on the error page that a request gets, with status 200 as the real service has it.
async fn page(tenant: &str, fields: &Fields) -> u32 {
    let emulator = start().await;
    let query = crate::support::encoded(fields);
    let answer = get(&emulator, &format!("/{tenant}/{V2}?{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(
        answer
            .body
            .contains("<title>Sign in to your account</title>")
    );
    for fact in ["Request Id: ", "Correlation Id: ", "Timestamp: "] {
        assert!(answer.body.contains(fact), "{fact}");
    }
    let message = answer.body.split("Message: AADSTS").nth(1);
    let code = message.unwrap_or_else(|| panic!("no error: {}", answer.body));
    let code = code.split(':').next().unwrap().parse().unwrap();
    assert_eq!(emulator.journal().entries()[0].error, Some(code));
    code
}

/// Error and code that come back at the redirect URI.
async fn returned(fields: &Fields, user: &str) -> (String, u32) {
    let emulator = start().await;
    let answer = sign_in(&emulator, fields, user).await;
    let field = |name| answer.field(name).unwrap_or_default();
    assert_eq!(field("state"), "s1");
    let description = field("error_description");
    let code = description
        .strip_prefix("AADSTS")
        .unwrap_or_else(|| panic!("{answer:?}"));
    let code = code.split(':').next().unwrap().parse().unwrap();
    if !field("error_uri").is_empty() {
        assert!(field("error_uri").ends_with(&format!("/error?code={code}")));
    }
    assert!(description.contains(" Trace ID: ") && !description.contains('\n'));
    (field("error"), code)
}

#[tokio::test]
pub(crate) async fn what_is_wrong_before_the_redirect_uri_is_proven_is_a_page() {
    let long = request(&[("claims", LONG), ("nonce", LONG), ("domain_hint", LONG)]);
    let mut twice = request(&[]);
    twice.push(("client_id", PORTAL));
    let cases = [
        (
            900_021,
            "00000000-0000-0000-0000-000000000000",
            request(&[]),
        ),
        (900_023, "contoso", request(&[])),
        (90_002, "nowhere.example", request(&[])),
        (900_144, CONTOSO, request(&[("client_id", "")])),
        (700_016, CONTOSO, request(&[("client_id", "zz")])),
        (700_016, FABRIKAM, request(&[])),
        (7_000_112, CONTOSO, request(&[("client_id", DISABLED)])),
        (50_194, "common", request(&[])),
        (9_002_332, "consumers", request(&[("client_id", PORTAL)])),
        (
            50_011,
            CONTOSO,
            request(&[("redirect_uri", "http://localhost/x")]),
        ),
        (
            50_011,
            CONTOSO,
            request(&[("redirect_uri", "http://127.0.0.1")]),
        ),
        (500_113, CONTOSO, request(&[("client_id", LEDGER_API)])),
        (
            900_971,
            CONTOSO,
            request(&[("client_id", LEDGER_API), ("redirect_uri", "")]),
        ),
        (
            900_971,
            CONTOSO,
            request(&[("client_id", SPA), ("redirect_uri", "")]),
        ),
        (90_102, CONTOSO, request(&[("redirect_uri", "/callback")])),
        (90_004, CONTOSO, twice),
        (90_015, CONTOSO, long),
    ];
    for (code, tenant, fields) in cases {
        assert_eq!(page(tenant, &fields).await, code, "{tenant} {fields:?}");
    }
}

#[tokio::test]
pub(crate) async fn what_is_wrong_afterwards_goes_back_to_the_application() {
    let id_token = [
        ("client_id", PORTAL),
        ("redirect_uri", "http://localhost/callback"),
        ("response_type", "id_token"),
    ];
    let with = |more: &[(&'static str, &'static str)]| {
        let mut fields = id_token.to_vec();
        fields.extend(more);
        request(&fields)
    };
    let unsupported = "unsupported_response_type";
    let invalid = "invalid_request";
    let cases = [
        (invalid, 900_144, request(&[("response_type", "")])),
        (invalid, 9_002_313, request(&[("claims", "nonsense")])),
        (unsupported, 70_005, request(&[("response_type", "magic")])),
        (
            unsupported,
            70_005,
            request(&[("response_type", "code token")]),
        ),
        (
            unsupported,
            70_005,
            with(&[("nonce", "n"), ("scope", "profile")]),
        ),
        (
            unsupported,
            700_054,
            request(&[("response_type", "id_token"), ("nonce", "n")]),
        ),
        (unsupported, 700_051, with(&[("response_type", "token")])),
        (
            invalid,
            70_007,
            with(&[("nonce", "n"), ("response_mode", "query")]),
        ),
        (invalid, 70_007, request(&[("response_mode", "pigeon")])),
        (invalid, 90014, with(&[])),
        (invalid, 900_144, request(&[("scope", "")])),
        (
            invalid,
            901_002,
            request(&[("resource", "https://graph.microsoft.com")]),
        ),
        (
            invalid,
            50_147,
            request(&[("code_challenge_method", "S256")]),
        ),
        (invalid, 501_491, request(&[("code_challenge", "short")])),
        (
            invalid,
            90_100,
            request(&[("code_challenge", "x"), ("code_challenge_method", "S512")]),
        ),
        (invalid, 90_023, request(&[("prompt", "shout")])),
        (invalid, 90_023, request(&[("prompt", "none login")])),
        (
            "invalid_resource",
            500_011,
            request(&[("scope", "api://nowhere/Read")]),
        ),
        (
            "invalid_scope",
            70_011,
            request(&[("scope", "no uri/Read")]),
        ),
        (
            "invalid_scope",
            70_011,
            request(&[("scope", "api://orders/Nothing")]),
        ),
        ("login_required", 50_058, request(&[("prompt", "none")])),
    ];
    for (error, code, fields) in cases {
        let said = returned(&fields, ALICE).await;
        assert_eq!(said, (error.to_owned(), code), "{fields:?}");
    }
}

#[tokio::test]
pub(crate) async fn one_implicit_token_is_not_for_two_resources() {
    let fields = request(&[
        ("client_id", SPA),
        ("redirect_uri", "http://localhost:3000"),
        ("response_type", "token"),
        ("scope", "User.Read api://orders/Orders.Read"),
    ]);
    let said = returned(&fields, ALICE).await;
    assert_eq!(said, ("invalid_request".to_owned(), 700_022));
}

/// The code of the page a sign-in ends on.
async fn ended(tenant: &str, fields: &Fields, user: &str) -> Option<u32> {
    let emulator = start().await;
    let url = url(&emulator, tenant, V2, fields);
    let error = emulator.sign_in(&url, user).await.unwrap_err();
    crate::shown::watch(&emulator);
    assert_eq!(
        emulator.journal().entries().last().unwrap().error,
        error.aadsts_code()
    );
    error.aadsts_code()
}

#[tokio::test]
pub(crate) async fn a_user_who_may_not_sign_in_is_told_so() {
    let payroll = request(&[
        ("client_id", PAYROLL),
        ("redirect_uri", ""),
        ("scope", "openid"),
    ]);
    let portal = request(&[
        ("client_id", PORTAL),
        ("redirect_uri", "http://localhost/callback"),
        ("scope", "openid"),
    ]);
    let plain = request(&[]);
    let frida = "frida@fabrikam.onmicrosoft.com";
    let cases = [
        (50_020, CONTOSO, &plain, frida),
        (50_020, FABRIKAM, &portal, BOB),
        (50_105, CONTOSO, &payroll, BOB),
        (53_003, CONTOSO, &plain, "blocked@contoso.example"),
        (50_057, CONTOSO, &plain, "disabled@contoso.example"),
        (50_055, CONTOSO, &plain, "expired@contoso.example"),
        (50_053, CONTOSO, &plain, "locked@contoso.example"),
    ];
    for (code, tenant, fields, user) in cases {
        assert_eq!(ended(tenant, fields, user).await, Some(code), "{user}");
    }
    let emulator = start().await;
    let assigned = sign_in(&emulator, &payroll, ALICE).await;
    assert!(assigned.field("code").is_some());
}

#[tokio::test]
pub(crate) async fn a_user_without_a_password_cannot_give_one() {
    let mut world = World::basic();
    world.users[0].password = None;
    let emulator = builder().world(world).start().await.unwrap();
    let url = url(&emulator, CONTOSO, V2, &request(&[]));
    let error = emulator.sign_in(&url, ALICE).await.unwrap_err();
    crate::shown::watch(&emulator);
    assert_eq!(error.aadsts_code(), Some(50_056));
}

#[tokio::test]
pub(crate) async fn a_permission_for_administrators_is_not_for_everybody() {
    let wanted = request(&[("scope", "openid api://orders/Orders.Write")]);
    assert_eq!(ended(CONTOSO, &wanted, BOB).await, Some(90_094));
    let emulator = start().await;
    assert!(
        sign_in(&emulator, &wanted, ALICE)
            .await
            .field("code")
            .is_some()
    );
}

#[tokio::test]
pub(crate) async fn people_may_be_able_to_ask_an_administrator() {
    let mut world = World::basic();
    world.tenants[0].admin_consent_requests = true;
    let emulator = builder().world(world).start().await.unwrap();
    let wanted = request(&[("scope", "openid api://orders/Orders.Write")]);
    let url = url(&emulator, CONTOSO, V2, &wanted);
    let error = emulator.sign_in(&url, BOB).await.unwrap_err();
    crate::shown::watch(&emulator);
    assert_eq!(error.aadsts_code(), Some(90_095));
}

#[tokio::test]
pub(crate) async fn a_code_is_not_redeemed_on_the_sign_in_page() {
    let lost = request(&[
        ("response_type", ""),
        ("grant_type", "authorization_code"),
        ("code", "1.AX"),
    ]);
    assert_eq!(page(CONTOSO, &lost).await, 90_056);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_where_policies_want_one() {
    let emulator = start().await;
    let answer = sign_in(&emulator, &request(&[]), "mfa@contoso.example").await;
    assert!(answer.field("code").is_some());
    let pages = emulator.journal().of("entra.login");
    assert!(
        pages
            .iter()
            .any(|page| page.reply_body.contains("Approve sign in request"))
    );
}

#[tokio::test]
async fn an_application_of_another_tenant_cannot_be_signed_in_to_here() {
    let orders = request(&[("client_id", ORDERS_API), ("redirect_uri", "")]);
    assert_eq!(page(FABRIKAM, &orders).await, 700_016);
}
