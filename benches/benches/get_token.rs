//! What one call costs: warm (from the cache), and cold (one request on a kept connection), beside
//! the official crate and a bare HTTP client in the same run. Read the ratios, not the times.

use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential as AzureTokenCredential;
use azure_core::http::{ClientOptions, Transport};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use identity::context::{Context, ReqwestTransport};
use identity::{
    ClientSecretCredential, ClientSecretCredentialOptions, Options, TokenCredential, TokenRequest,
};
use identity_benches::{CLIENT_ID, CLIENT_SECRET, TENANT_ID, runtime};
use identity_emulator::Emulator;

const SCOPE: &str = "https://vault.azure.net/.default";

fn warm(criterion: &mut Criterion) {
    let runtime = runtime();
    let emulator = runtime
        .block_on(Emulator::builder().start())
        .expect("the emulator starts");
    let ours = ours(&emulator, transport(&emulator));
    let official = official(&emulator);
    let request = TokenRequest::new(&[SCOPE]).expect("the scope is valid");
    runtime.block_on(async {
        ours.get_token(&[SCOPE]).await.expect("a token");
        official.get_token(&[SCOPE], None).await.expect("a token");
    });

    let mut group = criterion.benchmark_group("warm");
    group.bench_function("official azure_identity", |bencher| {
        bencher
            .to_async(&runtime)
            .iter(async || official.get_token(&[SCOPE], None).await);
    });
    group.bench_function("ours through azure_core", |bencher| {
        let ours: &dyn AzureTokenCredential = &ours;
        bencher
            .to_async(&runtime)
            .iter(async || ours.get_token(&[SCOPE], None).await);
    });
    group.bench_function("ours through our trait", |bencher| {
        let ours: &dyn TokenCredential = &ours;
        bencher
            .to_async(&runtime)
            .iter(async || ours.get_token_with(&request).await);
    });
    group.bench_function("ours", |bencher| {
        bencher
            .to_async(&runtime)
            .iter(async || ours.get_token(&[SCOPE]).await);
    });
    group.finish();
}

fn cold(criterion: &mut Criterion) {
    let runtime = runtime();
    let emulator = runtime
        .block_on(Emulator::builder().start())
        .expect("the emulator starts");
    let transport = transport(&emulator);
    let bare = bare_client(&emulator);
    let url = format!("{}/{TENANT_ID}/oauth2/v2.0/token", emulator.https());

    let mut group = criterion.benchmark_group("cold");
    group.bench_function("bare reqwest", |bencher| {
        bencher.to_async(&runtime).iter(async || {
            let form = format!(
                "grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}\
                 &scope=https%3A%2F%2Fvault.azure.net%2F.default"
            );
            let reply = bare
                .post(&url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form)
                .send()
                .await
                .expect("an answer");
            reply.bytes().await.expect("a body")
        });
    });
    group.bench_function("ours", |bencher| {
        // A new credential has no token yet; making it is not what is measured.
        let setup = || ours(&emulator, transport.clone());
        let ask = async |credential: ClientSecretCredential| {
            let token = credential.get_token(&[SCOPE]).await.expect("a token");
            (token, credential)
        };
        bencher
            .to_async(&runtime)
            .iter_batched(setup, ask, BatchSize::SmallInput);
    });
    group.finish();
}

fn transport(emulator: &Emulator) -> Arc<ReqwestTransport> {
    let transport = ReqwestTransport::builder()
        .root_certificate_pem(emulator.ca_pem().as_bytes())
        .and_then(|builder| builder.build());
    Arc::new(transport.expect("a transport that trusts the emulator"))
}

fn ours(emulator: &Emulator, transport: Arc<ReqwestTransport>) -> ClientSecretCredential {
    let options = Options {
        authority_host: Some(emulator.https().to_owned()),
        context: Context {
            transport,
            ..Context::system()
        },
        ..Options::default()
    };
    ClientSecretCredential::with_options(
        TENANT_ID,
        CLIENT_ID,
        CLIENT_SECRET,
        ClientSecretCredentialOptions { options },
    )
    .expect("valid arguments")
}

fn official(emulator: &Emulator) -> Arc<dyn AzureTokenCredential> {
    let mut custom = azure_core::cloud::CustomConfiguration::default();
    custom.authority_host = emulator.https().to_owned();
    let client_options = ClientOptions {
        transport: Some(Transport::new(Arc::new(bare_client(emulator)))),
        cloud: Some(Arc::new(custom.into())),
        ..ClientOptions::default()
    };
    azure_identity::ClientSecretCredential::new(
        TENANT_ID,
        CLIENT_ID.to_owned(),
        CLIENT_SECRET.to_owned().into(),
        Some(azure_identity::ClientSecretCredentialOptions { client_options }),
    )
    .expect("valid arguments")
}

fn bare_client(emulator: &Emulator) -> reqwest::Client {
    let ca = reqwest::Certificate::from_pem(emulator.ca_pem().as_bytes()).expect("a certificate");
    reqwest::Client::builder()
        .tls_certs_only([ca])
        .build()
        .expect("a client")
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(3));
    targets = warm, cold
}
criterion_main!(benches);
