//! What is measured, and by what it reaches the emulator.

use std::sync::Arc;

use identity::context::{Context, ReqwestTransport};
use identity::{ClientSecretCredential, ClientSecretCredentialOptions, Options};
use identity_benches::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use identity_emulator::Emulator;

pub(crate) const SCOPE: &str = "https://vault.azure.net/.default";

/// What connections ours shares.
pub(crate) fn transport(emulator: &Emulator) -> Arc<ReqwestTransport> {
    let transport = ReqwestTransport::builder()
        .root_certificate_pem(emulator.ca_pem().as_bytes())
        .and_then(|builder| builder.build());
    Arc::new(transport.expect("a transport that trusts the emulator"))
}

/// One without a token.
pub(crate) fn ours(
    emulator: &Emulator,
    transport: Arc<ReqwestTransport>,
) -> ClientSecretCredential {
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

/// A client as any program makes it.
pub(crate) fn bare_client(emulator: &Emulator) -> reqwest::Client {
    let ca = reqwest::Certificate::from_pem(emulator.ca_pem().as_bytes()).expect("a certificate");
    reqwest::Client::builder()
        .tls_certs_only([ca])
        .build()
        .expect("a client")
}
