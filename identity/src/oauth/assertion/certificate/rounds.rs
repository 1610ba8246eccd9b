//! How often a key derivation goes round.

use std::num::NonZeroU32;

use super::der::Reader;

/// A second or two of work. Real files have at most a million.
const MOST: u32 = 2_000_000;

/// The number of rounds that comes next; `None` too when that is none at all, or too many.
pub(super) fn read(parameters: &mut Reader<'_>) -> Option<NonZeroU32> {
    let rounds = parameters.number().and_then(NonZeroU32::new);
    rounds.filter(|rounds| rounds.get() <= MOST)
}
