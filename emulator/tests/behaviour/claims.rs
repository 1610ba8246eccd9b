//! What tokens say about people beyond the usual.

use identity_emulator::{Emulator, GroupClaims, World};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::authorize::{request, sign_in};
use crate::support::{
    ALICE, Answer, CONTOSO, FABRIKAM, PORTAL, SPA, builder, by_password, post, token, verified,
    with,
};

fn app<'a>(world: &'a mut World, name: &str) -> &'a mut identity_emulator::App {
    let mut apps = world.apps.iter_mut();
    apps.find(|app| app.name == name).unwrap()
}

async fn claims_of(emulator: &Emulator, answer: &Answer) -> Value {
    verified(emulator, &answer.text("access_token")).await.1
}

#[tokio::test]
async fn an_api_is_told_the_optional_claims_it_wants() {
    let wanted = [
        ("acct", json!(0)),
        ("ctry", json!("US")),
        ("family_name", json!("Adams")),
        ("fwd", json!("127.0.0.1")),
        ("given_name", json!("Alice")),
        ("ipaddr", json!("127.0.0.1")),
        ("tenant_ctry", json!("US")),
        ("tenant_region_scope", json!("NA")),
        ("upn", json!(ALICE)),
        ("verified_primary_email", json!([ALICE])),
        ("verified_secondary_email", json!(["alice@adams.example"])),
        ("xms_edov", json!(true)),
        ("xms_pl", json!("en-us")),
        ("xms_tpl", json!("en")),
    ];
    let mut world = World::basic();
    let orders = app(&mut world, "orders-api");
    orders.optional_claims.access_token = wanted.iter().map(|(name, _)| (*name).into()).collect();
    let emulator = builder().world(world).start().await.unwrap();
    let answer = token(&emulator, &by_password("api://orders/Orders.Read")).await;
    let claims = claims_of(&emulator, &answer).await;
    for (name, value) in wanted {
        assert_eq!(claims[name], value, "{name}");
    }
}

#[tokio::test]
async fn a_guest_has_a_name_of_the_other_tenant_if_an_application_asks_for_it() {
    for (claim, name) in [
        (
            "upn.include_externally_authenticated_upn",
            json!("alice_contoso.example#EXT#@fabrikam.onmicrosoft.com"),
        ),
        (
            "upn.include_externally_authenticated_upn_without_hash",
            json!("alice_contoso.example_EXT_@fabrikam.onmicrosoft.com"),
        ),
        ("upn", Value::Null),
    ] {
        let mut world = World::basic();
        app(&mut world, "portal").optional_claims.access_token = vec![claim.to_owned()];
        let emulator = builder().world(world).start().await.unwrap();
        let scope = format!("{PORTAL}/.default offline_access");
        let client = [
            ("client_id", PORTAL),
            ("client_secret", "portal-secret-for-tests-only"),
            ("scope", scope.as_str()),
        ];
        let home = token(&emulator, &with(&by_password(""), &client)).await;
        assert_eq!(claims_of(&emulator, &home).await["upn"], ALICE);
        let refresh = home.text("refresh_token");
        let mut fields = client.to_vec();
        fields.extend([("grant_type", "refresh_token"), ("refresh_token", &refresh)]);
        let there = post(
            &emulator,
            &format!("/{FABRIKAM}/oauth2/v2.0/token"),
            &fields,
        )
        .await;
        assert_eq!(claims_of(&emulator, &there).await["upn"], name, "{claim}");
    }
}

#[tokio::test]
async fn in_a_redirect_more_than_five_groups_are_only_said_to_be_there() {
    for (count, names) in [(5, true), (6, false)] {
        let mut world = World::basic();
        world.users[0].groups = (1..=count).map(Uuid::from_u128).collect();
        app(&mut world, "spa").group_claims = GroupClaims::SecurityGroup;
        let emulator = builder().world(world).start().await.unwrap();
        let fields = request(&[
            ("client_id", SPA),
            ("redirect_uri", "http://localhost:3000"),
            ("response_type", "id_token"),
            ("nonce", "n1"),
        ]);
        let answer = sign_in(&emulator, &fields, ALICE).await;
        let (_, claims) = verified(&emulator, &answer.field("id_token").unwrap()).await;
        assert_eq!(claims["groups"].is_array(), names, "{claims}");
        let hint = if names { Value::Null } else { json!(true) };
        assert_eq!(claims["hasgroups"], hint);
        assert!(claims.get("_claim_names").is_none());
        assert_eq!(claims["tid"], CONTOSO);
    }
}
