//! Federated domains: another identity provider signs their users in.

use identity_emulator::{Emulator, FederationProtocol, World};
use serde_json::json;

use crate::authorize::{V2, request};
use crate::support::{
    Answer, CONTOSO, DESKTOP, VAULT, assert_refused, builder, by_password, encoded, get, send,
    start, token, verified, with,
};
use crate::visitor::{Visitor, carried};

const FRED: &str = "fred@federated.contoso.example";
const DOMAIN: &str = "federated.contoso.example";

async fn changed(change: impl FnOnce(&mut World)) -> Emulator {
    let mut world = World::basic();
    change(&mut world);
    builder().world(world).start().await.unwrap()
}

async fn of_saml() -> Emulator {
    changed(|world| world.tenants[0].federated_domains[0].protocol = FederationProtocol::Saml20)
        .await
}

#[tokio::test]
pub(crate) async fn the_first_form_of_the_realm_says_where_programs_send_the_password() {
    let emulator = start().await;
    for name in [FRED, "nobody@FEDERATED.contoso.example"] {
        let path = format!("/common/UserRealm/{name}?api-version=1.0");
        let realm = get(&emulator, &path).await;
        let domain = name.split('@').nth(1).unwrap();
        assert_eq!(
            realm.body,
            format!(
                r#"{{"ver":"1.0","account_type":"Federated","domain_name":"{domain}","federation_protocol":"WSTrust","federation_metadata_url":"https://adfs.contoso.example/adfs/services/trust/mex","federation_active_auth_url":"https://adfs.contoso.example/adfs/services/trust/2005/usernamemixed","cloud_instance_name":"microsoftonline.com","cloud_audience_urn":"urn:federation:MicrosoftOnline"}}"#
            )
        );
    }
}

#[tokio::test]
pub(crate) async fn the_second_form_says_where_browsers_go() {
    let emulator = start().await;
    let path =
        format!("/common/userrealm/?user={FRED}&api-version=2.1&checkForMicrosoftAccount=false");
    let realm = get(&emulator, &path).await;
    assert_eq!(
        realm.json(),
        json!({
            "NameSpaceType": "Federated",
            "federation_protocol": "WSTrust",
            "Login": FRED,
            "AuthURL": "https://adfs.contoso.example/adfs/ls/?username=fred%40federated.contoso.example&wa=wsignin1.0&wtrealm=urn%3Afederation%3AMicrosoftOnline&wctx=",
            "DomainName": DOMAIN,
            "FederationBrandName": "Contoso AD FS",
            "TenantBrandingInfo": null,
            "cloud_instance_name": "microsoftonline.com",
        })
    );
    let saml = get(&of_saml().await, &path).await.json();
    assert_eq!(saml["federation_protocol"], "SAML20");
    assert_eq!(saml["AuthURL"], "https://adfs.contoso.example/adfs/ls/");
}

#[tokio::test]
async fn the_sign_in_page_is_told_to_go_there_whoever_it_is() {
    let emulator = start().await;
    for name in [FRED, "nobody@federated.contoso.example"] {
        let body = json!({ "username": name }).to_string();
        let said = send(&emulator, "POST /common/GetCredentialType", &[], &body)
            .await
            .json();
        assert_eq!(said["IfExistsResult"], 0, "{name}");
        assert_eq!(said["EstsProperties"]["DomainType"], 4);
        assert_eq!(said["Credentials"]["PrefCredential"], 4);
        let to = said["Credentials"]["FederationRedirectUrl"]
            .as_str()
            .unwrap();
        assert!(
            to.starts_with("https://adfs.contoso.example/adfs/ls/?username="),
            "{to}"
        );
    }
}

async fn with_password(emulator: &Emulator, password: &str) -> Answer {
    let changes = [("username", FRED), ("password", password)];
    token(emulator, &with(&by_password(VAULT), &changes)).await
}

#[tokio::test]
async fn the_password_of_another_provider_is_no_password_here() {
    const RIGHT: &str = "fred-password-for-tests-only";
    let emulator = start().await;
    for password in [RIGHT, "wrong"] {
        let refused = with_password(&emulator, password).await;
        assert_refused(&refused, "invalid_grant", 50126);
    }
    let synchronized =
        changed(|world| world.tenants[0].federated_domains[0].cloud_passwords = true).await;
    assert_eq!(with_password(&synchronized, RIGHT).await.status, 200);
    let refused = with_password(&synchronized, "wrong").await;
    assert_refused(&refused, "invalid_grant", 50126);
    let unknown = changed(|world| {
        let mut users = world.users.iter_mut();
        users.find(|user| user.upn == FRED).unwrap().password = None;
    });
    let refused = with_password(&unknown.await, RIGHT).await;
    assert_refused(&refused, "invalid_grant", 50056);
}

