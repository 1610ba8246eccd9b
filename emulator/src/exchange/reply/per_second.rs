//! Text about a moment, written once in each second however many answers go out.

use std::cell::RefCell;

use time::OffsetDateTime;

/// The last text, and the second it is about; for a thread, as text is quicker written than shared.
#[derive(Debug)]
pub(super) struct PerSecond<T>(RefCell<Option<(i64, T)>>);

impl<T: Clone> PerSecond<T> {
    pub(super) const fn new() -> Self {
        Self(RefCell::new(None))
    }

    /// Returns the text that `write` makes of the second of `now`.
    pub(super) fn get(&self, now: OffsetDateTime, write: fn(OffsetDateTime) -> T) -> T {
        let second = now.unix_timestamp();
        let mut last = self.0.borrow_mut();
        match &*last {
            Some((of, text)) if *of == second => text.clone(),
            _ => last.insert((second, write(now))).1.clone(),
        }
    }
}
