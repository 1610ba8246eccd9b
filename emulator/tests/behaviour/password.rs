//! The password grant: each kind of account, and what a token says about its user.

use identity_emulator::{Emulator, GroupClaims, OptionalClaims, World};
use serde_json::json;
use uuid::Uuid;

use crate::support::{
    ALICE, AZURE_CLI, Answer, CONTOSO, DESKTOP, ORDERS, PORTAL, VAULT, assert_refused, builder,
    by_password, post, start, token, verified, with,
};

const OTHER: &str = "user-password-for-tests-only";
const EVERYTHING: &str = "openid profile offline_access https://vault.azure.net/.default";

async fn attempt(emulator: &Emulator, changes: &[(&str, &str)]) -> Answer {
    token(emulator, &with(&by_password(VAULT), changes)).await
}

#[tokio::test]
pub(crate) async fn a_reply_for_a_user_has_the_members_of_the_wire_in_order() {
    let emulator = start().await;
    let answer = attempt(&emulator, &[("scope", EVERYTHING), ("client_info", "1")]).await;
    assert_eq!(
        answer.members(),
        [
            "token_type",
            "scope",
            "expires_in",
            "ext_expires_in",
            "access_token",
            "refresh_token",
            "id_token",
            "client_info"
        ]
    );
    assert_eq!(
        answer.text("scope"),
        "https://vault.azure.net/user_impersonation https://vault.azure.net/.default"
    );
    let plain = attempt(&emulator, &[]).await;
    assert_eq!(plain.members().len(), 5, "{plain:?}");
}

#[tokio::test]
async fn a_v1_reply_for_a_user_says_strings_and_always_brings_everything() {
    let emulator = start().await;
    let fields = with(
        &by_password(""),
        &[("resource", "https://vault.azure.net"), ("scope", "")],
    );
    let answer = post(&emulator, &format!("/{CONTOSO}/oauth2/token"), &fields).await;
    assert_eq!(
        answer.members(),
        [
            "token_type",
            "scope",
            "expires_in",
            "ext_expires_in",
            "expires_on",
            "not_before",
            "resource",
            "access_token",
            "refresh_token",
            "id_token"
        ]
    );
    assert_eq!(answer.text("scope"), "user_impersonation");
    let (header, claims) = verified(&emulator, &answer.text("id_token")).await;
    assert!(header.x5t.is_some());
    assert_eq!(claims["ver"], "1.0");
    assert_eq!(claims["upn"], ALICE);
    assert_eq!(claims["amr"], json!(["pwd"]));
}

#[tokio::test]
async fn family_clients_say_so() {
    let emulator = start().await;
    let scope = "https://management.azure.com/.default offline_access openid";
    let answer = attempt(&emulator, &[("client_id", AZURE_CLI), ("scope", scope)]).await;
    assert_eq!(answer.text("foci"), "1");
    assert_eq!(
        answer.text("scope"),
        "https://management.azure.com/user_impersonation https://management.azure.com/.default"
    );
    let members = answer.members();
    assert_eq!(members[5..8], ["refresh_token", "foci", "id_token"]);
}

#[tokio::test]
async fn a_v1_access_token_names_the_user_in_the_order_of_the_wire() {
    let emulator = start().await;
    let answer = attempt(&emulator, &[]).await;
    let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
    let names: Vec<_> = claims.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        names,
        [
            "aud",
            "iss",
            "iat",
            "nbf",
            "exp",
            "acr",
            "aio",
            "amr",
            "appid",
            "appidacr",
            "family_name",
            "given_name",
            "idtyp",
            "ipaddr",
            "name",
            "oid",
            "puid",
            "rh",
            "scp",
            "sub",
            "tid",
            "unique_name",
            "upn",
            "uti",
            "ver",
            "wids",
            "xms_tcdt"
        ]
    );
    assert_eq!(claims["appidacr"], "0");
    assert_eq!(claims["scp"], "user_impersonation");
    assert_eq!(claims["oid"], "eeeeeeee-0000-4000-8000-000000000001");
    assert_ne!(claims["sub"], claims["oid"]);
    assert_eq!(claims["name"], "Alice Adams");
}

