//! The one error type.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// What every fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in the one distinction callers act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The credential does not apply here: not configured, no such host. A chain goes on.
    CredentialUnavailable,
    /// The token service (or host) answered, and the answer was no.
    ClientAuthentication,
    /// A user has to do something first: sign in, consent, a second factor.
    AuthenticationRequired,
    /// An argument, option or environment variable is malformed; asking again cannot help.
    InvalidArgument,
    /// No answer came: connection refused or broken, TLS failure, no transport.
    Transport,
    /// No answer came in time.
    Timeout,
    /// The code that was getting the token panicked: this crate's, or yours that it called (a
    /// transport, a function that makes assertions). It is a bug there. No chain goes on after it.
    Panicked,
}

/// An error: cheap to clone, safe to log (it never holds a secret, token or assertion).
///
/// `Display` says what happened and, where there is something to do, what to do next.
#[derive(Clone)]
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
}

/// One member of a chain that was asked for a token, and what it said.
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

    /// The credential's name, for example `ManagedIdentityCredential`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its error.
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl Error {
    /// An error of `kind`, for your own [`TokenCredential`](crate::TokenCredential) or
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
        }))
    }

    /// The same error, said to be worth (or not worth) trying again.
    #[must_use]
    pub fn with_transient(self, transient: bool) -> Self {
        self.edit(|inner| inner.transient = transient)
    }

    /// What went wrong, to act on.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the same request may well succeed later, nothing changed.
    pub fn is_transient(&self) -> bool {
        self.0.transient
    }

    /// HTTP status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The OAuth error of the answer, for example `invalid_client`.
    pub fn oauth_error(&self) -> Option<&str> {
        self.0.oauth_error.as_deref()
    }

    /// Microsoft Entra ID's error codes: `7000215` for `AADSTS7000215`. Empty when there are none.
    pub fn aadsts_codes(&self) -> &[u32] {
        &self.0.aadsts_codes
    }

    /// A claims challenge (JSON) to pass on to whoever can answer it.
    pub fn claims(&self) -> Option<&str> {
        self.0.claims.as_deref()
    }

    /// What a user has to sign in for: with an error of kind `AuthenticationRequired` that a
    /// credential with `disable_automatic_authentication` gives, the scopes to call `authenticate`
    /// with. Empty for all others.
    pub fn scopes(&self) -> &[String] {
        &self.0.scopes
    }

    /// The id by which the service's support finds this request.
    pub fn correlation_id(&self) -> Option<&str> {
        self.0.correlation_id.as_deref()
    }

    /// What each member of a chain said, in order; empty for the error of a single credential.
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

    /// The same facts under another kind and message: a host that gives an answer its meaning.
    pub(crate) fn retold(self, kind: ErrorKind, message: impl Into<String>) -> Self {
        self.edit(|inner| {
            inner.kind = kind;
            inner.message = message.into();
        })
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
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("status", &self.0.status)
            .field("oauth_error", &self.0.oauth_error)
            .field("aadsts_codes", &self.0.aadsts_codes)
            .field("correlation_id", &self.0.correlation_id)
            .field("transient", &self.0.transient)
            .field("attempts", &self.0.attempts)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {}
