//! A quick test whether a managed identity host is there at all.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::imds;
use crate::context::{Context, UnixTime};
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::exchange;
use crate::msi::Host;
use crate::retry::RetryPolicy;

/// How long a probe may take. IMDS answers within milliseconds. A chain that finds nothing is to
/// end in little more than a second, with the search for developer tools.
const TIMEOUT: Duration = Duration::from_millis(900);
/// How long a host counts as absent without another probe. Without this a program on a developer's
/// machine would wait a second in every call.
const ABSENT_FOR: Duration = Duration::from_secs(30);

/// The remembered result of a probe. A host that answered once counts as present for good; an
/// absent one is probed again after 30 s.
#[derive(Debug, Default)]
pub(crate) struct Probe(AtomicI64);

// Any other value is the time, in milliseconds, until which the host counts as absent.
const UNKNOWN: i64 = 0;
const PRESENT: i64 = -1;

impl Probe {
    /// Succeeds at once when `host` is known to be there or cannot be probed, and otherwise after
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
        // Relaxed: the number stands alone, and a second probe at the same time does no harm.
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
        let result = match &outcome {
            Ok(()) => PRESENT,
            // Never one of the two values above.
            Err(_) => context.clock.now().plus(ABSENT_FOR).as_millis().max(1),
        };
        self.0.store(result, Ordering::Relaxed);
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
