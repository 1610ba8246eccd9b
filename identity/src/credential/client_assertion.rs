//! An application that proves itself by assertions of its own making.

use crate::credential::construction::{ApplicationSource, application, pipeline};
use crate::error::Result;
use crate::oauth::application::Application;
use crate::oauth::assertion::ClientAssertion;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token_credential::faces;

/// Authenticates an application (service principal) with client assertions that a function makes:
/// from a key the program does not hold itself, or from another identity provider.
///
/// Clones share their cache. Source:
/// <https://learn.microsoft.com/entra/workload-id/workload-identity-federation>.
#[derive(Clone, Debug)]
pub struct ClientAssertionCredential(Pipeline<Assertion>);

/// Options of a [`ClientAssertionCredential`].
#[derive(Clone, Debug, Default)]
pub struct ClientAssertionCredentialOptions {
    /// What every credential can be told.
    pub options: Options,
}

impl ClientAssertionCredential {
    /// The application `client_id` of the tenant `tenant_id` (id or domain).
    ///
    /// # Errors
    /// `InvalidArgument` when an argument is empty or malformed, or the environment names a
    /// malformed authority host.
    pub fn new(tenant_id: &str, client_id: &str, assertion: ClientAssertion) -> Result<Self> {
        let options = ClientAssertionCredentialOptions::default();
        Self::with_options(tenant_id, client_id, assertion, options)
    }

    /// The same, with options.
    ///
    /// # Errors
    /// As [`ClientAssertionCredential::new`]; also for a malformed option.
    pub fn with_options(
        tenant_id: &str,
        client_id: &str,
        assertion: ClientAssertion,
        options: ClientAssertionCredentialOptions,
    ) -> Result<Self> {
        let options = options.options;
        let proof = assertion.into_client_auth();
        let application = application(tenant_id, client_id, proof, &options)?;
        pipeline(Assertion(application), &options).map(Self)
    }
}

faces!(ClientAssertionCredential, |this| this.0);

#[derive(Debug)]
struct Assertion(Application);

impl ApplicationSource for Assertion {
    const NAME: &'static str = "ClientAssertionCredential";

    fn application(&self) -> &Application {
        &self.0
    }
}
