//! Bytes that are meant to be text.

use std::borrow::Cow;

/// The text of bytes, with whatever is not UTF-8 replaced. Nearly all of them are UTF-8, and checking
/// that is many times quicker than looking for what is not.
pub(crate) fn readable(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}
