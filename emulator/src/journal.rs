//! Everything the emulator saw and answered, in order, with secrets masked as they enter.

mod entry;
mod mask;
mod packed;
mod record;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

pub use entry::{Entry, Finding, Issued};
pub(crate) use mask::Mask;
pub(crate) use packed::{Packed, Seen};
pub(crate) use record::{BODY_TIMEOUT, record};

/// The last requests and answers, oldest first; clones share them.
#[derive(Clone, Debug)]
pub struct Journal(Arc<Mutex<Log>>);

#[derive(Debug)]
struct Log {
    /// The newest is the last; it has the number `last`.
    entries: VecDeque<Packed>,
    last: u64,
    limit: usize,
}

impl Journal {
    pub(crate) fn with_limit(limit: usize) -> Self {
        Self(Arc::new(Mutex::new(Log {
            entries: VecDeque::new(),
            last: 0,
            limit,
        })))
    }

    /// The entries kept, oldest first. Requests to `/_emulator/` are not among them, but tokens
    /// [made to order](crate::Forgery) are.
    pub fn entries(&self) -> Vec<Entry> {
        self.selected(|_| true)
    }

    /// The entries of one endpoint, oldest first.
    pub fn of(&self, endpoint: &str) -> Vec<Entry> {
        self.selected(|entry| entry.endpoint == endpoint)
    }

    fn selected(&self, wanted: impl Fn(&Packed) -> bool) -> Vec<Entry> {
        self.log(|log| {
            let numbers = (1..=log.last).rev();
            let newest_first = log.entries.iter().rev().zip(numbers);
            let mut entries: Vec<_> = newest_first
                .filter(|(entry, _)| wanted(entry))
                .map(|(entry, number)| entry.unpacked(number))
                .collect();
            entries.reverse();
            entries
        })
    }

    /// Forgets every entry; numbers go on from where they were.
    pub fn clear(&self) {
        self.log(|log| log.entries.clear());
    }

    /// Numbers an entry and keeps it, dropping the oldest beyond the limit.
    pub(crate) fn add(&self, entry: Packed) {
        let dropped = self.log(|log| {
            log.last += 1;
            if log.limit == 0 {
                return None;
            }
            let full = log.entries.len() >= log.limit;
            let oldest = if full { log.entries.pop_front() } else { None };
            log.entries.push_back(entry);
            oldest
        });
        // Its memory is given back out of the lock.
        drop(dropped);
    }

    fn log<T>(&self, act: impl FnOnce(&mut Log) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
