//! Everything the emulator saw and answered, in order, with secrets masked as they enter.

mod entry;
mod filter;
mod har;
mod log;
mod mask;
mod packed;
mod stream;
mod tokens;
mod wait;

use std::sync::Arc;

use tokio::sync::{Notify, Semaphore};

use crate::exchange::completed::CompletedRequest;
use crate::state::invariant::Finding;

pub use entry::{DecodedToken, Entry};
pub use filter::Filter;
use log::Log;
pub(crate) use mask::Mask;
use packed::Packed;
pub(crate) use stream::StreamStart;
use tokens::Tokens;
pub use wait::WaitTimeout;

/// The last requests and answers, oldest first; clones share them.
///
/// Readers never hold up the requests that are being answered: what is kept is taken out of the
/// lock as it is, packed, and unpacked by whoever reads it.
#[derive(Clone, Debug)]
pub struct Journal(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    log: Log,
    /// Rung for every entry, and when the journal is closed.
    bell: Notify,
    /// How many may still listen to the live stream.
    seats: Arc<Semaphore>,
}

/// The most listeners of the live stream at once.
const MOST_LISTENERS: usize = 64;

impl Journal {
    pub(crate) fn with_limit(limit: usize) -> Self {
        Self(Arc::new(Shared {
            log: Log::with_limit(limit),
            bell: Notify::new(),
            seats: Arc::new(Semaphore::new(MOST_LISTENERS)),
        }))
    }

    /// An empty one that keeps as many.
    pub(crate) fn empty(&self) -> Self {
        Self::with_limit(self.0.log.limit())
    }

    /// The entries kept, oldest first. Requests to `/_emulator/` are not among them, but tokens
    /// [made to order](crate::Forgery) are.
    pub fn entries(&self) -> Vec<Entry> {
        self.select(&Filter::default())
    }

    /// The entries of one endpoint, oldest first; `entra.keys*` means all whose names begin so.
    pub fn of(&self, endpoint: &str) -> Vec<Entry> {
        self.select(&Filter::endpoint(endpoint))
    }

    /// The entries that fit, oldest first; if the filter has a limit, the newest of them.
    pub fn select(&self, filter: &Filter) -> Vec<Entry> {
        let kept = self.0.log.after(filter.since, usize::MAX);
        let fitting = kept.iter().rev().filter_map(|one| filter.unpack(one));
        let mut entries: Vec<_> = fitting.take(filter.limit.unwrap_or(usize::MAX)).collect();
        entries.reverse();
        entries
    }

    /// The entries that fit as JSON lines: one object a line, oldest first.
    pub fn json_lines(&self, filter: &Filter) -> String {
        let mut lines = String::new();
        for entry in self.select(filter) {
            lines += &entry.json();
            lines.push('\n');
        }
        lines
    }

    /// The entries that fit as an HTTP archive (HAR 1.2), which the developer tools of browsers
    /// open. What HAR has no word for is in members that begin with `_`.
    pub fn har(&self, filter: &Filter) -> serde_json::Value {
        har::archive(&self.select(filter))
    }

    /// Number of the newest entry there was; 0 before the first.
    pub fn last(&self) -> u64 {
        self.0.log.last()
    }

    /// Forgets every entry; numbers go on from where they were.
    pub fn clear(&self) {
        self.0.log.clear();
    }

    /// Writes one request with its answer down, and what there is to say about it.
    pub(crate) fn write(&self, seen: &CompletedRequest<'_>, findings: &[Finding], mask: Arc<Mask>) {
        let packed = Packed::of(seen, findings, &mask);
        self.0.log.add(packed, Tokens::of(seen, mask));
        self.0.bell.notify_waiters();
    }

    /// Nothing more will come: whoever waits stops waiting.
    pub(crate) fn close(&self) {
        self.0.log.close();
        self.0.bell.notify_waiters();
    }
}
