//! Tokens of an application's user: silently where that is possible, by a sign-in otherwise.

pub(crate) mod authenticate;
mod current_user;
mod records;
pub(crate) mod silent;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use self::current_user::CurrentUser;
use self::silent::{SilentFlow, SilentOutcome};
use crate::authentication_record::AuthenticationRecord;
use crate::cache::Cache;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::oauth::application::Application;
use crate::oauth::user_tokens::UserTokens;
use crate::pipeline::Source;
use crate::single_flight::SingleFlight;
use crate::token::{AccessToken, TokenRequest};

/// A way in which a user signs in.
pub(crate) trait SignIn: fmt::Debug + Send + Sync + 'static {
    /// The credential's public name.
    const NAME: &'static str;

    /// Has the user sign in. The future ends in bounded time, and dropping it ends the sign-in.
    fn sign_in(
        &self,
        request: &SignInRequest<'_>,
        application: &Application,
        context: &Context,
    ) -> impl Future<Output = Result<UserTokens>> + Send;
}

/// The reason for a sign-in.
#[derive(Debug)]
pub(crate) struct SignInRequest<'a> {
    pub(crate) token_request: &'a TokenRequest,
    /// The name of the user who is expected, where that is known.
    pub(crate) username: Option<&'a str>,
    /// The error with which the token service refused the user's refresh token, if it was asked.
    pub(crate) refusal: Option<&'a Error>,
}

/// A source of tokens of the user who signs in by `S`. It first tries to get them silently.
pub(crate) struct UserSource<S>(Arc<Inner<S>>);

struct Inner<S> {
    sign_in: S,
    silent: SilentFlow,
    current_user: CurrentUser,
    /// Whether a call for a token may start a sign-in by itself.
    automatic: bool,
    /// The sign-in under way. There is one at a time, so that the user does not see two windows.
    sign_in_flight: SingleFlight<SignedIn>,
}

/// The result of a sign-in.
#[derive(Clone)]
struct SignedIn {
    token: AccessToken,
    record: AuthenticationRecord,
}

impl<S: SignIn> UserSource<S> {
    /// Creates a source for the user in `record`, or for the first user who signs in. Unless it is
    /// `automatic` a sign-in starts only with [`UserSource::authenticate`]. `cache` is the
    /// credential's token cache.
    pub(crate) fn new(
        sign_in: S,
        silent: SilentFlow,
        record: Option<AuthenticationRecord>,
        automatic: bool,
        cache: Arc<Cache>,
    ) -> Self {
        Self(Arc::new(Inner {
            sign_in,
            silent,
            current_user: CurrentUser::new(record, cache),
            automatic,
            sign_in_flight: SingleFlight::default(),
        }))
    }

    /// Has a user sign in now, whoever that is, and returns the record of that user.
    pub(crate) async fn authenticate(
        &self,
        request: &TokenRequest,
        context: &Context,
    ) -> Result<AuthenticationRecord> {
        let flight = || self.flight(request.clone(), SignInPurpose::ChangeUser, None, context);
        let (flight, _) = self.0.sign_in_flight.join(S::NAME, flight);
        Ok(flight.await?.record)
    }

    /// The application users sign in to.
    pub(crate) fn application(&self) -> &Application {
        &self.0.silent.application
    }

    fn flight(
        &self,
        request: TokenRequest,
        purpose: SignInPurpose,
        refusal: Option<Error>,
        context: &Context,
    ) -> impl Future<Output = Result<SignedIn>> + Send + use<S> {
        let (inner, context) = (Arc::clone(&self.0), context.clone());
        async move {
            inner
                .signed_in(&request, purpose, refusal.as_ref(), &context)
                .await
        }
    }
}

/// The purpose of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SignInPurpose {
    /// A token is needed. The user has to be the one the credential is for.
    GetToken,
    /// The program called `authenticate`. The credential is then for whoever signs in.
    ChangeUser,
}

impl<S: SignIn> Source for UserSource<S> {
    const NAME: &'static str = S::NAME;

