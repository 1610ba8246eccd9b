//! `/consumers`: personal accounts, of which the emulator has none.

use identity_emulator::{App, Emulator, World};

use crate::authorize::{V2, request};
use crate::support::{ALICE, DESKTOP, assert_refused, builder, encoded, post, start};
use crate::visitor::{Visitor, carried};

/// With a desktop application for personal accounts too.
async fn personal() -> Emulator {
    let mut world = World::basic();
    let desktop = |app: &&mut App| app.name == "desktop";
    world
        .apps
        .iter_mut()
        .find(desktop)
        .unwrap()
        .personal_accounts = true;
    builder().world(world).start().await.unwrap()
}

fn at_consumers(changes: &[(&'static str, &'static str)]) -> String {
    format!("/consumers/{V2}?{}", encoded(&request(changes)))
}

#[tokio::test]
pub(crate) async fn the_account_of_a_tenant_is_no_personal_one() {
    let emulator = personal().await;
    let mut visitor = Visitor::new(&emulator);
    let page = visitor.get(&at_consumers(&[])).await;
    assert!(!page.body.contains(ALICE), "{}", page.body);
    let refused = visitor.enter(&page, ALICE).await;
    assert!(refused.body.contains("AADSTS500208: "), "{}", refused.body);
    // Signed in or not: nobody here is somebody there.
    let silent = visitor.get(&at_consumers(&[("prompt", "none")])).await;
    assert_eq!(carried(&silent, "error"), "login_required");
    let here = visitor.authorize(&request(&[("prompt", "none")])).await;
    assert_ne!(carried(&here, "code"), "");
}

#[tokio::test]
pub(crate) async fn a_resource_with_tokens_of_the_first_format_is_not_for_personal_accounts() {
    let emulator = personal().await;
    let mut visitor = Visitor::new(&emulator);
    let arm = at_consumers(&[("scope", "https://management.azure.com/user_impersonation")]);
    let refused = visitor.get(&arm).await;
    let said = carried(&refused, "error_description");
    assert!(said.starts_with("AADSTS90124: "), "{said}");
    for scope in [
        "openid",
        "https://graph.microsoft.com/User.Read",
        "api://orders/Orders.Read",
    ] {
        let page = visitor.get(&at_consumers(&[("scope", scope)])).await;
        assert_eq!(page.status, 200, "{scope}: {page:?}");
    }
}

#[tokio::test]
pub(crate) async fn a_device_at_consumers_needs_an_application_for_personal_accounts() {
    let fields = [("client_id", DESKTOP), ("scope", "openid")];
    let path = "/consumers/oauth2/v2.0/devicecode";
    let refused = post(&start().await, path, &fields).await;
    assert_refused(&refused, "invalid_request", 90130);
    let answer = post(&personal().await, path, &fields).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}
