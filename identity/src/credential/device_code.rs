//! A user who signs in on another device, with a code that this program shows.

mod prompt;

use std::time::Duration;

pub use self::prompt::{DeviceCodeInfo, DeviceCodePrompt};
use crate::authentication_record::AuthenticationRecord;
use crate::context::{Context, UnixTime};
use crate::credential::construction::{ExpectedUser, UserClient, user_pipeline};
use crate::error::{Error, ErrorKind, Result};
use crate::oauth::application::Application;
use crate::oauth::client_auth::ClientAuth;
use crate::oauth::device::{self, DeviceAuthorization, PollOutcome};
use crate::oauth::grant::Grant;
use crate::oauth::token_endpoint;
use crate::oauth::user_tokens::UserTokens;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token_credential::impl_token_credential;
use crate::user::authenticate::impl_authenticate;
use crate::user::{SignIn, SignInRequest, UserSource};

/// Authenticates a user who types a code into a web page, on this machine or any other.
///
/// It is meant for programs that cannot open a browser. When a token is needed and no user has
/// signed in, the address of the page and the code are shown (see
/// [`DeviceCodeCredentialOptions::prompt`]), and the call waits until the user has signed in or the
/// code has expired, mostly after 15 minutes; the error is then of kind `Timeout`. Dropping the
/// call ends the sign-in. Other calls that need the user meanwhile wait for the same sign-in.
///
/// After that, tokens for any scope and tenant come without the user, as long as the refresh token
/// of that sign-in is accepted.
///
/// Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>.
#[derive(Clone, Debug)]
pub struct DeviceCodeCredential(Pipeline<UserSource<DeviceCode>>);

/// Options of a [`DeviceCodeCredential`].
#[derive(Clone, Debug, Default)]
pub struct DeviceCodeCredentialOptions {
    /// The client id of the public client that users sign in to. `None`: that of the Azure CLI,
    /// which exists in every tenant.
    pub client_id: Option<String>,
    /// The users' tenant (id or domain). `None`: that of the `authentication_record`, else
    /// `organizations`, every tenant.
    pub tenant_id: Option<String>,
    /// How long to wait for the user. `None`: until the code expires, which ends every wait.
    pub timeout: Option<Duration>,
    /// The function that shows the user the page and the code. `None`: the message of the token
    /// service is written to standard error (see [`Context::terminal`]).
    pub prompt: Option<DeviceCodePrompt>,
    /// The record of the user who signed in before. With [`Options::token_cache`], or a cache that
    /// outlives the program, that user need not sign in again while the refresh token in the cache
    /// is accepted; and no token of another user is returned until `authenticate` is called.
    pub authentication_record: Option<AuthenticationRecord>,
    /// Whether a call that needs the user fails with an error of kind `AuthenticationRequired`
    /// instead of starting a sign-in, so that the program can call `authenticate` at a moment of
    /// its choice. Off by default.
    pub disable_automatic_authentication: bool,
    /// The options that all credentials share.
    pub options: Options,
}

impl DeviceCodeCredential {
    /// Creates a credential for the first user who signs in, to the public client of the Azure CLI.
    ///
    /// # Errors
    /// `InvalidArgument` when the environment names a malformed authority host.
    pub fn new() -> Result<Self> {
        Self::with_options(DeviceCodeCredentialOptions::default())
    }

    /// Creates the credential with `options`.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed option, or a record of another token service.
    pub fn with_options(options: DeviceCodeCredentialOptions) -> Result<Self> {
        let sign_in = DeviceCode {
            timeout: options.timeout,
            prompt: options.prompt,
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

impl_token_credential!(DeviceCodeCredential, |this| this.0);
impl_authenticate!(DeviceCodeCredential);

#[derive(Debug)]
struct DeviceCode {
    timeout: Option<Duration>,
    prompt: Option<DeviceCodePrompt>,
}

impl SignIn for DeviceCode {
    const NAME: &'static str = "DeviceCodeCredential";

    async fn sign_in(
        &self,
        request: &SignInRequest<'_>,
        application: &Application,
        context: &Context,
    ) -> Result<UserTokens> {
        let device = device::begin(application, request.token_request, context).await?;
        let deadline = self
            .timeout
            .map(|timeout| context.clock.now().plus(timeout));
        let end = deadline.map_or(device.expires_on, |deadline| {
            deadline.min(device.expires_on)
        });
        self.show(&device, context);
        let grant = Grant::DeviceCode(&device.code);
        let mut interval = device.interval;
        loop {
            let polled = token_endpoint::redeem_for_user(
                application,
                &grant,
                request.token_request,
                context,
            );
            match polled.await {
                Ok(tokens) => return Ok(tokens),
                Err(error) => match device::poll_outcome(error, interval) {
                    PollOutcome::Retry(pause) => interval = pause,
                    PollOutcome::Ended(error) => return Err(ended(error)),
                },
            }
            pause(interval, end, context).await?;
        }
    }
}

impl DeviceCode {
    fn show(&self, device: &DeviceAuthorization, context: &Context) {
        match &self.prompt {
            Some(prompt) => prompt.show(&DeviceCodeInfo {
                verification_uri: device.verification_uri.clone(),
                user_code: device.user_code.clone(),
                message: device.message.clone(),
                expires_on: device.expires_on.into(),
            }),
            None => context.terminal.tell(&device.message),
        }
    }
}

/// Waits for the next poll. The wait after which the code has expired is cut short and an error.
async fn pause(interval: Duration, end: UnixTime, context: &Context) -> Result<()> {
    let left = end.since(context.clock.now());
    context.clock.sleep(interval.min(left)).await;
    match context.clock.now() < end {
        true => Ok(()),
        false => Err(timed_out()),
    }
}

/// Returns the error of a poll that ends the sign-in: an expired code is a timeout of the user.
fn ended(error: Error) -> Error {
    match error.oauth_error() {
        Some("expired_token" | "code_expired") => {
            let message = format!("{}: {error}", timed_out());
            error.restated(ErrorKind::Timeout, message)
        }
        _ => error,
    }
}

/// Returns the error of a user who did not sign in. It is not transient: trying again would bother
/// the user again.
fn timed_out() -> Error {
    let text = "Timed out waiting for user to authenticate";
    Error::new(ErrorKind::Timeout, text).with_transient(false)
}
