//! Resources that cannot be had, each for a reason of its own.

use identity_emulator::{App, Consent, Emulator, World};

use crate::authorize::{request, sign_in};
use crate::support::{
    ALICE, AZURE_CLI, CONTOSO, DESKTOP, SPA, VAULT, assert_refused, builder, by_password, fields,
    post, start, token, with,
};
use crate::visitor::{Visitor, carried};

const ORDERS: &str = "api://orders/.default";

async fn with_app(name: &str, change: impl FnOnce(&mut App)) -> Emulator {
    let mut world = World::basic();
    let mut apps = world.apps.iter_mut();
    change(apps.find(|app| app.name == name).unwrap());
    builder().world(world).start().await.unwrap()
}

#[tokio::test]
pub(crate) async fn one_that_is_disabled_is_none() {
    let emulator = with_app("orders-api", |app| app.disabled = true).await;
    for fields in [fields(ORDERS), by_password(ORDERS)] {
        assert_refused(&token(&emulator, &fields).await, "invalid_resource", 50001);
    }
}

#[tokio::test]
pub(crate) async fn one_may_want_tokens_that_are_bound_to_a_certificate() {
    let emulator = with_app("orders-api", |app| app.mutual_tls_only = true).await;
    for fields in [fields(ORDERS), by_password(ORDERS)] {
        let refused = token(&emulator, &fields).await;
        assert_refused(&refused, "invalid_client", 50171);
        assert!(refused.json().get("error_uri").is_none());
    }
}

#[tokio::test]
pub(crate) async fn a_v1_client_hears_which_resources_its_registration_lists() {
    let emulator = start().await;
    let changes = [("scope", ""), ("resource", "https://storage.azure.com/")];
    let fields = with(&by_password(""), &changes);
    let refused = post(&emulator, &format!("/{CONTOSO}/oauth2/token"), &fields).await;
    assert_refused(&refused, "invalid_resource", 650_057);
    let text = refused.text("error_description");
    for part in [
        "Client app ID: bbbbbbbb-0000-4000-8000-000000000006(desktop).",
        "Resource value from request: https://storage.azure.com/.",
        "Resource app ID: e406a681-f3d4-42a8-90b6-c2b029497af1.",
        "List of valid resources from app registration: 00000003-0000-0000-c000-000000000000, bbbbbbbb-0000-4000-8000-000000000004.",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[tokio::test]
pub(crate) async fn what_nobody_registered_nobody_can_agree_to() {
    let emulator = start().await;
    let mut visitor = Visitor::new(&emulator);
    let v2 = request(&[("scope", "https://storage.azure.com/.default")]);
    let page = visitor.authorize(&v2).await;
    let page = visitor.enter(&page, ALICE).await;
    assert!(page.body.contains("AADSTS650056: "), "{}", page.body);
    let v1 = crate::support::encoded(&request(&[
        ("scope", ""),
        ("resource", "https://storage.azure.com/"),
    ]));
    let page = visitor
        .get(&format!("/{CONTOSO}/oauth2/authorize?{v1}"))
        .await;
    assert!(page.body.contains("AADSTS650057: "), "{}", page.body);
}

#[tokio::test]
pub(crate) async fn a_token_at_once_is_for_a_resource() {
    let emulator = start().await;
    let request = request(&[
        ("client_id", SPA),
        ("redirect_uri", "http://localhost:3000"),
        ("response_type", "token"),
        ("scope", "openid profile"),
    ]);
    let answer = sign_in(&emulator, &request, ALICE).await;
    assert_eq!(answer.field("error").as_deref(), Some("invalid_scope"));
    let text = answer.field("error_description").unwrap();
    assert!(text.starts_with("AADSTS700023: "), "{text}");
}

#[tokio::test]
pub(crate) async fn a_code_is_not_redeemed_for_what_is_no_scope() {
    let emulator = start().await;
    let answer = sign_in(&emulator, &request(&[]), ALICE).await;
    let code = answer.field("code").unwrap();
    let redeem = async |scope: &str| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", DESKTOP),
            ("code", code.as_str()),
            ("redirect_uri", "http://localhost:8400"),
            ("scope", scope),
        ];
        token(&emulator, &fields).await
    };
    assert_refused(&redeem("nothing/x").await, "invalid_request", 28002);
    assert_eq!(redeem(VAULT).await.status, 200);
}

#[tokio::test]
pub(crate) async fn microsofts_own_clients_have_what_they_were_given_beforehand() {
    const GRAPH_TOOLS: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";
    const MAIL: &str = "https://graph.microsoft.com/Mail.Read";
    let emulator = start().await;
    let asked = async |emulator: &Emulator, client: &str, scope: &str| {
        token(
            emulator,
            &with(&by_password(scope), &[("client_id", client)]),
        )
        .await
    };
    let refused = asked(&emulator, AZURE_CLI, MAIL).await;
    assert_refused(&refused, "invalid_grant", 65002);
    for (client, scope) in [
        (AZURE_CLI, "https://graph.microsoft.com/User.Read"),
        (AZURE_CLI, "https://management.azure.com/user_impersonation"),
        (GRAPH_TOOLS, MAIL),
    ] {
        let answer = asked(&emulator, client, scope).await;
        assert_eq!(answer.status, 200, "{client} {scope}: {answer:?}");
    }
    let fields = request(&[("client_id", AZURE_CLI), ("scope", MAIL)]);
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&fields).await;
    let page = visitor.enter(&page, ALICE).await;
    assert!(page.body.contains("AADSTS65002: "), "{}", page.body);
    let consent = Consent {
        client: AZURE_CLI.to_owned(),
        resource: "https://graph.microsoft.com".to_owned(),
        scopes: vec!["Mail.Read".to_owned()],
        tenant: None,
        user: None,
    };
    let agree = |world: &mut World| world.consents.push(consent);
    emulator.directory().change(agree).unwrap();
    assert_eq!(asked(&emulator, AZURE_CLI, MAIL).await.status, 200);
    assert_ne!(carried(&visitor.authorize(&fields).await, "code"), "");
}
