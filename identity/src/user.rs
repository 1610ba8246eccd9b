//! A user of an application: without asking anybody where that is enough, by a sign-in else.

pub(crate) mod authenticate;
mod bound;
mod kept;
pub(crate) mod silent;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use self::bound::Bound;
use self::silent::{Outcome, Silent};
use crate::authentication_record::AuthenticationRecord;
use crate::cache::Cache;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::joint::Joint;
use crate::oauth::application::Application;
use crate::oauth::user_tokens::UserTokens;
use crate::pipeline::Source;
use crate::token::{AccessToken, TokenRequest};

/// How a user signs in.
pub(crate) trait SignIn: fmt::Debug + Send + Sync + 'static {
    /// The credential's public name.
    const NAME: &'static str;

    /// Has the user sign in. It ends in bounded time, and stops when it is dropped.
    fn sign_in(
        &self,
        ask: &Ask<'_>,
        application: &Application,
        context: &Context,
    ) -> impl Future<Output = Result<UserTokens>> + Send;
}

/// What a user signs in for.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) request: &'a TokenRequest,
    /// Who is expected, where that is known.
    pub(crate) username: Option<&'a str>,
    /// Why what is known about the user is not enough, where the token service was asked.
    pub(crate) refused: Option<&'a Error>,
}

/// A source of tokens of the user who signs in by `S`.
pub(crate) struct UserSource<S>(Arc<Inner<S>>);

struct Inner<S> {
    sign_in: S,
    silent: Silent,
    bound: Bound,
    automatic: bool,
    /// One sign-in at a time: nobody wants two windows.
    open: Joint<SignedIn>,
}

/// What a sign-in came to.
#[derive(Clone)]
struct SignedIn {
    token: AccessToken,
    record: AuthenticationRecord,
}

impl<S: SignIn> UserSource<S> {
    /// Of the user in `record` if there is one, else of who signs in first. Where it may not ask by
    /// itself (`automatic`), somebody has to call [`UserSource::authenticate`]. `cache` is the one
    /// its tokens go to.
    pub(crate) fn new(
        sign_in: S,
        silent: Silent,
        record: Option<AuthenticationRecord>,
        automatic: bool,
        cache: Arc<Cache>,
    ) -> Self {
        Self(Arc::new(Inner {
            sign_in,
            silent,
            bound: Bound::new(record, cache),
            automatic,
            open: Joint::default(),
        }))
    }

    /// Has a user sign in now, whoever that is, and says who it was.
    pub(crate) async fn authenticate(
        &self,
        request: &TokenRequest,
        context: &Context,
    ) -> Result<AuthenticationRecord> {
        let flight = || self.flight(request.clone(), Meaning::Change, None, context);
        let (flight, _) = self.0.open.seat(S::NAME, flight);
        Ok(flight.await?.record)
    }

    /// The application users sign in to.
    pub(crate) fn application(&self) -> &Application {
        &self.0.silent.application
    }

    fn flight(
        &self,
        request: TokenRequest,
        meaning: Meaning,
        refused: Option<Error>,
        context: &Context,
    ) -> impl Future<Output = Result<SignedIn>> + Send + use<S> {
        let (inner, context) = (Arc::clone(&self.0), context.clone());
        async move {
            inner
                .signed_in(&request, meaning, refused.as_ref(), &context)
                .await
        }
    }
}

/// Why somebody signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// A token is wanted, of the user whose the others are.
    Continue,
    /// The program asks who is there.
    Change,
}

impl<S: SignIn> Source for UserSource<S> {
    const NAME: &'static str = S::NAME;

    async fn fetch(&self, request: &TokenRequest, context: &Context) -> Result<AccessToken> {
        loop {
            let refused = match self.0.bound.account() {
                None => None,
                Some(account) => {
                    let home = account.home_account_id();
                    match self.0.silent.token(home, request, context).await? {
                        Outcome::Token(token) => return Ok(token),
                        Outcome::Ask(refused) => refused,
                    }
                }
            };
            if !self.0.automatic {
                return Err(required(request, refused));
            }
            // What the service asks for goes before what was asked here: it knows both.
            let claims = refused.as_ref().and_then(Error::claims);
            let asked = claims.map_or_else(|| request.clone(), |it| request.with_claims(it));
            let flight = || self.flight(asked, Meaning::Continue, refused, context);
            let (flight, is_ours) = self.0.open.seat(S::NAME, flight);
            let signed_in = flight.await?;
            if is_ours {
                return Ok(signed_in.token);
            }
            // It was for another request; with its account this one may need nobody.
        }
    }
}

impl<S: SignIn> Inner<S> {
    async fn signed_in(
        &self,
        request: &TokenRequest,
        meaning: Meaning,
        refused: Option<&Error>,
        context: &Context,
    ) -> Result<SignedIn> {
        let account = self.bound.account();
        let expected = account.as_ref().filter(|_| meaning == Meaning::Continue);
        let ask = Ask {
            request,
            username: expected.map(AuthenticationRecord::username),
            refused,
        };
        let application = &self.silent.application;
        // For a tenant that is not allowed nobody is asked, nor anything about anybody.
        application.tenants.resolve(request.tenant_id())?;
        let tokens = self.sign_in.sign_in(&ask, application, context).await?;
        let user = tokens.user.as_ref().ok_or_else(nobody)?;
        self.silent.check(user, request)?;
        if let Some(expected) = expected.filter(|it| it.home_account_id != user.home_account_id) {
            return Err(somebody_else(expected, &user.username));
        }
        let record = user.record();
        let home = record.home_account_id();
        self.silent.keep(home, &tokens, request, context).await?;
        let now = context.clock.now();
        let token = tokens.access_token;
        self.bound.bind(&record, request, &token, now);
        Ok(SignedIn { token, record })
    }
}

impl<S: fmt::Debug> fmt::Debug for UserSource<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserSource")
            .field("sign_in", &self.0.sign_in)
            .field("silent", &self.0.silent)
            .field("account", &self.0.bound.account())
            .field("automatic", &self.0.automatic)
            .finish()
    }
}

fn nobody() -> Error {
    Error::rejected(
        "Authentication failed: the token service does not say who signed in: its answer has no ID \
         token, or one without the claims iss, aud and sub",
    )
}

fn somebody_else(expected: &AuthenticationRecord, username: &str) -> Error {
    let expected = expected.username();
    Error::new(
        ErrorKind::AuthenticationRequired,
        format!(
            "Authentication failed: this credential is for {expected}, and {username} signed in. \
             Sign in as {expected}, or call 'authenticate' to change to another user"
        ),
    )
}

/// Nobody may be asked; `refused` is what the service said, if it was.
fn required(request: &TokenRequest, refused: Option<Error>) -> Error {
    const MESSAGE: &str =
        "Interactive authentication is required to get a token. Call 'authenticate' to begin.";
    let kind = ErrorKind::AuthenticationRequired;
    let claims = refused.as_ref().and_then(Error::claims);
    let claims = claims.or_else(|| request.claims()).map(str::to_owned);
    let error = match refused {
        Some(refused) => {
            let message = format!("{MESSAGE}\n{refused}");
            refused.retold(kind, message)
        }
        None => Error::new(kind, MESSAGE),
    };
    error.with_scopes(request.scopes()).with_claims(claims)
}
