//! Reads texts in the order they were written.

use crate::exchange::issued::Issued;
use crate::state::invariant::{Finding, Invariant, Severity};

/// A reader over the bytes that are still to be read.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl Reader<'_> {
    pub(super) fn text(&mut self) -> String {
        let mut length = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let Some((byte, rest)) = self.0.split_first() else {
                break;
            };
            self.0 = rest;
            length |= usize::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                break;
            }
        }
        let (text, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    pub(super) fn pairs(&mut self, count: u32) -> Vec<(String, String)> {
        (0..count).map(|_| (self.text(), self.text())).collect()
    }

    pub(super) fn issued(&mut self) -> Issued {
        Issued {
            kind: self.text(),
            sha256: self.text(),
            forged: Some(self.text()).filter(|kind| !kind.is_empty()),
        }
    }

    pub(super) fn finding(&mut self) -> Finding {
        let rule = self.text();
        Finding {
            severity: Invariant::named(&rule).map_or_else(Severity::default, |it| it.severity),
            rule,
            text: self.text(),
        }
    }
}