    async fn fetch(&self, request: &TokenRequest, context: &Context) -> Result<AccessToken> {
        loop {
            let refusal = match self.0.current_user.account() {
                None => None,
                Some(account) => {
                    let home = account.home_account_id();
                    match self.0.silent.token(home, request, context).await? {
                        SilentOutcome::Token(token) => return Ok(token),
                        SilentOutcome::InteractionRequired(refusal) => refusal,
                    }
                }
            };
            if !self.0.automatic {
                return Err(authentication_required(request, refusal));
            }
            // The claims in the service's refusal replace those of the request: the service has
            // seen the request's claims, and asks for all that it needs.
            let claims = refusal.as_ref().and_then(Error::claims);
            let request_of_sign_in =
                claims.map_or_else(|| request.clone(), |claims| request.with_claims(claims));
            let flight = || {
                self.flight(
                    request_of_sign_in,
                    SignInPurpose::GetToken,
                    refusal,
                    context,
                )
            };
            let (flight, is_ours) = self.0.sign_in_flight.join(S::NAME, flight);
            let signed_in = flight.await?;
            if is_ours {
                return Ok(signed_in.token);
            }
            // The sign-in was begun by a call for another request. Its account may now be enough to
            // get a token for this request silently.
        }
    }
}

impl<S: SignIn> Inner<S> {
    async fn signed_in(
        &self,
        request: &TokenRequest,
        purpose: SignInPurpose,
        refusal: Option<&Error>,
        context: &Context,
    ) -> Result<SignedIn> {
        let account = self.current_user.account();
        let expected = account
            .as_ref()
            .filter(|_| purpose == SignInPurpose::GetToken);
        let sign_in_request = SignInRequest {
            token_request: request,
            username: expected.map(AuthenticationRecord::username),
            refusal,
        };
        let application = &self.silent.application;
        // A tenant that is not allowed is an error before the user sees a page or any name is sent.
        application.tenants.resolve(request.tenant_id())?;
        let tokens = self
            .sign_in
            .sign_in(&sign_in_request, application, context)
            .await?;
        let user = tokens.user.as_ref().ok_or_else(unknown_user)?;
        self.silent.check(user, request)?;
        if let Some(expected) =
            expected.filter(|record| record.home_account_id != user.home_account_id)
        {
            return Err(another_user(expected, &user.username));
        }
        let record = user.record();
        let home = record.home_account_id();
        self.silent.keep(home, &tokens, request, context).await?;
        let now = context.clock.now();
        let token = tokens.access_token;
        self.current_user.change(&record, request, &token, now);
        Ok(SignedIn { token, record })
    }
}

impl<S: fmt::Debug> fmt::Debug for UserSource<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserSource")
            .field("sign_in", &self.0.sign_in)
            .field("silent", &self.0.silent)
            .field("account", &self.0.current_user.account())
            .field("automatic", &self.0.automatic)
            .finish()
    }
}

/// Returns the error of an answer without a user.
fn unknown_user() -> Error {
    Error::rejected(
        "Authentication failed: the token service does not say who signed in: its answer has no ID \
         token, or one without the claims iss, aud and sub",
    )
}

/// Returns the error of a sign-in by a user other than `expected`.
fn another_user(expected: &AuthenticationRecord, username: &str) -> Error {
    let expected = expected.username();
    Error::new(
        ErrorKind::AuthenticationRequired,
        format!(
            "Authentication failed: this credential is for {expected}, and {username} signed in. \
             Sign in as {expected}, or call 'authenticate' to change to another user"
        ),
    )
}

/// Returns the error of a call that needs a sign-in and may not start one. `refusal` is the token
/// service's error, if it was asked.
fn authentication_required(request: &TokenRequest, refusal: Option<Error>) -> Error {
    const MESSAGE: &str =
        "Interactive authentication is required to get a token. Call 'authenticate' to begin.";
    let kind = ErrorKind::AuthenticationRequired;
    let claims = refusal.as_ref().and_then(Error::claims);
    let claims = claims.or_else(|| request.claims()).map(str::to_owned);
    let error = match refusal {
        Some(refusal) => {
            let message = format!("{MESSAGE}\n{refusal}");
            refusal.restated(kind, message)
        }
        None => Error::new(kind, MESSAGE),
    };
    error.with_scopes(request.scopes()).with_claims(claims)
}
