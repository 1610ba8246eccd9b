//! A user who has already signed in, on a page that the program opened itself.

use std::fmt;
use std::sync::Mutex;

use url::Url;

use crate::context::Context;
use crate::credential::construction::{ExpectedUser, UserClient, client_secret, user_pipeline};
use crate::error::{Error, ErrorKind, Result};
use crate::oauth::application::Application;
use crate::oauth::client_auth::ClientAuth;
use crate::oauth::grant::Grant;
use crate::oauth::token_endpoint;
use crate::oauth::user_tokens::UserTokens;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::secret::Secret;
use crate::sync::lock;
use crate::token::is_one_word;
use crate::token_credential::impl_token_credential;
use crate::user::{SignIn, SignInRequest, UserSource};

/// Authenticates a user by the authorization code that came to the program's redirect URI.
///
/// A web application creates one for each user who signs in. The first call redeems the code, which
/// is good for one use only; later tokens, and those for other scopes, come from the refresh token
/// in the answer. When the refresh token is no longer accepted the error is of kind
/// `AuthenticationRequired`: the user has to sign in again, which gives a new code for a new
/// credential.
///
/// Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>.
#[derive(Clone, Debug)]
pub struct AuthorizationCodeCredential(Pipeline<UserSource<AuthorizationCode>>);

/// Options of an [`AuthorizationCodeCredential`].
#[derive(Clone, Default)]
pub struct AuthorizationCodeCredentialOptions {
    /// The application's secret, which a web application has; `None` for a public client.
    pub client_secret: Option<String>,
    /// The PKCE code verifier: the text whose hash was sent as `code_challenge` when the sign-in
    /// began. `None` if the sign-in was begun without PKCE.
    pub code_verifier: Option<String>,
    /// The options that all credentials share.
    pub options: Options,
}

impl AuthorizationCodeCredential {
    /// Creates a credential for the user whom the sign-in page sent back to `redirect_uri` with
    /// `authorization_code`, after a sign-in to the application `client_id` of the tenant
    /// `tenant_id` (id, domain or `organizations`).
    ///
    /// # Errors
    /// `InvalidArgument` when an argument is empty or malformed, or the environment names a
    /// malformed authority host.
    pub fn new(
        tenant_id: &str,
        client_id: &str,
        authorization_code: &str,
        redirect_uri: &str,
    ) -> Result<Self> {
        let options = AuthorizationCodeCredentialOptions::default();
        Self::with_options(
            tenant_id,
            client_id,
            authorization_code,
            redirect_uri,
            options,
        )
    }

    /// Creates the credential with `options`.
    ///
    /// # Errors
    /// As [`AuthorizationCodeCredential::new`]; also for a malformed option.
    pub fn with_options(
        tenant_id: &str,
        client_id: &str,
        authorization_code: &str,
        redirect_uri: &str,
        options: AuthorizationCodeCredentialOptions,
    ) -> Result<Self> {
        if !is_one_word(authorization_code) {
            return Err(Error::invalid(
                "the authorization code must not be empty or contain spaces; it is the parameter \
                 \"code\" of the answer, decoded",
            ));
        }
        if Url::parse(redirect_uri).is_err() {
            return Err(Error::invalid(
                "the redirect URI must be a URL, the very one the sign-in was begun with",
            ));
        }
        let client_auth = match &options.client_secret {
            Some(text) => client_secret(text)?,
            None => ClientAuth::None,
        };
        let client = UserClient {
            tenant_id: Some(tenant_id),
            client_id: Some(client_id),
            client_auth,
        };
        let sign_in = AuthorizationCode {
            code: Mutex::new(Some(Secret::new(authorization_code))),
            redirect_uri: redirect_uri.to_owned(),
            verifier: options.code_verifier.map(Secret::new),
        };
        let expected = ExpectedUser {
            record: None,
            automatic: true,
        };
        user_pipeline(sign_in, client, expected, &options.options).map(Self)
    }
}

impl_token_credential!(AuthorizationCodeCredential, |this| this.0);

impl fmt::Debug for AuthorizationCodeCredentialOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |secret: &Option<String>| secret.as_ref().map(|_| "***");
        f.debug_struct("AuthorizationCodeCredentialOptions")
            .field("client_secret", &hidden(&self.client_secret))
            .field("code_verifier", &hidden(&self.code_verifier))
            .field("options", &self.options)
            .finish()
    }
}

#[derive(Debug)]
struct AuthorizationCode {
    /// `None` once the token service has accepted or refused it, because a code works only once.
    code: Mutex<Option<Secret>>,
    redirect_uri: String,
    verifier: Option<Secret>,
}

impl SignIn for AuthorizationCode {
    const NAME: &'static str = "AuthorizationCodeCredential";

    async fn sign_in(
        &self,
        request: &SignInRequest<'_>,
        application: &Application,
        context: &Context,
    ) -> Result<UserTokens> {
        let code = lock(&self.code).clone();
        let Some(code) = code else {
            return Err(request.refusal.map_or_else(used_up, Error::clone));
        };
        let grant = Grant::AuthorizationCode {
            code: &code,
            redirect_uri: &self.redirect_uri,
            verifier: self.verifier.as_ref(),
        };
        let redeemed =
            token_endpoint::redeem_for_user(application, &grant, request.token_request, context)
                .await;
        // A transient error, such as no answer, does not tell whether the code was redeemed: the
        // next call tries it again.
        let is_spent = redeemed
            .as_ref()
            .err()
            .is_none_or(|error| !error.is_transient());
        if is_spent {
            *lock(&self.code) = None;
        }
        redeemed
    }
}

fn used_up() -> Error {
    Error::new(
        ErrorKind::AuthenticationRequired,
        "No authorization code, cached access token, or refresh token available. The user has to \
         sign in again",
    )
}
