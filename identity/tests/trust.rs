//! The trust in certificates of token services, and the errors for untrusted ones.

#![cfg(feature = "reqwest")]
#![expect(
    clippy::disallowed_methods,
    reason = "only the variables of a real process are seen by the TLS library"
)]

use std::process::Command;
use std::sync::Arc;

use identity::context::{Context, ReqwestTransport, StaticEnv};
use identity::{ClientSecretCredential, ClientSecretCredentialOptions, ErrorKind, Options, Result};
use identity_emulator::Emulator;

const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const CLIENT: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const SECRET: &str = "daemon-secret-for-tests-only";

async fn token(transport: ReqwestTransport, authority: &str) -> Result<()> {
    let options = Options {
        authority_host: Some(authority.to_owned()),
        context: Context {
            transport: Arc::new(transport),
            env: Arc::new(StaticEnv::default()),
            ..Context::system()
        },
        ..Options::default()
    };
    let options = ClientSecretCredentialOptions { options };
    let credential = ClientSecretCredential::with_options(TENANT, CLIENT, SECRET, options)?;
    let token = credential.get_token(&["https://vault.azure.net/.default"]);
    token.await.map(drop)
}

#[tokio::test]
async fn an_untrusted_certificate_is_named_as_the_cause_and_not_tried_again() {
    let (ours, other) = (Emulator::builder().start(), Emulator::builder().start());
    let (ours, other) = (ours.await.unwrap(), other.await.unwrap());
    let builder = ReqwestTransport::builder();
    let builder = builder.root_certificate_pem(other.ca_pem().as_bytes());
    let transport = builder.unwrap().build().unwrap();
    token(transport.clone(), other.https()).await.unwrap();
    let error = token(transport, ours.https())
        .await
        .expect_err("a stranger");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(!error.is_transient(), "{error}");
    let text = error.to_string();
    assert!(text.contains("invalid peer certificate"), "{text}");
    assert!(!text.contains("attempts"), "{text}");
    ours.stop().await;
    other.stop().await;
}

#[tokio::test]
#[ignore = "a process of its own, started by another test"]
async fn in_this_environment() {
    let authority = std::env::var("TEST_HTTPS").unwrap();
    token(ReqwestTransport::new(), &authority).await.unwrap();
}

#[tokio::test]
async fn the_environment_may_name_the_certificates_the_default_transport_trusts() {
    let emulator = Emulator::builder().start().await.unwrap();
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("ca.pem");
    std::fs::write(&file, emulator.ca_pem()).unwrap();
    for (variable, trusted) in [("SSL_CERT_FILE", true), ("TEST_NOTHING", false)] {
        let mut process = Command::new(std::env::current_exe().unwrap());
        process
            .args(["--exact", "in_this_environment", "--ignored"])
            .env_clear()
            .env("TEST_HTTPS", emulator.https())
            .env(variable, &file);
        let ended = tokio::task::spawn_blocking(move || process.output()).await;
        let output = ended.unwrap().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("running 1 test"), "{said}");
        assert_eq!(output.status.success(), trusted, "{variable}: {said}");
    }
    emulator.stop().await;
}
