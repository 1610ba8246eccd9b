//! An application that acts on behalf of the user who called it.

use crate::credential::construction::{ApplicationSource, application, client_secret, pipeline};
use crate::error::{Error, Result};
use crate::oauth::application::Application;
use crate::oauth::assertion::ClientAssertion;
use crate::oauth::assertion::ClientCertificate;
use crate::oauth::client_auth::ClientAuth;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::secret::Secret;
use crate::token::is_one_word;
use crate::token_credential::impl_token_credential;

/// Authenticates an application on behalf of the user who called it (the on-behalf-of flow).
///
/// Create one for each access token that a user sends. A scope that needs the user's consent or a
/// second factor is an error of kind `AuthenticationRequired` or `ClientAuthentication`, whose
/// [`claims`](Error::claims) belong in the answer to the user. No refresh token is requested or
/// kept: after the user's token has expired the next request fails, and the user has to send a new
/// one.
///
/// Its tokens are kept apart from those of other users. To find them again when the user sends the
/// same access token to a new credential, set [`Options::token_cache`]. Source:
/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow>.
#[derive(Clone, Debug)]
pub struct OnBehalfOfCredential(Pipeline<OnBehalfOf>);

/// The way in which an application authenticates.
#[derive(Clone)]
#[non_exhaustive]
pub enum ClientProof {
    /// With a client secret.
    Secret(String),
    /// With a certificate.
    Certificate(ClientCertificate),
    /// With client assertions that a function provides.
    Assertion(ClientAssertion),
}

/// Options of an [`OnBehalfOfCredential`].
#[derive(Clone, Debug, Default)]
pub struct OnBehalfOfCredentialOptions {
    /// The options that all credentials share.
    pub options: Options,
}

impl OnBehalfOfCredential {
    /// Creates a credential for the application `client_id` of the tenant `tenant_id` (id or
    /// domain), which authenticates with `proof`, on behalf of the user whose access token for the
    /// application is `user_assertion`.
    ///
    /// # Errors
    /// `InvalidArgument` when an argument is empty or malformed, a certificate cannot be used, or
    /// the environment names a malformed authority host.
    pub fn new(
        tenant_id: &str,
        client_id: &str,
        proof: ClientProof,
        user_assertion: &str,
    ) -> Result<Self> {
        let options = OnBehalfOfCredentialOptions::default();
        Self::with_options(tenant_id, client_id, proof, user_assertion, options)
    }

    /// Creates the credential with `options`.
    ///
    /// # Errors
    /// As [`OnBehalfOfCredential::new`]; also for a malformed option.
    pub fn with_options(
        tenant_id: &str,
        client_id: &str,
        proof: ClientProof,
        user_assertion: &str,
        options: OnBehalfOfCredentialOptions,
    ) -> Result<Self> {
        let options = options.options;
        if !is_one_word(user_assertion) {
            return Err(Error::invalid(
                "the user assertion must not be empty or contain spaces; it is the access token \
                 from the user's request, without the word Bearer",
            ));
        }
        let source = OnBehalfOf {
            application: application(tenant_id, client_id, proof.into_client_auth()?, &options)?,
            user: Secret::new(user_assertion),
        };
        pipeline(source, &options).map(Self)
    }
}

impl_token_credential!(OnBehalfOfCredential, |this| this.0);

impl ClientProof {
    fn into_client_auth(self) -> Result<ClientAuth> {
        match self {
            Self::Secret(text) => client_secret(text),
            Self::Certificate(certificate) => certificate.into_client_auth(),
            Self::Assertion(assertion) => Ok(assertion.into_client_auth()),
        }
    }
}

/// Written by hand, so that the secret is not shown.
impl std::fmt::Debug for ClientProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Secret(_) => f.write_str("Secret(***)"),
            Self::Certificate(certificate) => certificate.fmt(f),
            Self::Assertion(assertion) => assertion.fmt(f),
        }
    }
}

#[derive(Debug)]
struct OnBehalfOf {
    application: Application,
    user: Secret,
}

impl ApplicationSource for OnBehalfOf {
    const NAME: &'static str = "OnBehalfOfCredential";

    fn application(&self) -> &Application {
        &self.application
    }

    fn user(&self) -> Option<&Secret> {
        Some(&self.user)
    }
}
