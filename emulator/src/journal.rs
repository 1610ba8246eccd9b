//! Everything the emulator saw and answered, in order, with secrets masked as they enter.

mod entry;
mod mask;
mod record;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

pub use entry::{Entry, Finding, Issued};
pub(crate) use mask::Mask;
pub(crate) use record::record;

/// The last requests and answers, oldest first; clones share them.
#[derive(Clone, Debug)]
pub struct Journal(Arc<Mutex<Log>>);

#[derive(Debug)]
struct Log {
    entries: VecDeque<Arc<Entry>>,
    next: u64,
    limit: usize,
}

impl Journal {
    pub(crate) fn with_limit(limit: usize) -> Self {
        Self(Arc::new(Mutex::new(Log {
            entries: VecDeque::new(),
            next: 1,
            limit,
        })))
    }

    /// The entries kept, oldest first. Requests to `/_emulator/` are not among them.
    pub fn entries(&self) -> Vec<Entry> {
        self.log(|log| {
            log.entries
                .iter()
                .map(|entry| Entry::clone(entry))
                .collect()
        })
    }

    /// The entries of one endpoint, oldest first.
    pub fn of(&self, endpoint: &str) -> Vec<Entry> {
        let mut entries = self.entries();
        entries.retain(|entry| entry.endpoint == endpoint);
        entries
    }

    /// Forgets every entry; numbers go on from where they were.
    pub fn clear(&self) {
        self.log(|log| log.entries.clear());
    }

    /// Numbers an entry and keeps it, dropping the oldest beyond the limit.
    pub(crate) fn add(&self, mut entry: Entry) {
        self.log(|log| {
            entry.seq = log.next;
            log.next += 1;
            if log.limit == 0 {
                return;
            }
            while log.entries.len() >= log.limit {
                log.entries.pop_front();
            }
            log.entries.push_back(Arc::new(entry));
        });
    }

    fn log<T>(&self, act: impl FnOnce(&mut Log) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
