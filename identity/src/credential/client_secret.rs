//! An application that authenticates with a client secret.

use crate::credential::construction::{self, ApplicationSource, application, pipeline};
use crate::error::Result;
use crate::oauth::application::Application;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token_credential::impl_token_credential;

/// Authenticates an application (service principal) with a client secret.
///
/// Clones share their cache. Source:
/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>.
#[derive(Clone, Debug)]
pub struct ClientSecretCredential(Pipeline<ClientSecret>);

/// Options of a [`ClientSecretCredential`].
#[derive(Clone, Debug, Default)]
pub struct ClientSecretCredentialOptions {
    /// The options that all credentials share.
    pub options: Options,
}

impl ClientSecretCredential {
    /// Creates a credential for the application `client_id` of the tenant `tenant_id` (id or
    /// domain).
    ///
    /// # Errors
    /// `InvalidArgument` when an argument is empty or malformed, or the environment names a
    /// malformed authority host.
    pub fn new(tenant_id: &str, client_id: &str, client_secret: &str) -> Result<Self> {
        let options = ClientSecretCredentialOptions::default();
        Self::with_options(tenant_id, client_id, client_secret, options)
    }

    /// Creates the credential with `options`.
    ///
    /// # Errors
    /// As [`ClientSecretCredential::new`]; also for a malformed option.
    pub fn with_options(
        tenant_id: &str,
        client_id: &str,
        client_secret: &str,
        options: ClientSecretCredentialOptions,
    ) -> Result<Self> {
        let options = options.options;
        let proof = construction::client_secret(client_secret)?;
        let application = application(tenant_id, client_id, proof, &options)?;
        pipeline(ClientSecret(application), &options).map(Self)
    }
}

impl_token_credential!(ClientSecretCredential, |this| this.0);

#[derive(Debug)]
struct ClientSecret(Application);

impl ApplicationSource for ClientSecret {
    const NAME: &'static str = "ClientSecretCredential";

    fn application(&self) -> &Application {
        &self.0
    }
}