#[tokio::test]
async fn a_name_a_hint_or_a_domain_alone_sends_the_browser_there() {
    let emulator = start().await;
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&request(&[])).await;
    let typed = visitor.fill(&page, &[("login", FRED)]).await;
    let hinted = request(&[("login_hint", FRED)]);
    let hinted = visitor.authorize(&hinted).await;
    let domain = request(&[("domain_hint", DOMAIN)]);
    let domain = visitor.authorize(&domain).await;
    for (answer, name) in [(typed, FRED), (hinted, FRED), (domain, "")] {
        assert_eq!(answer.status, 302, "{answer:?}");
        let to = answer.header("location").unwrap();
        assert!(
            to.starts_with("https://adfs.contoso.example/adfs/ls/?"),
            "{to}"
        );
        assert_eq!(carried(&answer, "username"), name);
        assert_eq!(
            carried(&answer, "wtrealm"),
            "urn:federation:MicrosoftOnline"
        );
        assert!(carried(&answer, "wctx").contains("&estsrequest="));
    }
}

#[tokio::test]
async fn a_password_typed_here_all_the_same_is_not_looked_at() {
    let emulator = start().await;
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&request(&[])).await;
    let fields = [("login", FRED), ("passwd", "fred-password-for-tests-only")];
    let answer = visitor.fill(&page, &fields).await;
    assert_eq!(answer.status, 302, "{answer:?}");
    assert_eq!(carried(&answer, "code"), "");
}

#[tokio::test]
async fn a_provider_of_saml_is_posted_a_request() {
    let emulator = of_saml().await;
    let request = request(&[("login_hint", FRED)]);
    let page = Visitor::new(&emulator).authorize(&request).await;
    assert!(
        page.body
            .contains("action=\"https://adfs.contoso.example/adfs/ls/\"")
    );
    let (_, rest) = page
        .body
        .split_once("name=\"SAMLRequest\" value=\"")
        .unwrap();
    use base64::Engine as _;
    let sent = base64::engine::general_purpose::STANDARD.decode(rest.split('"').next().unwrap());
    let sent = String::from_utf8(sent.unwrap()).unwrap();
    assert!(
        sent.contains(">urn:federation:MicrosoftOnline</Issuer>"),
        "{sent}"
    );
    assert!(page.body.contains("name=\"RelayState\""));
}

#[tokio::test]
async fn nothing_silent_leaves_and_other_users_of_the_tenant_stay() {
    let emulator = start().await;
    let silent = request(&[("login_hint", FRED), ("prompt", "none")]);
    let answer = Visitor::new(&emulator).authorize(&silent).await;
    assert_eq!(carried(&answer, "error"), "login_required");
    let hint = request(&[("login_hint", "alice@contoso.example")]);
    let page = Visitor::new(&emulator).authorize(&hint).await;
    assert!(page.body.contains("name=\"passwd\""), "{}", page.body);
}

#[tokio::test]
async fn without_a_browser_the_other_provider_vouches_for_the_user() {
    for emulator in [start().await, of_saml().await] {
        let query = encoded(&request(&[]));
        let url = format!("{}/{CONTOSO}/{V2}?{query}", emulator.https());
        let answer = emulator.sign_in(&url, FRED).await.unwrap();
        let code = answer.field("code").unwrap();
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", DESKTOP),
            ("code", code.as_str()),
            ("redirect_uri", "http://localhost:8400"),
        ];
        let tokens = token(&emulator, &fields).await;
        let (_, claims) = verified(&emulator, &tokens.text("access_token")).await;
        assert_eq!(claims["upn"], FRED);
        assert_eq!(claims["amr"], json!(["fed"]));
    }
}

#[test]
fn a_federated_domain_is_one_of_its_tenant() {
    let world = |more: &str| {
        let text = format!(
            "[[tenant]]\nname = \"a\"\nid = \"{CONTOSO}\"\ndomains = [\"a.example\"]\n[[tenant.federated_domain]]\n{more}\n"
        );
        World::from_toml(&text, "world.toml")
    };
    let refusal = |more: &str| world(more).unwrap_err().to_string();
    let url = "sign_in_url = \"https://sts.example/\"";
    let strange = refusal(&format!("domain = \"b.example\"\n{url}"));
    assert!(
        strange.contains("`b.example`") && strange.contains("`a`"),
        "{strange}"
    );
    let missing = refusal("domain = \"a.example\"");
    assert!(missing.contains("sign_in_url"), "{missing}");
    let protocol = refusal(&format!("domain = \"a.example\"\n{url}\nprotocol = \"x\""));
    assert!(protocol.contains("`SAML20`"), "{protocol}");
    let scheme = refusal("domain = \"a.example\"\nsign_in_url = \"mailto:a@a.example\"");
    assert!(scheme.contains("`mailto:a@a.example`"), "{scheme}");
    let fine = world(&format!("domain = \"a.example\"\n{url}")).unwrap();
    assert_eq!(
        fine.tenants[0].federated_domains[0].protocol,
        FederationProtocol::WsTrust
    );
}
