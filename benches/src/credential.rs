//! The credential that is measured, and the transport by which it reaches the emulator.

use std::sync::Arc;

use identity::context::{Context, ReqwestTransport};
use identity::{ClientSecretCredential, ClientSecretCredentialOptions, Options};
use identity_emulator::Emulator;

use crate::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};

/// The scope that every benchmark asks for.
pub const SCOPE: &str = "https://vault.azure.net/.default";

/// The transport that our credentials share.
///
/// # Panics
///
/// When it cannot be made, which the emulator's certificate does not cause.
#[must_use]
pub fn transport(emulator: &Emulator) -> Arc<ReqwestTransport> {
    let transport = ReqwestTransport::builder()
        .root_certificate_pem(emulator.ca_pem().as_bytes())
        .and_then(|builder| builder.build());
    Arc::new(transport.expect("a transport that trusts the emulator"))
}

/// A credential of ours without a token.
///
/// # Panics
///
/// When it cannot be made, which the emulator's certificate does not cause.
#[must_use]
pub fn our_credential(
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

/// A client as an ordinary program makes it.
///
/// # Panics
///
/// When it cannot be made, which the emulator's certificate does not cause.
#[must_use]
pub fn bare_client(emulator: &Emulator) -> reqwest::Client {
    let ca = reqwest::Certificate::from_pem(emulator.ca_pem().as_bytes()).expect("a certificate");
    reqwest::Client::builder()
        .tls_certs_only([ca])
        .build()
        .expect("a client")
}
