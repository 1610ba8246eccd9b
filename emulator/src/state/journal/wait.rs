//! Waiting for entries.

use std::fmt;
use std::pin::pin;
use std::time::Duration;

use tokio::time::Instant;

use crate::state::journal::{Entry, Filter, Journal};

/// Not enough entries came in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitTimeout {
    /// How many were waited for.
    pub wanted: usize,
    /// Those that came.
    pub found: Vec<Entry>,
}

/// Entries looked at under one lock.
const PAGE: usize = 256;

impl Journal {
    /// Waits until `count` entries fit the filter, and gives the first `count` of them. Those
    /// already there count as well: `since` with [`last`](Self::last) leaves them out. The limit of
    /// the filter has no meaning here. The time is real time, whatever the emulator's clock says.
    ///
    /// # Errors
    /// Fewer after `timeout`, or when the emulator stops.
    pub async fn wait_for(
        &self,
        filter: &Filter,
        count: usize,
        timeout: Duration,
    ) -> Result<Vec<Entry>, WaitTimeout> {
        let deadline = Instant::now().checked_add(timeout);
        let mut found = Vec::new();
        let mut since = filter.since;
        loop {
            let mut rung = pin!(self.0.bell.notified());
            // From here on, an entry that comes is not missed.
            rung.as_mut().enable();
            let closed = self.0.log.is_closed();
            while let Some(page) = self.page(since) {
                since = page.last().map_or(since, |kept| kept.number);
                found.extend(page.iter().filter_map(|kept| filter.unpack(kept)));
                if found.len() >= count {
                    break;
                }
            }
            if found.len() >= count {
                found.truncate(count);
                return Ok(found);
            }
            if closed || !in_time(deadline, rung).await {
                return Err(WaitTimeout {
                    wanted: count,
                    found,
                });
            }
        }
    }

    /// The next entries after a number, if there are any.
    pub(super) fn page(&self, since: u64) -> Option<Vec<super::log::Kept>> {
        let page = self.0.log.after(since, PAGE);
        (!page.is_empty()).then_some(page)
    }
}

/// Whether `event` comes before the deadline; a time beyond all clocks never comes.
pub(super) async fn in_time(deadline: Option<Instant>, event: impl Future<Output = ()>) -> bool {
    match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline, event).await.is_ok(),
        None => {
            event.await;
            true
        }
    }
}

impl fmt::Display for WaitTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} journal entries came in time",
            self.found.len(),
            self.wanted
        )
    }
}

impl std::error::Error for WaitTimeout {}
