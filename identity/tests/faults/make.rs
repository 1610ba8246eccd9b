//! The constructors of the credentials of the matrix.

use std::sync::Arc;

use identity::{
    AzurePipelinesCredential, AzurePipelinesCredentialOptions, CertificateCredential,
    CertificateCredentialOptions, ChainedTokenCredential, ClientAssertion,
    ClientAssertionCredential, ClientAssertionCredentialOptions, ClientCertificate, ClientProof,
    ClientSecretCredential, ClientSecretCredentialOptions, DefaultAzureCredential,
    DefaultAzureCredentialOptions, EnvironmentCredential, EnvironmentCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, OnBehalfOfCredential,
    OnBehalfOfCredentialOptions, Options, Result, TokenCredential, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};

use crate::worlds::SECRET;

pub(crate) fn made<C: TokenCredential + 'static>(
    credential: Result<C>,
) -> Arc<dyn TokenCredential> {
    Arc::new(credential.unwrap())
}

fn certificate_and_key() -> ClientCertificate {
    ClientCertificate::from_bytes(&include_bytes!("../certificates/plain.pem")[..])
}

fn assertion() -> ClientAssertion {
    ClientAssertion::new(|| async { Ok(SECRET.to_owned()) })
}

fn on_behalf_of(proof: ClientProof, options: Options) -> Arc<dyn TokenCredential> {
    let options = OnBehalfOfCredentialOptions { options };
    let user = SECRET;
    made(OnBehalfOfCredential::with_options(
        "contoso", "app", proof, user, options,
    ))
}

pub(crate) fn client_secret(options: Options) -> Arc<dyn TokenCredential> {
    let options = ClientSecretCredentialOptions { options };
    made(ClientSecretCredential::with_options(
        "contoso", "app", SECRET, options,
    ))
}

pub(crate) fn certificate(options: Options) -> Arc<dyn TokenCredential> {
    let options = CertificateCredentialOptions { options };
    let certificate = certificate_and_key();
    made(CertificateCredential::with_options(
        "contoso",
        "app",
        certificate,
        options,
    ))
}

pub(crate) fn client_assertion(options: Options) -> Arc<dyn TokenCredential> {
    let options = ClientAssertionCredentialOptions { options };
    let assertion = assertion();
    made(ClientAssertionCredential::with_options(
        "contoso", "app", assertion, options,
    ))
}

pub(crate) fn by_secret(options: Options) -> Arc<dyn TokenCredential> {
    on_behalf_of(ClientProof::Secret(SECRET.to_owned()), options)
}

pub(crate) fn by_certificate(options: Options) -> Arc<dyn TokenCredential> {
    on_behalf_of(ClientProof::Certificate(certificate_and_key()), options)
}

pub(crate) fn by_assertion(options: Options) -> Arc<dyn TokenCredential> {
    on_behalf_of(ClientProof::Assertion(assertion()), options)
}

pub(crate) fn workload_identity(options: Options) -> Arc<dyn TokenCredential> {
    let options = WorkloadIdentityCredentialOptions {
        options,
        ..Default::default()
    };
    made(WorkloadIdentityCredential::with_options(options))
}

/// Returns a credential behind the token proxy of the environment.
#[cfg(feature = "reqwest")]
pub(crate) fn proxied(options: Options) -> Arc<dyn TokenCredential> {
    let options = WorkloadIdentityCredentialOptions {
        enable_azure_proxy: true,
        options,
        ..Default::default()
    };
    made(WorkloadIdentityCredential::with_options(options))
}

pub(crate) fn pipeline(options: Options) -> Arc<dyn TokenCredential> {
    let options = AzurePipelinesCredentialOptions { options };
    made(AzurePipelinesCredential::with_options(
        "contoso",
        "app",
        "connection",
        SECRET,
        options,
    ))
}

pub(crate) fn environment(options: Options) -> Arc<dyn TokenCredential> {
    let options = EnvironmentCredentialOptions { options };
    made(EnvironmentCredential::with_options(options))
}

pub(crate) fn chained(options: Options) -> Arc<dyn TokenCredential> {
    let members = vec![client_secret(options.clone()), client_secret(options)];
    made(ChainedTokenCredential::new(members))
}

pub(crate) fn default(options: Options) -> Arc<dyn TokenCredential> {
    let options = DefaultAzureCredentialOptions {
        options,
        ..Default::default()
    };
    made(DefaultAzureCredential::with_options(options))
}

pub(crate) fn managed_identity(options: Options) -> Arc<dyn TokenCredential> {
    let options = ManagedIdentityCredentialOptions {
        identity: None,
        options,
        ..Default::default()
    };
    made(ManagedIdentityCredential::with_options(options))
}
