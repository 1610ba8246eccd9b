//! The check whether IMDS is there at all, before a chain asks it for a token.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::imds;
use crate::context::{Context, UnixTime};
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::exchange;
use crate::msi::Host;
use crate::retry::RetryPolicy;
use crate::sync::lock;

/// Options of the check that a chain makes before it asks the instance metadata service (IMDS) for
/// a token.
///
/// Where IMDS is missing, most networks refuse the connection at once, but some drop it in silence.
/// So the connection has little time and, once it is made, the answer has more.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImdsProbeOptions {
    /// The longest time to make a connection; 0.9 s by default. It bounds what the check costs on a
    /// machine without IMDS.
    pub connect_timeout: Duration,
    /// The longest time from the connection to the answer. `None`, the default, means 5 s in the
    /// default chain, which has other members to go on to, and 30 s where `AZURE_TOKEN_CREDENTIALS`
    /// is `prod` and in a [`ChainedTokenCredential`](crate::ChainedTokenCredential).
    pub answer_timeout: Option<Duration>,
    /// The time for which an IMDS that was not there is not checked again; 3 s by default.
    pub absent_for: Duration,
}

impl Default for ImdsProbeOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_millis(900),
            answer_timeout: None,
            absent_for: Duration::from_secs(3),
        }
    }
}

impl ImdsProbeOptions {
    /// The time for an answer in a chain that has developer tools to go on to.
    pub(crate) const SHORT_ANSWER: Duration = Duration::from_secs(5);
    /// The time for an answer in every other chain: IMDS of a starting pod can be this slow.
    const LONG_ANSWER: Duration = Duration::from_secs(30);

    /// The longest time of a whole check. It also ends that of a transport which knows nothing of
    /// [`Request::connect_timeout`](crate::context::Request::connect_timeout).
    fn timeout(&self) -> Duration {
        let answer = self.answer_timeout.unwrap_or(Self::LONG_ANSWER);
        self.connect_timeout.saturating_add(answer)
    }
}

/// The check of one host, and its result so far.
#[derive(Debug, Default)]
pub(crate) struct Probe {
    options: ImdsProbeOptions,
    presence: Mutex<Presence>,
    has_given_token: AtomicBool,
}

/// The result of the last check.
#[derive(Debug, Default)]
enum Presence {
    #[default]
    Unknown,
    /// The host answered. It is not checked again.
    Present,
    /// The host did not answer, for the reason in the error. It is checked again after the time.
    Absent(UnixTime, Error),
}

impl Probe {
    pub(crate) fn new(options: ImdsProbeOptions) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }

    /// The longest time that a connection to the host may take.
    pub(crate) fn connect_timeout(&self) -> Duration {
        self.options.connect_timeout
    }

    /// Makes sure that `host` is there, by one request unless that is known. A host that cannot be
    /// checked counts as there.
    ///
    /// # Errors
    /// `CredentialUnavailable` when there is no answer, or one that is not the host's.
    pub(crate) async fn run(
        &self,
        host: &dyn Host,
        resource: &str,
        context: &Context,
    ) -> Result<()> {
        let Some(mut request) = host.probe(resource) else {
            return Ok(());
        };
        if let Some(known) = self.known(context.clock.now()) {
            return known;
        }
        request.connect_timeout = Some(self.options.connect_timeout);
        let policy = RetryPolicy::once(self.options.timeout());
        let outcome = match exchange(request, &policy, context).await {
            Ok(reply) => imds::check_origin(&reply),
            Err(error) => Err(self.unreached(host, error)),
        };
        *lock(&self.presence) = match &outcome {
            Ok(()) => Presence::Present,
            Err(error) => {
                let until = context.clock.now().plus(self.options.absent_for);
                Presence::Absent(until, error.clone())
            }
        };
        outcome
    }

    /// The result of an earlier check, where it still holds.
    fn known(&self, now: UnixTime) -> Option<Result<()>> {
        match &*lock(&self.presence) {
            Presence::Present => Some(Ok(())),
            Presence::Absent(until, error) if now < *until => Some(Err(error.clone())),
            Presence::Unknown | Presence::Absent(..) => None,
        }
    }

    /// Notes that the host has given a token.
    pub(crate) fn succeeded(&self) {
        self.has_given_token.store(true, Ordering::Relaxed);
    }

    /// Returns the meaning of `error` for the chain. As long as the host has given no token, an
    /// answer that is not IMDS's own comes from something else at its address, so that the chain
    /// may go on. Once it has, the same answer is a failure of the host, and going on could make
    /// the program act as another identity.
    pub(crate) fn judge(&self, error: Error) -> Error {
        let is_foreign = error.status().is_some() && error.oauth_error().is_none();
        let is_known = self.has_given_token.load(Ordering::Relaxed);
        match is_foreign && !is_known && error.kind() == ErrorKind::ClientAuthentication {
            true => {
                let message =
                    format!("ManagedIdentityCredential authentication unavailable. {error}");
                error.restated(ErrorKind::CredentialUnavailable, message)
            }
            false => error,
        }
    }

    fn unreached(&self, host: &dyn Host, error: Error) -> Error {
        let is_timeout = error.kind() == ErrorKind::Timeout;
        let error = host.unreached(error);
        let message = match is_timeout {
            true => format!(
                "{error}. If IMDS is slow here, raise connect_timeout or answer_timeout of \
                 imds_probe"
            ),
            false => error.to_string(),
        };
        error.restated(ErrorKind::CredentialUnavailable, message)
    }
}
