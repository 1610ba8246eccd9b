//! A user who signs in with a web browser on this machine.

mod page;
mod redirect;
mod wait;

use std::time::Duration;

use self::redirect::Redirect;
use self::wait::Wait;
use crate::authentication_record::AuthenticationRecord;
use crate::context::Context;
use crate::credential::construction::{ExpectedUser, UserClient, user_pipeline};
use crate::error::{Error, Result};
use crate::oauth::application::Application;
use crate::oauth::authorize::{AuthorizationFlow, AuthorizationRequest};
use crate::oauth::client_auth::ClientAuth;
use crate::oauth::grant::{Grant, user_scope};
use crate::oauth::token_endpoint::{claims, redeem_for_user};
use crate::oauth::user_tokens::UserTokens;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token_credential::impl_token_credential;
use crate::user::authenticate::impl_authenticate;
use crate::user::{SignIn, SignInRequest, UserSource};

/// Authenticates a user in the browser of this machine.
///
/// When a token is needed and no user has signed in, the sign-in page is opened, and the call waits
/// for its answer at a port of this machine, at most for
/// [`timeout`](InteractiveBrowserCredentialOptions::timeout). A closed page looks like a slow user:
/// such a call ends with an error of kind `Timeout` when the time is over. Dropping the call ends
/// the sign-in. Other calls that need the user meanwhile wait for the same sign-in. Where there is
/// no browser, or the port is taken, the credential is unavailable: use
/// [`DeviceCodeCredential`](crate::DeviceCodeCredential) there.
///
/// After that, tokens for any scope and tenant come without the user, as long as the refresh token
/// of that sign-in is accepted.
///
/// The parameter `state` ties the answer to the sign-in, PKCE ties the authorization code to this
/// program, and `nonce` ties the ID token to both. An answer with another `state` is shown an error
/// page, and the call waits on. The listener needs a tokio runtime. Source:
/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>.
#[derive(Clone, Debug)]
pub struct InteractiveBrowserCredential(Pipeline<UserSource<InteractiveBrowser>>);

/// Options of an [`InteractiveBrowserCredential`].
#[derive(Clone, Debug)]
pub struct InteractiveBrowserCredentialOptions {
    /// The client id of the public client that users sign in to. `None`: that of the Azure CLI,
    /// which exists in every tenant. An application of your own needs the redirect URI
    /// `http://localhost` of the platform "mobile and desktop applications".
    pub client_id: Option<String>,
    /// The users' tenant (id or domain). `None`: that of the `authentication_record`, else
    /// `organizations`, every tenant.
    pub tenant_id: Option<String>,
    /// The user name that the page suggests. `None`: that of the user this credential is for, if
    /// one has signed in before.
    pub login_hint: Option<String>,
    /// The redirect URI to which the page sends its answer, with host and port, such as
    /// `http://localhost:8400`. `None`: `http://localhost` with any free port.
    pub redirect_uri: Option<String>,
    /// How long to wait for the user; 5 minutes by default.
    pub timeout: Duration,
    /// The record of the user who signed in before. With [`Options::token_cache`], or a cache that
    /// outlives the program, that user need not sign in again while the refresh token in the cache
    /// is accepted; and no token of another user is returned until `authenticate` is called.
    pub authentication_record: Option<AuthenticationRecord>,
    /// Whether a call that needs the user fails with an error of kind `AuthenticationRequired`
    /// instead of opening a page, so that the program can call `authenticate` at a moment of its
    /// choice. Off by default.
    pub disable_automatic_authentication: bool,
    /// The options that all credentials share.
    pub options: Options,
}

impl Default for InteractiveBrowserCredentialOptions {
    fn default() -> Self {
        Self {
            client_id: None,
            tenant_id: None,
            login_hint: None,
            redirect_uri: None,
            timeout: Duration::from_secs(300),
            authentication_record: None,
            disable_automatic_authentication: false,
            options: Options::default(),
        }
    }
}

impl InteractiveBrowserCredential {
    /// Creates a credential for the first user who signs in, to the public client of the Azure CLI.
    ///
    /// # Errors
    /// `InvalidArgument` when the environment names a malformed authority host.
    pub fn new() -> Result<Self> {
        Self::with_options(InteractiveBrowserCredentialOptions::default())
    }

    /// Creates the credential with `options`.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed option, or a record of another token service.
    pub fn with_options(options: InteractiveBrowserCredentialOptions) -> Result<Self> {
        let sign_in = InteractiveBrowser {
            login_hint: options.login_hint,
            redirect: options
                .redirect_uri
                .as_deref()
                .map(Redirect::parse)
                .transpose()?,
            timeout: options.timeout,
        };
        let client = UserClient {
            tenant_id: options.tenant_id.as_deref(),
            client_id: options.client_id.as_deref(),
            client_auth: ClientAuth::None,
        };
        let expected = ExpectedUser {
            record: options.authentication_record,
            automatic: !options.disable_automatic_authentication,
        };
        user_pipeline(sign_in, client, expected, &options.options).map(Self)
    }
}

impl_token_credential!(InteractiveBrowserCredential, |this| this.0);
impl_authenticate!(InteractiveBrowserCredential);

#[derive(Debug)]
struct InteractiveBrowser {
    login_hint: Option<String>,
    redirect: Option<Redirect>,
    timeout: Duration,
}

impl SignIn for InteractiveBrowser {
    const NAME: &'static str = "InteractiveBrowserCredential";

    async fn sign_in(
        &self,
        request: &SignInRequest<'_>,
        application: &Application,
        context: &Context,
    ) -> Result<UserTokens> {
        let tenant = application
            .tenants
            .resolve(request.token_request.tenant_id())?;
        let endpoint = application
            .user_endpoint(tenant, "authorize", context)
            .await?;
        let redirect = self.redirect.clone().unwrap_or_default();
        // The listener comes first: only it knows the port that the page has to send its answer to.
        let (redirect, listener) = wait::listen(redirect, context).await?;
        let flow = AuthorizationFlow::new()?;
        let claims = claims(request.token_request);
        let url = flow.url(
            endpoint.url,
            &AuthorizationRequest {
                client_id: &application.client_id,
                redirect_uri: redirect.uri(),
                scope: &user_scope(request.token_request),
                login_hint: self.login_hint.as_deref().or(request.username),
                claims: claims.as_deref(),
            },
        );
        let wait = Wait {
            url: &url,
            flow: &flow,
            redirect: &redirect,
            limit: self.timeout,
        };
        let code = wait.code(listener, context).await?;
        let grant = Grant::AuthorizationCode {
            code: &code,
            redirect_uri: redirect.uri(),
            verifier: Some(&flow.pkce.verifier),
        };
        let tokens = redeem_for_user(application, &grant, request.token_request, context).await?;
        let nonce = tokens.user.as_ref().and_then(|user| user.nonce.as_deref());
        match nonce == Some(flow.nonce.expose()) {
            true => Ok(tokens),
            false => Err(Error::rejected(
                "Authentication failed: the ID token in the answer does not belong to this sign-in \
                 (its nonce is another)",
            )),
        }
    }
}
