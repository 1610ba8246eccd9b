//! An application that proves itself by a certificate.

use crate::credential::construction::{ApplicationSource, application, pipeline};
use crate::error::Result;
use crate::oauth::application::Application;
use crate::oauth::assertion::ClientCertificate;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token_credential::faces;

/// Authenticates an application (service principal) with a certificate.
///
/// Each proof is a statement of ten minutes signed with the certificate's key: RSASSA-PSS
/// (`PS256`), the certificate named by its SHA-256; in the tenant `adfs` (Active Directory
/// Federation Services) `RS256` and SHA-1. It is used again until a minute before its end.
///
/// A certificate in a file is read when a token is first asked for, and again after it has
/// changed; what is wrong with it is then the error of that call. One given as bytes is checked by
/// the constructor.
///
/// Clones share their cache. Source:
/// <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>.
#[derive(Clone, Debug)]
pub struct CertificateCredential(Pipeline<Certificate>);

/// Options of a [`CertificateCredential`].
#[derive(Clone, Debug, Default)]
pub struct CertificateCredentialOptions {
    /// What every credential can be told.
    pub options: Options,
}

impl CertificateCredential {
    /// The application `client_id` of the tenant `tenant_id` (id or domain).
    ///
    /// # Errors
    /// `InvalidArgument` when an argument is empty or malformed, the certificate is given as
    /// bytes and of no use, or the environment names a malformed authority host.
    pub fn new(tenant_id: &str, client_id: &str, certificate: ClientCertificate) -> Result<Self> {
        let options = CertificateCredentialOptions::default();
        Self::with_options(tenant_id, client_id, certificate, options)
    }

    /// The same, with options.
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

faces!(CertificateCredential, |this| this.0);

#[derive(Debug)]
struct Certificate(Application);

impl ApplicationSource for Certificate {
    const NAME: &'static str = "CertificateCredential";

    fn application(&self) -> &Application {
        &self.0
    }
}
