//! Signing out, and what administrators agree to for everybody.

use identity_emulator::World;

use crate::authorize::{BOB, request};
use crate::support::{
    ALICE, CONTOSO, FABRIKAM, PORTAL, assert_refused, encoded, get, post, send, start,
};
use crate::visitor::{Visitor, carried};

const BACK: &str = "http://localhost/callback";

fn logout(fields: &[(&str, &str)]) -> String {
    format!("/{CONTOSO}/oauth2/v2.0/logout?{}", encoded(fields))
}

async fn signed_in<'a>(emulator: &'a identity_emulator::Emulator, user: &str) -> Visitor<'a> {
    let mut visitor = Visitor::new(emulator);
    let page = visitor.authorize(&request(&[])).await;
    visitor.enter(&page, user).await;
    visitor
}

#[tokio::test]
pub(crate) async fn signing_out_ends_the_session_and_goes_back_with_the_state() {
    let back = [
        ("post_logout_redirect_uri", "http://localhost:8400"),
        ("state", "bye"),
    ];
    let v1 = format!("/{CONTOSO}/oauth2/logout?{}", encoded(&back));
    for path in [logout(&back), v1] {
        let emulator = start().await;
        let mut visitor = signed_in(&emulator, ALICE).await;
        let answer = visitor.get(&path).await;
        assert_eq!(
            answer.header("location"),
            Some("http://localhost:8400/?state=bye")
        );
        let silent = visitor.authorize(&request(&[("prompt", "none")])).await;
        assert_eq!(carried(&silent, "error"), "login_required");
    }
}

#[tokio::test]
async fn an_address_that_is_not_registered_is_not_gone_to() {
    let emulator = start().await;
    let mut visitor = signed_in(&emulator, ALICE).await;
    let evil = [("post_logout_redirect_uri", "https://evil.example/")];
    let answer = visitor.get(&logout(&evil)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("You signed out of your account."));
    assert!(!answer.body.contains("evil.example"));
}

#[tokio::test]
async fn an_application_of_the_session_is_told_in_a_frame() {
    let emulator = start().await;
    let mut visitor = signed_in(&emulator, ALICE).await;
    let portal = request(&[
        ("client_id", PORTAL),
        ("redirect_uri", BACK),
        ("scope", "openid"),
    ]);
    let session = carried(&visitor.authorize(&portal).await, "session_state");
    let back = [("post_logout_redirect_uri", BACK), ("state", "bye")];
    let page = visitor.get(&logout(&back)).await;
    assert!(
        page.body
            .contains("src=\"https://portal.contoso.example/signed-out?iss=")
    );
    assert!(
        page.body.contains(&format!("sid={session}")),
        "{}",
        page.body
    );
    assert!(
        page.body
            .contains("href=\"http://localhost/callback?state=bye\"")
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("frame-src https://portal.contoso.example"),
        "{policy}"
    );
}

#[tokio::test]
pub(crate) async fn a_frame_says_whether_the_session_is_still_the_one_an_application_knows() {
    let emulator = start().await;
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.authorize(&request(&[])).await;
    let known = carried(&visitor.enter(&page, ALICE).await, "session_state");
    let frame = "/common/oauth2/checksession";
    let page = visitor.get(frame).await;
    assert!(page.header("x-frame-options").is_none());
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("connect-src 'self'"), "{policy}");
    assert!(!policy.contains("frame-ancestors"), "{policy}");
    let asked = format!("{frame}?session_state={known}");
    assert_eq!(visitor.get(&asked).await.body, "unchanged");
    let other = format!("{frame}?session_state={CONTOSO}");
    assert_eq!(visitor.get(&other).await.body, "changed");
    assert_eq!(get(&emulator, &asked).await.body, "changed");
    visitor.get(&logout(&[])).await;
    assert_eq!(visitor.get(&asked).await.body, "changed");
}

