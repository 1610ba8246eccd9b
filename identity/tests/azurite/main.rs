//! The official client for Azure Storage with our credentials and our emulator's tokens, against
//! Azurite over https, and the example of the crate documentation as a program of its own.
//!
//! Needs what `tests/azurite/prepare` installs below the target folder. Where that is missing the
//! test shows as ignored, with the reason; with `IDENTITY_CLIENT_TESTS=required` in the environment
//! that is a failure instead, so that CI cannot skip it unseen.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(
    clippy::disallowed_methods,
    reason = "a test of the real world runs real programs"
)]

mod storage;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use azure_core::http::{ClientOptions, RequestContent, StatusCode, Transport, Url};
use azure_storage_blob::{BlobContainerClient, BlobContainerClientOptions};
use identity::context::{Context, ReqwestTransport};
use identity::{ClientSecretCredential, ClientSecretCredentialOptions, Options};
use identity_emulator::Emulator;
use libtest_mimic::{Arguments, Trial};

use self::storage::Azurite;

const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const CLIENT: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const SECRET: &str = "daemon-secret-for-tests-only";

fn main() {
    let arguments = Arguments::from_args();
    let required = std::env::var("IDENTITY_CLIENT_TESTS").is_ok_and(|value| value == "required");
    let mut trial = Trial::test(
        "azure_storage_takes_our_tokens_and_only_with_them_gives_what_the_example_wrote",
        || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build();
            runtime?.block_on(blobs());
            Ok(())
        },
    );
    if !Azurite::is_installed() && !required {
        let reason = "ignored: not installed, run identity/tests/azurite/prepare";
        trial = trial.with_kind(reason).with_ignored_flag(true);
    }
    libtest_mimic::run(&arguments, vec![trial]).exit();
}

async fn blobs() {
    let emulator = Emulator::builder().start().await.unwrap();
    let storage = Azurite::start().await;
    let container = format!("{}/devstoreaccount1/box", storage.url());
    let stranger = client(&container, None, &storage);
    let refused = stranger.create(None).await.expect_err("without a token");
    assert_eq!(
        refused.http_status(),
        Some(StatusCode::Forbidden),
        "{refused}"
    );

    let owner = client(&container, Some(credential(&emulator)), &storage);
    owner.create(None).await.unwrap();
    let said = run_example(&format!("{container}/hello.txt"), &emulator, &storage).await;
    assert_eq!(said.trim_end(), "hello from identity");

    let blob = owner.blob_client("hello.txt");
    let content = blob
        .download(None)
        .await
        .unwrap()
        .body
        .collect()
        .await
        .unwrap();
    assert_eq!(&content[..], b"hello from identity");
    let other = owner.blob_client("other.txt");
    other
        .upload(RequestContent::from(b"ours".to_vec()), None)
        .await
        .unwrap();

    let asked = emulator.journal().entries();
    let scopes = asked.iter().flat_map(|entry| &entry.form);
    let scopes: Vec<_> = scopes
        .filter(|(name, _)| name == "scope")
        .map(|(_, text)| &**text)
        .collect();
    assert_eq!(
        scopes, ["https://storage.azure.com/.default"; 2],
        "one token for each program"
    );
    emulator.stop().await;
}

/// Returns the official client as a program would create it, but for its trusted certificates.
fn client(
    container: &str,
    credential: Option<Arc<ClientSecretCredential>>,
    storage: &Azurite,
) -> BlobContainerClient {
    let authority = reqwest::Certificate::from_pem(storage.ca_pem().as_bytes()).unwrap();
    let http = reqwest::Client::builder()
        .tls_certs_only([authority])
        .build();
    let options = BlobContainerClientOptions {
        client_options: ClientOptions {
            transport: Some(Transport::new(Arc::new(http.unwrap()))),
            ..Default::default()
        },
        ..Default::default()
    };
    let credential = credential.map(|it| it as _);
    BlobContainerClient::new(Url::parse(container).unwrap(), credential, Some(options)).unwrap()
}

fn credential(emulator: &Emulator) -> Arc<ClientSecretCredential> {
    let trust = ReqwestTransport::builder().root_certificate_pem(emulator.ca_pem().as_bytes());
    let options = Options {
        authority_host: Some(emulator.https().to_owned()),
        context: Context {
            transport: Arc::new(trust.unwrap().build().unwrap()),
            ..Context::system()
        },
        ..Options::default()
    };
    let options = ClientSecretCredentialOptions { options };
    let credential = ClientSecretCredential::with_options(TENANT, CLIENT, SECRET, options);
    Arc::new(credential.unwrap())
}

/// Runs `examples/storage_blob.rs`, which cargo builds with the tests, and returns its output.
async fn run_example(blob: &str, emulator: &Emulator, storage: &Azurite) -> String {
    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("trusted.pem");
    std::fs::write(
        &trusted,
        format!("{}{}", emulator.ca_pem(), storage.ca_pem()),
    )
    .unwrap();
    let tests = std::env::current_exe().unwrap();
    let built = tests.parent().and_then(Path::parent).unwrap();
    let mut example = Command::new(built.join("examples/storage_blob"));
    example
        .arg(blob)
        .env("SSL_CERT_FILE", &trusted)
        .env("AZURE_AUTHORITY_HOST", emulator.https())
        .env("AZURE_TENANT_ID", TENANT)
        .env("AZURE_CLIENT_ID", CLIENT)
        .env("AZURE_CLIENT_SECRET", SECRET);
    let output = tokio::task::spawn_blocking(move || example.output())
        .await
        .unwrap();
    let output = output.expect("cargo build -p identity --examples");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaints}");
    String::from_utf8(output.stdout).unwrap()
}
