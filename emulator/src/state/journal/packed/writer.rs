//! Writes texts one after the other, each behind its length.

use std::borrow::Cow;

use http::HeaderMap;

use crate::exchange::form::readable;
use crate::state::journal::mask::Mask;

pub(super) struct Writer<'a> {
    /// The mask to hold every text against by itself, if that is needed.
    mask: Option<&'a Mask>,
    texts: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(texts: &'a mut Vec<u8>, mask: Option<&'a Mask>) -> Self {
        texts.clear();
        Self { mask, texts }
    }

    pub(super) fn text(&mut self, text: &str) {
        let text = self
            .mask
            .map_or(Cow::Borrowed(text), |mask| Cow::Owned(mask.text(text)));
        // Seven bits a byte, the lowest first; all but the last have the top bit.
        let mut left = text.len();
        while left > 0x7f {
            self.texts.push(0x80 | (left & 0x7f) as u8);
            left >>= 7;
        }
        self.texts.push(left as u8);
        self.texts.extend_from_slice(text.as_bytes());
    }

    pub(super) fn fields(&mut self, fields: &[(String, String)]) -> u32 {
        let fields = &fields[..fields.len().min(MOST_FIELDS)];
        for (name, value) in fields {
            let (name, value) = Mask::field(name, value);
            self.text(name);
            self.text(value);
        }
        count(fields.len())
    }

    pub(super) fn headers(&mut self, headers: &HeaderMap) -> u32 {
        for (name, value) in headers.iter().take(MOST_FIELDS) {
            let text = readable(value.as_bytes());
            self.text(name.as_str());
            self.text(Mask::header(name.as_str(), &text));
        }
        count(headers.len().min(MOST_FIELDS))
    }
}

const MOST_FIELDS: usize = 128;

/// Bodies and heads are limited to far less than four gigabytes.
pub(super) fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
