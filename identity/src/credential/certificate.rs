//! An application that authenticates with a certificate.

use crate::credential::construction::{ApplicationSource, application, pipeline};
use crate::error::Result;
use crate::oauth::application::Application;
use crate::oauth::assertion::ClientCertificate;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token_credential::impl_token_credential;

/// Authenticates an application (service principal) with a certificate.
///
/// The proof is a client assertion (a signed JWT) that is valid for ten minutes and is used again
/// until a minute before its end. It is signed with RSASSA-PSS (`PS256`) and names the certificate
/// by its SHA-256 thumbprint; in the tenant `adfs` (Active Directory Federation Services) it is
/// signed with `RS256` and uses the SHA-1 thumbprint.
///
/// A certificate file is read when a token is first requested, and again after it has changed; a
/// malformed file is an error of that request. A certificate given as bytes is checked by the
/// constructor.
///
/// Clones share their cache. Source:
/// <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>.
#[derive(Clone, Debug)]
pub struct CertificateCredential(Pipeline<Certificate>);

/// Options of a [`CertificateCredential`].
#[derive(Clone, Debug, Default)]
pub struct CertificateCredentialOptions {
    /// The options that all credentials share.
    pub options: Options,
}

impl CertificateCredential {
    /// Creates a credential for the application `client_id` of the tenant `tenant_id` (id or
    /// domain).
    ///
    /// # Errors
    /// `InvalidArgument` when an argument is empty or malformed, the certificate is given as
    /// bytes and cannot be used, or the environment names a malformed authority host.
    pub fn new(tenant_id: &str, client_id: &str, certificate: ClientCertificate) -> Result<Self> {
        let options = CertificateCredentialOptions::default();
        Self::with_options(tenant_id, client_id, certificate, options)
    }

    /// Creates the credential with `options`.
    ///
    /// # Errors
    /// As [`CertificateCredential::new`]; also for a malformed option.
    pub fn with_options(
        tenant_id: &str,
        client_id: &str,
        certificate: ClientCertificate,
        options: CertificateCredentialOptions,
    ) -> Result<Self> {
        let options = options.options;
        let proof = certificate.into_client_auth()?;
        let application = application(tenant_id, client_id, proof, &options)?;
        pipeline(Certificate(application), &options).map(Self)
    }
}

impl_token_credential!(CertificateCredential, |this| this.0);

#[derive(Debug)]
struct Certificate(Application);

impl ApplicationSource for Certificate {
    const NAME: &'static str = "CertificateCredential";

    fn application(&self) -> &Application {
        &self.0
    }
}
