//! An application that authenticates with client assertions that a function provides.

use crate::credential::construction::{ApplicationSource, application, pipeline};
use crate::error::Result;
use crate::oauth::application::Application;
use crate::oauth::assertion::ClientAssertion;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token_credential::impl_token_credential;

/// Authenticates an application (service principal) with client assertions that a function
/// provides: signed with a key that the program itself does not hold, or issued by another identity
/// provider.
///
/// Clones share their cache. Source:
/// <https://learn.microsoft.com/entra/workload-id/workload-identity-federation>.
#[derive(Clone, Debug)]
pub struct ClientAssertionCredential(Pipeline<Assertion>);

/// Options of a [`ClientAssertionCredential`].
#[derive(Clone, Debug, Default)]
pub struct ClientAssertionCredentialOptions {
    /// The options that all credentials share.
    pub options: Options,
}

impl ClientAssertionCredential {
    /// Creates a credential for the application `client_id` of the tenant `tenant_id` (id or
    /// domain).
    ///
    /// # Errors
    /// `InvalidArgument` when an argument is empty or malformed, or the environment names a
    /// malformed authority host.
    pub fn new(tenant_id: &str, client_id: &str, assertion: ClientAssertion) -> Result<Self> {
        let options = ClientAssertionCredentialOptions::default();
        Self::with_options(tenant_id, client_id, assertion, options)
    }

    /// Creates the credential with `options`.
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

impl_token_credential!(ClientAssertionCredential, |this| this.0);

#[derive(Debug)]
struct Assertion(Application);

impl ApplicationSource for Assertion {
    const NAME: &'static str = "ClientAssertionCredential";

    fn application(&self) -> &Application {
        &self.0
    }
}
