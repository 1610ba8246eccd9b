//! The entries that are kept, under the one lock.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use crate::base::sync::lock;
use crate::state::journal::packed::Packed;
use crate::state::journal::tokens::Tokens;

/// The newest entries, with the tokens of the newest among them.
#[derive(Debug)]
pub(super) struct Log(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    /// The newest is the last; it has the number `last`.
    entries: VecDeque<Arc<Packed>>,
    /// The tokens of entries that have any, by their numbers.
    tokens: VecDeque<(u64, Tokens)>,
    last: u64,
    limit: usize,
    closed: bool,
}

/// One entry on its way to a reader.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) number: u64,
    pub(super) packed: Arc<Packed>,
    pub(super) tokens: Option<Tokens>,
}

/// A token takes as much as all the rest of an entry, and is looked at soon or never.
const ENTRIES_WITH_TOKENS: usize = 1000;

impl Log {
    pub(super) fn with_limit(limit: usize) -> Self {
        Self(Mutex::new(Inner {
            entries: VecDeque::new(),
            tokens: VecDeque::new(),
            last: 0,
            limit,
            closed: false,
        }))
    }

    /// How many entries it keeps.
    pub(super) fn limit(&self) -> usize {
        self.with(|inner| inner.limit)
    }

    /// Numbers an entry and keeps it, dropping the oldest beyond the limit.
    pub(super) fn add(&self, entry: Packed, tokens: Option<Tokens>) {
        let entry = Arc::new(entry);
        let dropped = self.with(|inner| {
            inner.last += 1;
            if inner.limit == 0 {
                return None;
            }
            let full = inner.entries.len() >= inner.limit;
            let oldest = if full {
                inner.entries.pop_front()
            } else {
                None
            };
            inner.entries.push_back(entry);
            Some((oldest, inner.keep(tokens)))
        });
        // Its memory is given back out of the lock.
        drop(dropped);
    }

    /// Entries with numbers above `since`, the oldest first, `most` at most.
    pub(super) fn after(&self, since: u64, most: usize) -> Vec<Kept> {
        self.with(|inner| {
            let first = inner.first();
            let skip = usize::try_from(since.saturating_sub(first - 1)).unwrap_or(usize::MAX);
            let numbered = (first..).zip(&inner.entries).skip(skip).take(most);
            let kept = numbered.map(|(number, packed)| Kept {
                number,
                packed: packed.clone(),
                tokens: inner.tokens_of(number),
            });
            kept.collect()
        })
    }

    pub(super) fn last(&self) -> u64 {
        self.with(|inner| inner.last)
    }

    pub(super) fn clear(&self) {
        let dropped = self.with(|inner| {
            (
                std::mem::take(&mut inner.entries),
                std::mem::take(&mut inner.tokens),
            )
        });
        drop(dropped);
    }

    pub(super) fn close(&self) {
        self.with(|inner| inner.closed = true);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.with(|inner| inner.closed)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut lock(&self.0))
    }
}

impl Inner {
    /// Number of the oldest entry kept, or of the next one if there is none.
    fn first(&self) -> u64 {
        self.last + 1 - self.entries.len() as u64
    }

    /// Keeps the tokens of the newest entry, and returns those that had to go.
    fn keep(&mut self, tokens: Option<Tokens>) -> Option<(u64, Tokens)> {
        let tokens = tokens?;
        let full = self.tokens.len() >= ENTRIES_WITH_TOKENS.min(self.limit);
        let oldest = if full { self.tokens.pop_front() } else { None };
        self.tokens.push_back((self.last, tokens));
        oldest
    }

    fn tokens_of(&self, number: u64) -> Option<Tokens> {
        let found = self.tokens.binary_search_by_key(&number, |(of, _)| *of);
        found.ok().map(|index| self.tokens[index].1.clone())
    }
}