#[tokio::test]
async fn a_v2_access_token_has_roles_groups_and_the_optional_claims_of_its_api() {
    let emulator = start().await;
    let answer = attempt(&emulator, &[("scope", "api://orders/Orders.Read")]).await;
    let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
    assert_eq!(claims["aud"], ORDERS);
    assert_eq!(claims["azpacr"], "0");
    assert_eq!(claims["roles"], json!(["Orders.Admin"]));
    assert_eq!(claims["groups"].as_array().unwrap().len(), 2);
    assert_eq!(claims["email"], ALICE);
    assert_eq!(claims["preferred_username"], ALICE);
    assert_eq!(claims["scp"], "Orders.Read");
    assert!(claims.get("idtyp").is_none() && claims.get("upn").is_none());
}

#[tokio::test]
async fn more_groups_than_fit_become_a_place_to_ask() {
    let mut world = World::basic();
    world.users[0].groups = (0..201).map(Uuid::from_u128).collect();
    let orders = world.apps.iter_mut().find(|app| app.name == "orders-api");
    let orders = orders.unwrap();
    orders.group_claims = GroupClaims::All;
    orders.optional_claims = OptionalClaims {
        access_token: ["acct", "idtyp.include_user_token", "auth_time", "upn"]
            .map(str::to_owned)
            .to_vec(),
        id_token: Vec::new(),
    };
    let emulator = builder().world(world).start().await.unwrap();
    let answer = attempt(&emulator, &[("scope", "api://orders/.default")]).await;
    let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
    assert!(claims.get("groups").is_none());
    assert_eq!(claims["_claim_names"], json!({ "groups": "src1" }));
    let endpoint = &claims["_claim_sources"]["src1"]["endpoint"];
    assert!(endpoint.as_str().unwrap().ends_with("/getMemberObjects"));
    assert_eq!(claims["idtyp"], "user");
    assert_eq!(claims["acct"], 0);
    assert_eq!(claims["upn"], ALICE);
    assert_eq!(claims["wids"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_v2_id_token_says_what_was_asked_for() {
    let emulator = start().await;
    let answer = attempt(&emulator, &[("scope", "openid User.Read")]).await;
    assert_eq!(answer.text("scope"), "openid User.Read");
    let (header, bare) = verified(&emulator, &answer.text("id_token")).await;
    assert!(header.x5t.is_none());
    assert_eq!(bare["aud"], DESKTOP);
    assert_eq!(bare["ver"], "2.0");
    for absent in ["oid", "name", "email", "nonce"] {
        assert!(bare.get(absent).is_none(), "{absent}");
    }
    let answer = attempt(&emulator, &[("scope", "openid profile email User.Read")]).await;
    let (_, full) = verified(&emulator, &answer.text("id_token")).await;
    assert_eq!(full["preferred_username"], ALICE);
    assert_eq!(full["email"], ALICE);
    assert_eq!(full["sub"], bare["sub"]);
}

#[tokio::test]
async fn a_client_that_handles_revocation_gets_tokens_for_twenty_eight_hours_where_the_api_does() {
    let mut world = World::basic();
    let claims = r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#;
    let scope = "api://orders/.default";
    let emulator = builder().world(world.clone()).start().await.unwrap();
    for (scope, is_long) in [
        ("https://graph.microsoft.com/.default", true),
        ("https://management.azure.com/.default", false),
        (VAULT, false),
        (scope, false),
    ] {
        let answer = attempt(&emulator, &[("claims", claims), ("scope", scope)]).await;
        let seconds = answer.json()["expires_in"].as_i64().unwrap();
        assert_eq!(seconds > 86_400, is_long, "{scope}: {seconds}");
    }
    let orders = world
        .apps
        .iter_mut()
        .find(|app| app.client_id.to_string() == ORDERS);
    orders.unwrap().continuous_access_evaluation = true;
    let emulator = builder().world(world).start().await.unwrap();
    let answer = attempt(&emulator, &[("claims", claims), ("scope", scope)]).await;
    let body = answer.json();
    assert_eq!(
        (&body["expires_in"], &body["refresh_in"]),
        (&json!(100_799), &json!(50_399))
    );
    let (_, token) = verified(&emulator, &answer.text("access_token")).await;
    assert_eq!(token["xms_cc"], json!(["CP1"]));
    let malformed = attempt(&emulator, &[("claims", "[]")]).await;
    assert_refused(&malformed, "invalid_request", 9_002_313);
}

#[tokio::test]
async fn every_kind_of_account_that_cannot_sign_in_has_its_error() {
    let mut world = World::basic();
    world.users[1].password = None;
    let emulator = builder().world(world).start().await.unwrap();
    for (user, password, code) in [
        ("nobody@contoso.example", OTHER, 50034),
        ("frida@fabrikam.onmicrosoft.com", OTHER, 50034),
        (ALICE, "wrong", 50126),
        ("locked@contoso.example", OTHER, 50053),
        ("bob@contoso.example", OTHER, 50056),
        ("disabled@contoso.example", OTHER, 50057),
        ("expired@contoso.example", OTHER, 50055),
        ("expired@contoso.example", "wrong", 50126),
        ("mfa@contoso.example", OTHER, 50076),
        ("blocked@contoso.example", OTHER, 53003),
        ("blocked@contoso.example", "wrong", 50126),
    ] {
        let answer = attempt(&emulator, &[("username", user), ("password", password)]).await;
        assert_refused(&answer, "invalid_grant", code);
    }
}

#[tokio::test]
async fn an_expired_password_says_so_in_its_suberror() {
    let emulator = start().await;
    let changes = [("username", "expired@contoso.example"), ("password", OTHER)];
    let answer = attempt(&emulator, &changes).await;
    assert_eq!(answer.text("suberror"), "user_password_expired");
    assert_eq!(answer.members().last().unwrap(), "suberror");
}

#[tokio::test]
async fn a_second_factor_is_asked_for_with_claims_and_in_the_words_of_the_endpoint() {
    let mut world = World::basic();
    let mfa = |user: &&mut identity_emulator::User| user.upn.starts_with("mfa@");
    let emulator = builder().world(world.clone()).start().await.unwrap();
    let changes = [("username", "mfa@contoso.example"), ("password", OTHER)];
    let answer = attempt(&emulator, &changes).await;
    assert_eq!(answer.text("suberror"), "basic_action");
    assert!(answer.text("claims").contains("capolids"));
    let v1 = with(
        &by_password(""),
        &[
            changes[0],
            changes[1],
            ("resource", "https://vault.azure.net"),
            ("scope", ""),
        ],
    );
    let answer = post(&emulator, &format!("/{CONTOSO}/oauth2/token"), &v1).await;
    assert_refused(&answer, "interaction_required", 50076);

    world.users.iter_mut().find(mfa).unwrap().mfa_not_enrolled = true;
    let emulator = builder().world(world).start().await.unwrap();
    let answer = attempt(&emulator, &changes).await;
    assert_refused(&answer, "invalid_grant", 50079);
}

#[tokio::test]
async fn consent_that_is_missing_is_asked_for() {
    let emulator = start().await;
    for scope in [
        "Mail.Read",
        "https://storage.azure.com/.default",
        "api://orders/Orders.Write",
    ] {
        let answer = attempt(&emulator, &[("scope", scope)]).await;
        assert_refused(&answer, "invalid_grant", 65001);
        assert_eq!(answer.text("suberror"), "consent_required");
    }
    // Alice consented to the portal herself; nobody else did.
    let portal = [
        ("client_id", PORTAL),
        ("client_secret", "portal-secret-for-tests-only"),
        ("scope", "api://orders/Orders.Read"),
    ];
    assert_eq!(attempt(&emulator, &portal).await.status, 200);
    let bob = [
        portal[0],
        portal[1],
        portal[2],
        ("username", "bob@contoso.example"),
        ("password", "bob-password-for-tests-only"),
    ];
    assert_refused(&attempt(&emulator, &bob).await, "invalid_grant", 65001);
}

#[tokio::test]
async fn a_preauthorised_client_needs_no_consent() {
    let emulator = start().await;
    let scope = "api://orders/Orders.Read";
    let answer = attempt(&emulator, &[("client_id", AZURE_CLI), ("scope", scope)]).await;
    assert_eq!(answer.text("scope"), scope);
    let more = "api://orders/Orders.Write";
    let answer = attempt(&emulator, &[("client_id", AZURE_CLI), ("scope", more)]).await;
    assert_refused(&answer, "invalid_grant", 65001);
}

#[tokio::test]
pub(crate) async fn only_people_who_are_assigned_get_in_where_that_is_required() {
    let emulator = start().await;
    let payroll = [
        ("client_id", "bbbbbbbb-0000-4000-8000-000000000009"),
        ("client_secret", "payroll-secret-for-tests-only"),
        ("scope", "api://payroll/Payroll.Read"),
    ];
    let answer = attempt(&emulator, &payroll).await;
    let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
    assert_eq!(claims["roles"], json!(["Payroll.Read"]));
    let bob = [
        payroll[0],
        payroll[1],
        payroll[2],
        ("username", "bob@contoso.example"),
        ("password", "bob-password-for-tests-only"),
    ];
    assert_refused(&attempt(&emulator, &bob).await, "invalid_grant", 50105);
    let daemon = crate::support::fields("api://payroll/.default");
    assert_refused(&token(&emulator, &daemon).await, "invalid_grant", 501_051);
}

#[tokio::test]
async fn scopes_that_make_no_sense_have_their_errors() {
    let emulator = start().await;
    for (scope, error, code) in [
        (
            "api://orders/Orders.Read User.Read",
            "invalid_request",
            28000,
        ),
        ("api://orders/Nothing", "invalid_scope", 70011),
        ("nothing/x", "invalid_scope", 70011),
        ("api://nowhere/x", "invalid_resource", 500_011),
        ("", "invalid_request", 900_144),
    ] {
        let answer = attempt(&emulator, &[("scope", scope)]).await;
        assert_refused(&answer, error, code);
    }
}

#[tokio::test]
pub(crate) async fn organizations_goes_by_the_domain_and_personal_accounts_cannot() {
    let emulator = start().await;
    let at = async |tenant: &str, user: &str| {
        let fields = with(&by_password(VAULT), &[("username", user)]);
        post(&emulator, &format!("/{tenant}/oauth2/v2.0/token"), &fields).await
    };
    assert_eq!(at("organizations", ALICE).await.status, 200);
    let unknown = at("organizations", "alice@nowhere.example").await;
    assert_refused(&unknown, "invalid_request", 50128);
    for tenant in ["common", "consumers"] {
        assert_refused(&at(tenant, ALICE).await, "invalid_request", 9_001_023);
    }
}

#[tokio::test]
async fn a_web_application_has_to_prove_itself_and_a_public_one_must_not() {
    let emulator = start().await;
    let answer = attempt(&emulator, &[("client_id", PORTAL)]).await;
    assert_refused(&answer, "invalid_client", 7_000_218);
    assert!(answer.json().get("error_uri").is_none());
    let answer = attempt(&emulator, &[("client_secret", "any")]).await;
    assert_refused(&answer, "invalid_client", 700_025);
}

#[tokio::test]
async fn client_info_holds_the_ids_of_the_home_account() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let emulator = start().await;
    let answer = attempt(&emulator, &[("client_info", "1")]).await;
    let info = URL_SAFE_NO_PAD.decode(answer.text("client_info")).unwrap();
    let info: serde_json::Value = serde_json::from_slice(&info).unwrap();
    assert_eq!(
        info,
        json!({ "uid": "eeeeeeee-0000-4000-8000-000000000001", "utid": CONTOSO })
    );
}

#[tokio::test]
async fn a_password_is_in_no_journal() {
    let emulator = start().await;
    attempt(&emulator, &[("username", crate::support::PASSWORD)]).await;
    let journal = format!("{:?}", emulator.journal().entries());
    assert!(!journal.contains(crate::support::PASSWORD), "{journal}");
}
