//! `/authorize`: what is refused and where that is said, what is asked, and what comes back.

use identity_emulator::{Emulator, SignInAnswer, World};

use crate::support::{Answer, CONTOSO, FABRIKAM, encoded, get, send, start};

const ALICE: &str = "alice@contoso.example";
const BOB: &str = "bob@contoso.example";
const DESKTOP: &str = "bbbbbbbb-0000-4000-8000-000000000006";
const PORTAL: &str = "bbbbbbbb-0000-4000-8000-000000000007";
const PAYROLL: &str = "bbbbbbbb-0000-4000-8000-000000000009";

/// A proper request of the desktop application.
fn fields() -> Vec<(&'static str, &'static str)> {
    vec![
        ("client_id", DESKTOP),
        ("response_type", "code"),
        ("redirect_uri", "http://localhost:8400"),
        (
            "scope",
            "openid profile https://graph.microsoft.com/User.Read",
        ),
        ("state", "s1"),
    ]
}

fn changed(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut fields = fields();
    for (name, value) in changes {
        fields.retain(|(key, _)| key != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    fields
}

fn url(emulator: &Emulator, path: &str, fields: &[(&str, &str)]) -> String {
    format!("{}/{path}?{}", emulator.https(), encoded(fields))
}

async fn sign_in(emulator: &Emulator, fields: &[(&str, &str)], user: &str) -> SignInAnswer {
    let url = url(
        emulator,
        &format!("{CONTOSO}/oauth2/v2.0/authorize"),
        fields,
    );
    emulator.sign_in(&url, user).await.unwrap()
}

async fn refused(emulator: &Emulator, fields: &[(&str, &str)], user: &str) -> Option<u32> {
    let url = url(
        emulator,
        &format!("{CONTOSO}/oauth2/v2.0/authorize"),
        fields,
    );
    emulator
        .sign_in(&url, user)
        .await
        .unwrap_err()
        .aadsts_code()
}

#[tokio::test]
async fn a_sign_in_gives_a_code_at_the_redirect_uri() {
    let emulator = start().await;
    let answer = sign_in(&emulator, &changed(&[("client_info", "1")]), ALICE).await;
    let SignInAnswer::Redirect(to) = &answer else {
        panic!("{answer:?}")
    };
    assert!(to.starts_with("http://localhost:8400/?code=1.A"), "{to}");
    assert_eq!(answer.field("state").as_deref(), Some("s1"));
    assert_eq!(answer.field("session_state").unwrap().len(), 36);
    assert!(answer.field("client_info").unwrap().len() > 40);
    let names: Vec<_> = to
        .split(['?', '&'])
        .skip(1)
        .map(|pair| pair.split('=').next().unwrap())
        .collect();
    assert_eq!(names, ["code", "client_info", "state", "session_state"]);
}
