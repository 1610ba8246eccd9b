//! `InteractiveBrowserCredential` and its own listener with a real browser: headless Chromium on
//! the emulator's sign-in pages.
#![cfg(feature = "reqwest")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod place;

use std::pin::Pin;
use std::process::ExitCode;
use std::time::Duration;

use futures_util::future::join;
use identity::{ErrorKind, TokenRequest};

use crate::place::{ALICE, PASSWORD, Place};

const VAULT: &str = "https://vault.azure.net/.default";
const GRAPH: &str = "https://graph.microsoft.com/.default";
const TIMEOUT: Duration = Duration::from_secs(120);

type TestFn = fn() -> Pin<Box<dyn Future<Output = ()>>>;

fn main() -> ExitCode {
    let plays: [(_, TestFn); 4] = [
        ("a_user_signs_in_and_nobody_is_asked_again", || {
            Box::pin(signs_in())
        }),
        (
            "a_user_who_cancels_is_told_so_and_so_is_the_program",
            || Box::pin(cancels()),
        ),
        ("a_tab_that_is_closed_ends_with_the_time_there_was", || {
            Box::pin(closes_the_tab())
        }),
        ("an_answer_with_another_state_is_passed_over", || {
            Box::pin(is_lured_away())
        }),
    ];
    identity_chromium::run(plays)
}

async fn signs_in() {
    let place = Place::new().await;
    let credential = place.credential(TIMEOUT);
    let request = TokenRequest::new(&[VAULT]).unwrap();
    let at_the_screen = async {
        place.go_where_the_credential_says().await;
        // The name is filled in, as the credential hinted at it.
        place.chromium.click("button[value=next]").await;
        place.chromium.type_into("#passwd", PASSWORD).await;
        place.chromium.click("button[value=sign_in]").await;
        place.chromium.arrive_at("Authentication complete").await;
    };
    let (record, ()) = join(credential.authenticate_with(&request), at_the_screen).await;
    assert_eq!(record.unwrap().username(), ALICE);
    let vault = credential.get_token(&[VAULT]).await.unwrap();
    let graph = credential.get_token(&[GRAPH]).await.unwrap();
    assert_ne!(vault.token(), graph.token());
    assert!(place.page().is_none(), "one page for all of it");
    for entry in place.emulator.journal().entries() {
        assert!(entry.findings.is_empty(), "{entry:?}");
    }
}

async fn cancels() {
    let place = Place::new().await;
    let credential = place.credential(TIMEOUT);
    let at_the_screen = async {
        place.go_where_the_credential_says().await;
        place.chromium.click("button[value=cancel]").await;
        place.chromium.arrive_at("Authentication failed").await;
        place.chromium.text("p").await
    };
    let (token, shown) = join(credential.get_token(&[VAULT]), at_the_screen).await;
    let error = token.expect_err("cancelled");
    assert_eq!(error.oauth_error(), Some("access_denied"));
    assert!(shown.contains("AADSTS65004"), "{shown}");
}

async fn closes_the_tab() {
    let place = Place::new().await;
    let credential = place.credential(TIMEOUT);
    let at_the_screen = async {
        let url = place.go_where_the_credential_says().await;
        place.chromium.click("button[value=next]").await;
        place.chromium.text("#passwd").await;
        place.chromium.close_tab().await;
        place.clock.advance(TIMEOUT);
        url
    };
    let (token, url) = join(credential.get_token(&[VAULT]), at_the_screen).await;
    let error = token.expect_err("closed");
    let said = "Timed out after waiting 120 seconds for the user to authenticate";
    assert_eq!(
        (error.kind(), &*error.to_string()),
        (ErrorKind::Timeout, said)
    );
    place.port_is_given_back(&url).await;
}

async fn is_lured_away() {
    let place = Place::new().await;
    let credential = place.credential(TIMEOUT);
    let at_the_screen = async {
        let url = place.go_where_the_credential_says().await;
        let callback = place::redirect_uri(&url);
        let lure = format!("{callback}?code=stolen&state=a-guess");
        place.chromium.go(&lure).await;
        place.chromium.arrive_at("Authentication failed").await;
        place.clock.advance(TIMEOUT);
    };
    let (token, ()) = join(credential.get_token(&[VAULT]), at_the_screen).await;
    let error = token.expect_err("lured away");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(
        error.to_string().contains("An answer of another sign-in"),
        "{error}"
    );
    let entries = place.emulator.journal().entries();
    assert!(entries.iter().all(|entry| entry.endpoint != "entra.token"));
}