#[tokio::test]
pub(crate) async fn what_discovery_announces_besides_says_what_it_is() {
    let emulator = start().await;
    let page = get(&emulator, &format!("/{CONTOSO}/kerberos")).await;
    assert!(page.body.contains("does not speak"), "{}", page.body);
    let ticket = post(&emulator, &format!("/{CONTOSO}/kerberos"), &[]).await;
    assert_refused(&ticket, "invalid_request", 9_002_313);
    let page = get(&emulator, "/common/oauth2/nativeclient?code=x").await;
    assert!(page.body.contains("close this window"), "{}", page.body);
}

#[tokio::test]
async fn a_page_says_which_methods_it_takes() {
    let emulator = start().await;
    for (path, accepted) in [
        ("oauth2/v2.0/authorize", "GET, POST"),
        ("v2.0/adminconsent", "GET, POST"),
        ("oauth2/logout", "GET, POST"),
        ("oauth2/checksession", "GET"),
    ] {
        let page = send(&emulator, &format!("PUT /{CONTOSO}/{path}"), &[], "").await;
        let said = format!(
            "AADSTS900561: The endpoint only accepts {accepted} requests. Received a PUT request."
        );
        assert_eq!(page.status, 200);
        assert!(page.body.contains(&said), "{path}: {}", page.body);
    }
}

#[tokio::test]
async fn a_hint_signs_one_account_out_and_leaves_the_other() {
    let emulator = start().await;
    let mut visitor = signed_in(&emulator, ALICE).await;
    let page = visitor.authorize(&request(&[("prompt", "login")])).await;
    visitor.enter(&page, BOB).await;
    visitor.get(&logout(&[("logout_hint", BOB)])).await;
    let silent = visitor.authorize(&request(&[("prompt", "none")])).await;
    assert!(!carried(&silent, "code").is_empty());
    let unknown = get(&emulator, "/nowhere.example/oauth2/logout").await;
    assert!(unknown.body.contains("AADSTS90002"));
}

#[tokio::test]
pub(crate) async fn an_administrator_consents_for_everybody() {
    let emulator = start().await;
    let fields = [
        ("client_id", PORTAL),
        ("redirect_uri", BACK),
        ("scope", "api://orders/Orders.Read"),
        ("state", "s1"),
    ];
    let v2 = format!("/{CONTOSO}/v2.0/adminconsent?{}", encoded(&fields));
    let mut visitor = signed_in(&emulator, ALICE).await;
    let page = visitor.get(&v2).await;
    assert!(page.body.contains("Permissions requested"), "{}", page.body);
    let declined = visitor.fill(&page, &[("action", "decline")]).await;
    assert_eq!(carried(&declined, "error"), "consent_required");
    assert!(carried(&declined, "error_description").starts_with("AADSTS65004"));
    let accepted = visitor.fill(&page, &[("action", "accept")]).await;
    assert_eq!(
        accepted.header("location"),
        Some(
            format!(
                "{BACK}?admin_consent=True&tenant={CONTOSO}\
                 &scope=api%3A%2F%2Forders%2FOrders.Read&state=s1"
            )
            .as_str()
        )
    );
    let portal = request(&[
        ("client_id", PORTAL),
        ("redirect_uri", BACK),
        ("scope", "openid api://orders/Orders.Read"),
    ]);
    let mut bob = signed_in(&emulator, BOB).await;
    assert!(!carried(&bob.authorize(&portal).await, "code").is_empty());
    // Nobody else may, and `common` names no tenant.
    let page = bob.get(&v2).await;
    assert!(page.body.contains("AADSTS90094"), "{}", page.body);
    let page = bob.get(&v2.replace(CONTOSO, "common")).await;
    assert!(page.body.contains("AADSTS90019"), "{}", page.body);
}

