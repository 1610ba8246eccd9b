//! Finding out, quickly, whether a host is there at all.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::imds;
use crate::context::{Context, UnixTime};
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::exchange;
use crate::msi::Host;
use crate::retry::RetryPolicy;

/// How long a probe may take in all. IMDS answers within milliseconds; a chain that finds nothing
/// anywhere is to end in little more than a second, the search for developer tools included.
const TIMEOUT: Duration = Duration::from_millis(900);
/// How long an absent host stays absent without another probe: a program on a developer's
/// machine does not pay a second for every call.
const ABSENT_FOR: Duration = Duration::from_secs(30);

/// Remembers what a probe found: a host that once answered stays, an absent one is asked again
/// after 30 s.
#[derive(Debug, Default)]
pub(crate) struct Probe(AtomicI64);

const UNKNOWN: i64 = 0;
const PRESENT: i64 = -1;

impl Probe {
    /// Ends well at once when `host` is known to be there or cannot be probed, otherwise after
    /// one request of at most 0.9 s.
    ///
    /// # Errors
    /// `CredentialUnavailable` when there is no answer.
    pub(crate) async fn run(
        &self,
        host: &dyn Host,
        resource: &str,
        context: &Context,
    ) -> Result<()> {
        let Some(request) = host.probe(resource) else {
            return Ok(());
        };
        match self.0.load(Ordering::Relaxed) {
            PRESENT => return Ok(()),
            UNKNOWN => {}
            until if context.clock.now() < UnixTime::from_millis(until) => {
                return Err(absent(host));
            }
            _ => {}
        }
        let answer = exchange(request, &RetryPolicy::once(TIMEOUT), context).await;
        let outcome = match answer {
            Ok(reply) if !imds::is_unreachable(&reply) => Ok(()),
            Ok(reply) => Err(absent(host).with_status(reply.status)),
            Err(error) => Err(host.unreached(error)),
        };
        let found = match &outcome {
            Ok(()) => PRESENT,
            Err(_) => context.clock.now().plus(ABSENT_FOR).as_millis().max(1),
        };
        self.0.store(found, Ordering::Relaxed);
        outcome.map_err(|error| {
            let message = error.to_string();
            error.restated(ErrorKind::CredentialUnavailable, message)
        })
    }
}

fn absent(host: &dyn Host) -> Error {
    let reason = Error::new(
        ErrorKind::Transport,
        "no answer to a probe within the last 30 s",
    );
    host.unreached(reason)
}
