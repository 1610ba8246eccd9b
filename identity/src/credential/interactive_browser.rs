//! A user who signs in in a web browser of this machine.

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
use crate::oauth::authorize::{Visit, Wanted};
use crate::oauth::client_auth::ClientAuth;
use crate::oauth::grant::{Grant, user_scope};
use crate::oauth::token_endpoint::{claims, redeem_for_user};
use crate::oauth::user_tokens::UserTokens;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token_credential::faces;
use crate::user::authenticate::authenticates;
use crate::user::{Ask, SignIn, UserSource};

/// Authenticates a user in the browser of this machine.
///
/// When a token is needed and nobody has signed in, the sign-in page is opened, and the call waits
/// for its answer at a port of this machine, for [`timeout`](InteractiveBrowserCredentialOptions::timeout)
/// at most. A user who closes the page cannot be told from one who is slow: such a call ends when
/// that time is over, with an error of kind `Timeout`. Drop the call to give up. Calls that come
/// meanwhile wait for the same page. Where there is no browser, or the port is taken, the credential
/// is unavailable: use [`DeviceCodeCredential`](crate::DeviceCodeCredential) there.
///
/// After that tokens come without the user, for other scopes and tenants, too, while the user's
/// refresh token is good.
///
/// The answer is bound to the page (`state`), its code to this program (PKCE), and the ID token to
/// both (`nonce`); an answer that is not is shown an error page and waited past. The listener needs
/// a tokio runtime. Source:
/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>.
#[derive(Clone, Debug)]
pub struct InteractiveBrowserCredential(Pipeline<UserSource<InteractiveBrowser>>);

/// Options of an [`InteractiveBrowserCredential`].
#[derive(Clone, Debug)]
pub struct InteractiveBrowserCredentialOptions {
    /// The public client users sign in to. `None`: a client of Microsoft's for developers, that of
    /// the Azure CLI. One of your own needs the redirect URI `http://localhost`, as a mobile and
    /// desktop application.
    pub client_id: Option<String>,
    /// The users' tenant (id or domain). `None`: that of the `authentication_record`, else
    /// `organizations`, every tenant.
    pub tenant_id: Option<String>,
    /// The user name the page suggests. `None`: that of the user whose tokens the others are.
    pub login_hint: Option<String>,
    /// Where the page sends its answer, with host and port: `http://localhost:8400`. `None`:
    /// `http://localhost` with any free port.
    pub redirect_uri: Option<String>,
    /// How long to wait for the user; 5 minutes by default.
    pub timeout: Duration,
    /// Who signed in last time: with [`Options::token_cache`], or a cache that outlives the program,
    /// nobody is asked while that user's refresh token is good. Tokens of another user are then
    /// never given, until `authenticate` is called.
    pub authentication_record: Option<AuthenticationRecord>,
    /// Fail, with an error of kind `AuthenticationRequired`, where a page would be opened; the
    /// program then calls `authenticate` at a moment of its choice. Off by default.
    pub disable_automatic_authentication: bool,
    /// What every credential can be told.
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
    /// Whoever signs in, to a client of Microsoft's for developers.
    ///
    /// # Errors
    /// `InvalidArgument` when the environment names a malformed authority host.
    pub fn new() -> Result<Self> {
        Self::with_options(InteractiveBrowserCredentialOptions::default())
    }

    /// The same, with options.
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

faces!(InteractiveBrowserCredential, |this| this.0);
authenticates!(InteractiveBrowserCredential);

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
        ask: &Ask<'_>,
        application: &Application,
        context: &Context,
    ) -> Result<UserTokens> {
        let tenant = application.tenants.resolve(ask.request.tenant_id())?;
        let endpoint = application
            .user_endpoint(tenant, "authorize", context)
            .await?;
        let redirect = self.redirect.clone().unwrap_or_default();
        let (redirect, listener) = wait::listen(redirect, context).await?;
        let visit = Visit::new()?;
        let claims = claims(ask.request);
        let url = visit.url(
            endpoint.url,
            &Wanted {
                client_id: &application.client_id,
                redirect_uri: redirect.uri(),
                scope: &user_scope(ask.request),
                login_hint: self.login_hint.as_deref().or(ask.username),
                claims: claims.as_deref(),
            },
        );
        let wait = Wait {
            url: &url,
            visit: &visit,
            redirect: &redirect,
            limit: self.timeout,
        };
        let code = wait.code(listener, context).await?;
        let grant = Grant::AuthorizationCode {
            code: &code,
            redirect_uri: redirect.uri(),
            verifier: Some(&visit.pkce.verifier),
        };
        let tokens = redeem_for_user(application, &grant, ask.request, context).await?;
        let nonce = tokens.user.as_ref().and_then(|user| user.nonce.as_deref());
        match nonce == Some(visit.nonce.expose()) {
            true => Ok(tokens),
            false => Err(Error::rejected(
                "Authentication failed: the ID token in the answer does not belong to this sign-in \
                 (its nonce is another)",
            )),
        }
    }
}
