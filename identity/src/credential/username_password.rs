//! A user whose user name and password the program has.

use crate::authentication_record::AuthenticationRecord;
use crate::context::Context;
use crate::credential::construction::{ExpectedUser, ORGANIZATIONS, UserClient, user_pipeline};
use crate::error::{Error, Result};
use crate::oauth::application::Application;
use crate::oauth::client_auth::ClientAuth;
use crate::oauth::grant::Grant;
use crate::oauth::token_endpoint;
use crate::oauth::user_realm;
use crate::oauth::user_tokens::UserTokens;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::secret::Secret;
use crate::token_credential::impl_token_credential;
use crate::user::authenticate::impl_authenticate;
use crate::user::{SignIn, SignInRequest, UserSource};

/// Authenticates a user with a user name and a password. **Legacy: prefer any other credential.**
///
/// A program that sees a password can lose it; and a user who has to give a second factor, or whose
/// password belongs to another identity provider (a federated account), cannot sign in this way at
/// all. Microsoft deprecates the flow for that reason. It remains for tests and for accounts that
/// have nothing else.
///
/// The password is sent once; after that the user's refresh token serves every scope and tenant.
/// Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc>.
#[derive(Clone, Debug)]
pub struct UsernamePasswordCredential(Pipeline<UserSource<UsernamePassword>>);

/// Options of a [`UsernamePasswordCredential`].
#[derive(Clone, Debug, Default)]
pub struct UsernamePasswordCredentialOptions {
    /// The user's tenant (id or domain). `None`: `organizations`, the tenant of the user name's
    /// domain.
    pub tenant_id: Option<String>,
    /// The record of the user who signed in before. With [`Options::token_cache`], or a cache that
    /// outlives the program, the password is not sent while the refresh token in the cache is
    /// accepted.
    pub authentication_record: Option<AuthenticationRecord>,
    /// The options that all credentials share.
    pub options: Options,
}

impl UsernamePasswordCredential {
    /// Creates a credential for the user `username`, who signs in to the public client `client_id`
    /// with `password`.
    ///
    /// # Errors
    /// `InvalidArgument` when an argument is empty or malformed, or the environment names a
    /// malformed authority host.
    pub fn new(client_id: &str, username: &str, password: &str) -> Result<Self> {
        let options = UsernamePasswordCredentialOptions::default();
        Self::with_options(client_id, username, password, options)
    }

    /// Creates the credential with `options`.
    ///
    /// # Errors
    /// As [`UsernamePasswordCredential::new`]; also for a malformed option.
    pub fn with_options(
        client_id: &str,
        username: &str,
        password: &str,
        options: UsernamePasswordCredentialOptions,
    ) -> Result<Self> {
        if username.trim().is_empty() || password.is_empty() {
            return Err(Error::invalid(
                "the user name and the password must not be empty",
            ));
        }
        let sign_in = UsernamePassword {
            username: username.trim().to_owned(),
            password: Secret::new(password),
        };
        let client = UserClient {
            // Unlike where a user is asked, the record's tenant does not count.
            tenant_id: Some(options.tenant_id.as_deref().unwrap_or(ORGANIZATIONS)),
            client_id: Some(client_id),
            client_auth: ClientAuth::None,
        };
        let expected = ExpectedUser {
            record: options.authentication_record,
            automatic: true,
        };
        user_pipeline(sign_in, client, expected, &options.options).map(Self)
    }
}

impl_token_credential!(UsernamePasswordCredential, |this| this.0);
impl_authenticate!(UsernamePasswordCredential);

#[derive(Debug)]
struct UsernamePassword {
    username: String,
    password: Secret,
}

impl SignIn for UsernamePassword {
    const NAME: &'static str = "UsernamePasswordCredential";

    async fn sign_in(
        &self,
        request: &SignInRequest<'_>,
        application: &Application,
        context: &Context,
    ) -> Result<UserTokens> {
        // A federated account has to sign in at its own identity provider: its password must not be
        // sent to Microsoft Entra ID.
        user_realm::check(application, &self.username, context).await?;
        let grant = Grant::Password {
            username: &self.username,
            password: &self.password,
        };
        token_endpoint::redeem_for_user(application, &grant, request.token_request, context).await
    }
}
