//! The error type of this crate.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// The result of every fallible function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an error: the distinction by which callers act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The credential cannot be used here: it is not configured, or its host is not there. A chain
    /// goes on to the next.
    CredentialUnavailable,
    /// The token service or host answered, and refused to give a token.
    ClientAuthentication,
    /// A user has to act first: sign in, consent, or use a second factor.
    AuthenticationRequired,
    /// An argument, option or environment variable is malformed; another try cannot help.
    InvalidArgument,
    /// No answer came: connection refused or broken, TLS failure, no transport.
    Transport,
    /// No answer came in time.
    Timeout,
    /// The code that was getting the token panicked: this crate's, or yours that it called (a
    /// transport, a function that makes assertions). It is a bug there. No chain goes on after it.
    Panicked,
}

/// An error of this crate. It is cheap to clone and safe to log: it never holds a secret, token or
/// assertion.
///
/// `Display` says what happened and, where there is something to do, the next step.
#[derive(Clone)]
// One pointer, because a `Result` is part of every future in the library.
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    transient: bool,
    status: Option<u16>,
    oauth_error: Option<String>,
    aadsts_codes: Vec<u32>,
    claims: Option<String>,
    scopes: Vec<String>,
    correlation_id: Option<String>,
    attempts: Vec<Attempt>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// A member of a chain that was asked for a token, and its error.
#[derive(Clone, Debug)]
pub struct Attempt {
    name: String,
    error: Error,
}

impl Attempt {
    pub(crate) fn new(name: &str, error: Error) -> Self {
        Self {
            name: name.to_owned(),
            error,
        }
    }

    /// Returns the credential's name, for example `ManagedIdentityCredential`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the credential's error.
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl Error {
    /// Returns an error of `kind`, for your own [`TokenCredential`](crate::TokenCredential) or
    /// [`Transport`](crate::context::Transport). Put no secret into `message`.
    ///
    /// Errors of kind `Transport` and `Timeout` count as transient, others do not; see
    /// [`Error::with_transient`].
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: message.into(),
            transient: matches!(kind, ErrorKind::Transport | ErrorKind::Timeout),
            status: None,
            oauth_error: None,
            aadsts_codes: Vec::new(),
            claims: None,
            scopes: Vec::new(),
            correlation_id: None,
            attempts: Vec::new(),
            source: None,
        }))
    }

    /// Returns the error marked as worth, or not worth, another try.
    #[must_use]
    pub fn with_transient(self, transient: bool) -> Self {
        self.edit(|inner| inner.transient = transient)
    }

    /// Returns the error with `source`, the error that it is the consequence of; see
    /// [`std::error::Error::source`]. Neither its `Display` nor its `Debug` may hold a secret.
    #[must_use]
    pub fn with_source(self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.edit(|inner| inner.source = Some(Arc::new(source)))
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the same request may succeed later without any change.
    pub fn is_transient(&self) -> bool {
        self.0.transient
    }

    /// Returns the HTTP status of the response, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns the OAuth error of the response, for example `invalid_client`.
    pub fn oauth_error(&self) -> Option<&str> {
        self.0.oauth_error.as_deref()
    }

    /// Returns Microsoft Entra ID's error codes: `7000215` for `AADSTS7000215`. Empty when there
    /// are none.
    pub fn aadsts_codes(&self) -> &[u32] {
        &self.0.aadsts_codes
    }

    /// Returns the claims challenge (JSON) of the response, to pass on to the party that can answer
    /// it.
    pub fn claims(&self) -> Option<&str> {
        self.0.claims.as_deref()
    }

    /// Returns the scopes to call `authenticate` with, for an error of kind
    /// `AuthenticationRequired` from a credential with `disable_automatic_authentication`. Empty
    /// for all others.
    pub fn scopes(&self) -> &[String] {
        &self.0.scopes
    }

    /// Returns the id by which the service's support finds this request.
    pub fn correlation_id(&self) -> Option<&str> {
        self.0.correlation_id.as_deref()
    }

    /// Returns the errors of the members of a chain, in order. Empty for the error of a single
    /// credential.
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::CredentialUnavailable, message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    pub(crate) fn rejected(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::ClientAuthentication, message)
    }

    /// Returns the error with another kind and message and all other facts unchanged, for callers
    /// that know better what a response means.
    pub(crate) fn restated(self, kind: ErrorKind, message: impl Into<String>) -> Self {
        self.edit(|inner| {
            inner.kind = kind;
            inner.message = message.into();
        })
    }

    /// Returns the error with the environment variable that its cause is in.
    pub(crate) fn in_variable(self, name: &str) -> Self {
        let (kind, message) = (self.kind(), format!("{name}: {self}"));
        self.restated(kind, message)
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        self.edit(|inner| inner.status = Some(status))
    }

    pub(crate) fn with_oauth_error(self, error: Option<&str>) -> Self {
        self.edit(|inner| inner.oauth_error = error.map(str::to_owned))
    }

    pub(crate) fn with_aadsts_codes(self, codes: Vec<u32>) -> Self {
        self.edit(|inner| inner.aadsts_codes = codes)
    }

    pub(crate) fn with_claims(self, claims: Option<String>) -> Self {
        self.edit(|inner| inner.claims = claims)
    }

    pub(crate) fn with_scopes(self, scopes: &[String]) -> Self {
        self.edit(|inner| inner.scopes = scopes.to_vec())
    }

    pub(crate) fn with_correlation_id(self, id: Option<String>) -> Self {
        self.edit(|inner| inner.correlation_id = id)
    }

    pub(crate) fn with_attempts(self, attempts: Vec<Attempt>) -> Self {
        self.edit(|inner| inner.attempts = attempts)
    }

    fn edit(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        // Copies the facts only where another clone of the error exists.
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

/// Shows the facts on the first line. The message of a chain has a line for each member, which
/// stand below as they are: a program that ends with `unwrap` prints this.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut facts = f.debug_struct("Error");
        facts.field("kind", &self.0.kind);
        if self.0.attempts.is_empty() {
            facts.field("message", &self.0.message);
        }
        facts
            .field("status", &self.0.status)
            .field("oauth_error", &self.0.oauth_error)
            .field("aadsts_codes", &self.0.aadsts_codes)
            .field("correlation_id", &self.0.correlation_id)
            .field("transient", &self.0.transient)
            .finish_non_exhaustive()?;
        match self.0.attempts.is_empty() {
            true => Ok(()),
            false => write!(f, "\n{}", self.0.message),
        }
    }
}

impl StdError for Error {
    /// Returns the error that this one is the consequence of: the error of the transport or the
    /// operating system, or that of the last member of a chain.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.source {
            Some(source) => Some(&**source),
            None => self.0.attempts.last().map(|attempt| &attempt.error as _),
        }
    }
}
