//! A user who has signed in already, on a page the program showed itself.

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
use crate::token_credential::faces;
use crate::user::{Ask, SignIn, UserSource};

/// Authenticates a user by the authorization code that came to the program's redirect URI.
///
/// Made by a web application for each user who signs in. The code is redeemed by the first call and
/// never again; tokens for other scopes, and later ones, come by the refresh token that came with
/// it. When that is used up the user has to sign in again, with a new code and a new credential: the
/// error is then of kind `AuthenticationRequired`.
///
/// Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>.
#[derive(Clone, Debug)]
pub struct AuthorizationCodeCredential(Pipeline<UserSource<AuthorizationCode>>);

/// Options of an [`AuthorizationCodeCredential`].
#[derive(Clone, Default)]
pub struct AuthorizationCodeCredentialOptions {
    /// The application's secret, which a web application has; `None` for a public client.
    pub client_secret: Option<String>,
    /// What the code's sign-in was begun with (PKCE), if it was: the text whose hash was the
    /// `code_challenge`.
    pub code_verifier: Option<String>,
    /// What every credential can be told.
    pub options: Options,
}

impl AuthorizationCodeCredential {
    /// The user who signed in to the application `client_id` of the tenant `tenant_id` (id, domain
    /// or `organizations`) and whom the page sent to `redirect_uri` with `authorization_code`.
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

    /// The same, with options.
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

faces!(AuthorizationCodeCredential, |this| this.0);

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
    /// `None` once the token service has said yes or no to it.
    code: Mutex<Option<Secret>>,
    redirect_uri: String,
    verifier: Option<Secret>,
}

impl SignIn for AuthorizationCode {
    const NAME: &'static str = "AuthorizationCodeCredential";

    async fn sign_in(
        &self,
        ask: &Ask<'_>,
        application: &Application,
        context: &Context,
    ) -> Result<UserTokens> {
        let code = lock(&self.code).clone();
        let Some(code) = code else {
            return Err(ask.refused.map_or_else(used_up, Error::clone));
        };
        let grant = Grant::AuthorizationCode {
            code: &code,
            redirect_uri: &self.redirect_uri,
            verifier: self.verifier.as_ref(),
        };
        let redeemed =
            token_endpoint::redeem_for_user(application, &grant, ask.request, context).await;
        // An error that says nothing of the code leaves it good.
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
