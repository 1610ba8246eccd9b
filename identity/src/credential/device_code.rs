//! A user who lets this program in from another device.

mod prompt;

use std::time::Duration;

pub use self::prompt::{DeviceCodeInfo, DeviceCodePrompt};
use crate::authentication_record::AuthenticationRecord;
use crate::context::{Context, UnixTime};
use crate::credential::construction::{ExpectedUser, UserClient, user_pipeline};
use crate::error::{Error, ErrorKind, Result};
use crate::oauth::application::Application;
use crate::oauth::client_auth::ClientAuth;
use crate::oauth::device::{self, Device, Poll};
use crate::oauth::grant::Grant;
use crate::oauth::token_endpoint;
use crate::oauth::user_tokens::UserTokens;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token_credential::faces;
use crate::user::authenticate::authenticates;
use crate::user::{Ask, SignIn, UserSource};

/// Authenticates a user who types a code into a web page, on this machine or any other.
///
/// For programs where no browser can be opened. When a token is needed and nobody has signed in, the
/// page and the code are shown (see [`DeviceCodeCredentialOptions::prompt`]), and the call waits
/// until the user is done: no longer than the code is good, mostly 15 minutes. Drop the call to give
/// up. Calls that come meanwhile wait for the same user.
///
/// After that tokens come without the user, for other scopes and tenants, too, while the user's
/// refresh token is good. A user who is away too long is an error of kind `Timeout`.
///
/// Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>.
#[derive(Clone, Debug)]
pub struct DeviceCodeCredential(Pipeline<UserSource<DeviceCode>>);

/// Options of a [`DeviceCodeCredential`].
#[derive(Clone, Debug, Default)]
pub struct DeviceCodeCredentialOptions {
    /// The public client users sign in to. `None`: a client of Microsoft's for developers, that of
    /// the Azure CLI.
    pub client_id: Option<String>,
    /// The users' tenant (id or domain). `None`: that of the `authentication_record`, else
    /// `organizations`, every tenant.
    pub tenant_id: Option<String>,
    /// How long to wait for the user. `None`: as long as the code is good, which is the longest in
    /// any case.
    pub timeout: Option<Duration>,
    /// Shows the user where to go and what to type. `None`: standard error, in the words of the
    /// service (see [`Context::terminal`]).
    pub prompt: Option<DeviceCodePrompt>,
    /// Who signed in last time: with [`Options::token_cache`], or a cache that outlives the program,
    /// nobody is asked while that user's refresh token is good. Tokens of another user are then
    /// never given, until `authenticate` is called.
    pub authentication_record: Option<AuthenticationRecord>,
    /// Fail, with an error of kind `AuthenticationRequired`, where the user would be asked; the
    /// program then calls `authenticate` at a moment of its choice. Off by default.
    pub disable_automatic_authentication: bool,
    /// What every credential can be told.
    pub options: Options,
}

impl DeviceCodeCredential {
    /// Whoever signs in, to a client of Microsoft's for developers.
    ///
    /// # Errors
    /// `InvalidArgument` when the environment names a malformed authority host.
    pub fn new() -> Result<Self> {
        Self::with_options(DeviceCodeCredentialOptions::default())
    }

    /// The same, with options.
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

faces!(DeviceCodeCredential, |this| this.0);
authenticates!(DeviceCodeCredential);

#[derive(Debug)]
struct DeviceCode {
    timeout: Option<Duration>,
    prompt: Option<DeviceCodePrompt>,
}

impl SignIn for DeviceCode {
    const NAME: &'static str = "DeviceCodeCredential";

    async fn sign_in(
        &self,
        ask: &Ask<'_>,
        application: &Application,
        context: &Context,
    ) -> Result<UserTokens> {
        let device = device::begin(application, ask.request, context).await?;
        let limit = self
            .timeout
            .map(|timeout| context.clock.now().plus(timeout));
        let end = limit.map_or(device.expires_on, |limit| limit.min(device.expires_on));
        self.show(&device, context);
        let grant = Grant::DeviceCode(&device.code);
        let mut interval = device.interval;
        loop {
            let polled = token_endpoint::redeem_for_user(application, &grant, ask.request, context);
            match polled.await {
                Ok(tokens) => return Ok(tokens),
                Err(error) => match device::after(error, interval) {
                    Poll::After(pause) => interval = pause,
                    Poll::Over(error) => return Err(over(error)),
                },
            }
            pause(interval, end, context).await?;
        }
    }
}

impl DeviceCode {
    fn show(&self, device: &Device, context: &Context) {
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

/// Waits for the next poll, or until there is none.
async fn pause(interval: Duration, end: UnixTime, context: &Context) -> Result<()> {
    let left = end.since(context.clock.now());
    context.clock.sleep(interval.min(left)).await;
    match context.clock.now() < end {
        true => Ok(()),
        false => Err(too_late()),
    }
}

fn over(error: Error) -> Error {
    match error.oauth_error() {
        Some("expired_token" | "code_expired") => {
            let message = format!("{}: {error}", too_late());
            error.retold(ErrorKind::Timeout, message)
        }
        _ => error,
    }
}

/// Not transient: who tries again asks the user again.
fn too_late() -> Error {
    let text = "Timed out waiting for user to authenticate";
    Error::new(ErrorKind::Timeout, text).with_transient(false)
}