#[tokio::test]
pub(crate) async fn a_v1_administrator_cancels_in_other_words() {
    let emulator = start().await;
    let fields = [
        ("client_id", PORTAL),
        ("redirect_uri", BACK),
        ("state", "s1"),
    ];
    let mut visitor = signed_in(&emulator, ALICE).await;
    let page = visitor
        .get(&format!("/{CONTOSO}/adminconsent?{}", encoded(&fields)))
        .await;
    let declined = visitor.fill(&page, &[("action", "decline")]).await;
    assert_eq!(carried(&declined, "error"), "permission_denied");
    assert_eq!(
        carried(&declined, "error_description"),
        "The admin canceled the request"
    );
    let page = visitor
        .get(&format!("/{FABRIKAM}/adminconsent?{}", encoded(&fields)))
        .await;
    // A guest administers nothing here.
    assert!(page.body.contains("AADSTS90094"), "{}", page.body);
}

#[tokio::test]
pub(crate) async fn what_the_registration_lists_has_to_be_there_when_an_administrator_consents() {
    let mut world = World::basic();
    let portal = world.apps.iter_mut().find(|app| app.name == "portal");
    portal
        .unwrap()
        .permissions
        .push(identity_emulator::Permission {
            resource: "orders-api".to_owned(),
            scopes: vec!["Orders.Read".to_owned()],
        });
    let frida = world
        .users
        .iter_mut()
        .find(|user| user.tenant == "fabrikam");
    frida.unwrap().wids = vec!["62e90394-69f5-4237-9190-012177145e10".parse().unwrap()];
    let emulator = crate::support::builder()
        .world(world)
        .start()
        .await
        .unwrap();
    let fields = [("client_id", PORTAL), ("redirect_uri", BACK)];
    let consent = |tenant: &str| format!("/{tenant}/adminconsent?{}", encoded(&fields));
    let mut frida = Visitor::new(&emulator);
    let page = frida.get(&consent(FABRIKAM)).await;
    let page = frida.enter(&page, "frida@fabrikam.onmicrosoft.com").await;
    assert!(page.body.contains("AADSTS650052: "), "{}", page.body);
    let mut alice = signed_in(&emulator, ALICE).await;
    let page = alice.get(&consent(CONTOSO)).await;
    assert!(page.body.contains("Permissions requested"), "{}", page.body);
    let disable = |world: &mut World| {
        let orders = world.apps.iter_mut().find(|app| app.name == "orders-api");
        orders.unwrap().disabled = true;
    };
    emulator.directory().change(disable).unwrap();
    let page = alice.get(&consent(CONTOSO)).await;
    assert!(page.body.contains("AADSTS650054: "), "{}", page.body);
}

#[tokio::test]
async fn an_administrator_may_consent_for_everybody_while_signing_in() {
    let emulator = start().await;
    let fields = request(&[
        ("client_id", PORTAL),
        ("redirect_uri", BACK),
        ("scope", ""),
        ("prompt", "admin_consent"),
    ]);
    let path = format!("/{CONTOSO}/oauth2/authorize?{}", encoded(&fields));
    let mut bob = signed_in(&emulator, BOB).await;
    let page = bob.get(&path).await;
    assert!(page.body.contains("AADSTS90094: "), "{}", page.body);
    let mut alice = signed_in(&emulator, ALICE).await;
    let page = alice.get(&path).await;
    assert!(page.body.contains("User.Read"), "{}", page.body);
    let answer = alice.fill(&page, &[("action", "accept")]).await;
    assert_eq!(carried(&answer, "admin_consent"), "True");
    assert_ne!(carried(&answer, "code"), "");
    let portal = request(&[
        ("client_id", PORTAL),
        ("redirect_uri", BACK),
        ("scope", "openid https://graph.microsoft.com/User.Read"),
        ("prompt", "none"),
    ]);
    assert_ne!(carried(&bob.authorize(&portal).await, "code"), "");
}

#[tokio::test]
pub(crate) async fn the_error_page_explains_numbers() {
    let emulator = start().await;
    let page = get(&emulator, "/error?code=50058").await;
    assert!(page.body.contains("no user is signed in"), "{}", page.body);
    let page = get(&emulator, "/error?code=1").await;
    assert!(page.body.contains("cannot answer with"), "{}", page.body);
}
