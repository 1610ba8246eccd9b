//! A feature that is not built gives an error that names it, and a chain goes on past it. Run with
//! `cargo test -p identity --no-default-features --test without_features`.

#![cfg(not(any(
    feature = "developer-tools",
    feature = "interactive-browser",
    feature = "reqwest"
)))]
#![expect(clippy::disallowed_methods, reason = "the program of a test is a file")]

use std::sync::Arc;

use identity::context::{Context, StaticEnv};
use identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientSecretCredential, Error, ErrorKind,
    InteractiveBrowserCredential, InteractiveBrowserCredentialOptions, Options,
};

const SCOPE: &str = "https://vault.azure.net/.default";

fn says(error: &Error, kind: ErrorKind, text: &str) {
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(text), "{error}");
}

#[tokio::test]
async fn a_request_names_the_feature_that_would_send_it() {
    let credential = ClientSecretCredential::new("contoso.example", "client", "secret").unwrap();
    let error = credential.get_token(&[SCOPE]).await.expect_err("sent");
    says(
        &error,
        ErrorKind::Transport,
        r#"enable the feature "reqwest""#,
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_tool_that_is_there_names_the_feature_that_would_run_it() {
    use std::os::unix::fs::PermissionsExt;

    let place = tempfile::tempdir().unwrap();
    let program = place.path().join("az");
    std::fs::write(&program, "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let path = place.path().to_str().unwrap();
    let env = StaticEnv::from_iter([("PATH", path)]);
    let options = AzureCliCredentialOptions {
        options: Options {
            context: Context {
                env: Arc::new(env),
                ..Context::system()
            },
            ..Options::default()
        },
        ..AzureCliCredentialOptions::default()
    };
    let credential = AzureCliCredential::with_options(options).unwrap();
    let error = credential.get_token(&[SCOPE]).await.expect_err("run");
    says(
        &error,
        ErrorKind::CredentialUnavailable,
        r#"enable the feature "developer-tools""#,
    );
}

#[tokio::test]
async fn a_sign_in_page_names_the_feature_that_would_hear_it() {
    // Nothing is sent before the port is listened on.
    let options = InteractiveBrowserCredentialOptions {
        options: Options {
            disable_instance_discovery: true,
            ..Options::default()
        },
        ..InteractiveBrowserCredentialOptions::default()
    };
    let credential = InteractiveBrowserCredential::with_options(options).unwrap();
    let error = credential.get_token(&[SCOPE]).await.expect_err("heard");
    says(
        &error,
        ErrorKind::CredentialUnavailable,
        r#"enable the feature "interactive-browser""#,
    );
}
