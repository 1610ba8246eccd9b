//! Application credentials against the emulator, over real TLS.

#![cfg(feature = "reqwest")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use futures_util::future::join_all;
use identity::context::{Context, ReqwestTransport, StaticEnv};
use identity::{
    ClientSecretCredential, ClientSecretCredentialOptions, EnvironmentCredential,
    EnvironmentCredentialOptions, ErrorKind, Options, TokenCache,
};
use identity_emulator::Emulator;

const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const CLIENT: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const SECRET: &str = "daemon-secret-for-tests-only";
const SCOPE: &str = "https://vault.azure.net/.default";

fn options(emulator: &Emulator, variables: &[(&str, &str)]) -> Options {
    let trust = ReqwestTransport::builder().root_certificate_pem(emulator.ca_pem().as_bytes());
    Options {
        authority_host: Some(emulator.https().to_owned()),
        token_cache: Some(TokenCache::new()),
        context: Context {
            transport: Arc::new(trust.unwrap().build().unwrap()),
            env: Arc::new(StaticEnv::from_iter(variables.iter().copied())),
            ..Context::system()
        },
        ..Options::default()
    }
}

#[tokio::test]
async fn instances_that_share_a_cache_make_one_request_and_a_guessed_secret_its_own() {
    let emulator = Emulator::builder().start().await.unwrap();
    let options = options(&emulator, &[]);
    let credential = |secret: &str| {
        let options = ClientSecretCredentialOptions {
            options: options.clone(),
        };
        ClientSecretCredential::with_options(TENANT, CLIENT, secret, options).unwrap()
    };
    let instances: Vec<_> = (0..100).map(|_| credential(SECRET)).collect();
    let tokens = join_all(
        instances
            .iter()
            .map(|instance| instance.get_token(&[SCOPE])),
    )
    .await;
    let text = tokens[0].as_ref().unwrap().token();
    assert!(
        tokens
            .iter()
            .all(|token| token.as_ref().is_ok_and(|token| token.token() == text))
    );
    assert_eq!(emulator.journal().entries().len(), 1);
    let error = credential("a-guess")
        .get_token(&[SCOPE])
        .await
        .expect_err("wrong secret");
    assert_eq!(
        (error.kind(), error.aadsts_codes()),
        (ErrorKind::ClientAuthentication, &[7_000_215][..])
    );
    assert!(!error.to_string().contains("a-guess"), "{error}");
    emulator.stop().await;
}

#[tokio::test]
async fn the_environment_names_the_application_and_the_region_of_an_address_is_none() {
    let emulator = Emulator::builder().start().await.unwrap();
    let variables = [
        ("AZURE_TENANT_ID", TENANT),
        ("AZURE_CLIENT_ID", CLIENT),
        ("AZURE_CLIENT_SECRET", SECRET),
        ("AZURE_CLIENT_CERTIFICATE_PATH", "/not/read.pem"),
        ("AZURE_REGIONAL_AUTHORITY_NAME", "westus2"),
    ];
    let options = options(&emulator, &variables);
    let credential =
        EnvironmentCredential::with_options(EnvironmentCredentialOptions { options }).unwrap();
    credential.get_token(&[SCOPE]).await.unwrap();
    let entries = emulator.journal().entries();
    assert_eq!((entries.len(), &*entries[0].endpoint), (1, "entra.token"));
    emulator.stop().await;
}
