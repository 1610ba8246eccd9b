//! Responses that made other libraries lose an error's text, return an empty token, or panic.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use identity::context::Response;
use identity::{
    AccessToken, ClientSecretCredential, ClientSecretCredentialOptions, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, Options, Result, RetryOptions,
};

use self::world::World;

const SCOPE: &str = "https://r.example/.default";

/// Returns the outcomes of a call at a service that always gives this answer: for an application,
/// and for a managed identity.
async fn outcomes(status: u16, body: &'static str) -> [(&'static str, Result<AccessToken>); 2] {
    let world = World::answering(move |_, _| Ok(Response::new(status, body)));
    let options = Options {
        retry: RetryOptions {
            max_retries: Some(0),
            ..RetryOptions::default()
        },
        ..world.options()
    };
    let with = ClientSecretCredentialOptions {
        options: options.clone(),
    };
    let application = ClientSecretCredential::with_options("t", "app", "hush-hush", with).unwrap();
    let with = ManagedIdentityCredentialOptions {
        identity: None,
        options,
        ..Default::default()
    };
    let managed = ManagedIdentityCredential::with_options(with).unwrap();
    [
        (
            "Entra ID",
            world.drive(application.get_token(&[SCOPE])).await,
        ),
        ("IMDS", world.drive(managed.get_token(&[SCOPE])).await),
    ]
}

#[tokio::test]
async fn an_error_keeps_its_status_and_its_text_however_that_is_written() {
    for (status, body, text) in [
        (
            400,
            r#"{"error":"invalid_request","error_description":"AADSTS90002: plain"}"#,
            "AADSTS90002: plain",
        ),
        (
            400,
            r#"{"error":"invalid_request","error_description":"AADSTS90002: one\r\nTrace ID: two"}"#,
            "AADSTS90002: one",
        ),
        (
            400,
            r#"{"error":"invalid_request","error_description":"AADSTS90002: \"quoted\""}"#,
            "\"quoted\"",
        ),
        (
            400,
            r#"{"error":"invalid_request","error_description":"AADSTS90002: it\u0027s"}"#,
            "it's",
        ),
        (
            403,
            "<html><body>Forbidden by proxy</body></html>",
            "Forbidden by proxy",
        ),
        (401, "", "an empty answer"),
        (302, "", "an empty answer"),
        (200, "{}", ""),
        (200, r#"{"access_token":"","expires_in":3599}"#, ""),
        (200, r#"{"access_token":"x","expires_in":-1}"#, ""),
        (200, r#"{"access_token":"x","expires_in":"-3599"}"#, ""),
        (200, "<html>", "<html>"),
        (200, "", ""),
    ] {
        for (service, outcome) in outcomes(status, body).await {
            let error = outcome.expect_err(body);
            assert_eq!(error.status(), Some(status), "{service}: {body}");
            let said = error.to_string();
            // IMDS has an error text of its own for an empty answer.
            let text = if service == "IMDS" && body.is_empty() {
                ""
            } else {
                text
            };
            assert!(said.contains(text), "{service}: {body}: {said}");
            if body.contains("AADSTS90002") {
                assert_eq!(error.aadsts_codes(), [90_002], "{service}: {body}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_is_taken_however_its_lifetime_is_written_and_whatever_is_missing() {
    const START: i64 = 1_700_000_000;
    for (body, lifetime) in [
        (r#"{"access_token":"t","expires_in":3599}"#, Some(3599)),
        (r#"{"access_token":"t","expires_in":"3599"}"#, Some(3599)),
        (
            r#"{"access_token":"t","expires_in":3599,"token_type":"pop"}"#,
            Some(3599),
        ),
        (
            r#"{"access_token":"t","expires_on":1700003599}"#,
            Some(3599),
        ),
        (
            r#"{"access_token":"t","expires_on":"1700003599","resource":"r"}"#,
            Some(3599),
        ),
        (
            r#"{"access_token":"t","expires_in":9223372036854775807}"#,
            None,
        ),
        (
            r#"{"access_token":"t","expires_in":"9223372036854775807"}"#,
            None,
        ),
        (
            r#"{"access_token":"t","expires_on":18446744073709551615}"#,
            None,
        ),
    ] {
        for (service, outcome) in outcomes(200, body).await {
            let token = outcome.expect(body);
            assert_eq!(token.token(), "t", "{service}: {body}");
            let seconds = token.expires_on().unix_timestamp() - START;
            match lifetime {
                Some(lifetime) => assert_eq!(seconds, lifetime, "{service}: {body}"),
                None => assert!(seconds > 1_000_000_000, "{service}: {body}: {seconds}"),
            }
        }
    }
}
