//! A reader of ASN.1 in its distinguished encoding (DER), and of as much of the basic encoding
//! (BER) as PFX files use: indefinite lengths and octet strings in pieces.

use std::borrow::Cow;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
/// The tag `[0]` of a constructed value.
pub(super) const CONTEXT_0: u8 = 0xa0;

const CONSTRUCTED: u8 = 0x20;
/// How deep values may be nested. Real files go about a dozen deep; without a limit a hostile file
/// could exhaust the stack.
const DEPTH: u8 = 32;

/// A value: its tag and its content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
}

/// A reader of the values in a sequence, one after the other. Every method returns `None` for bytes
/// that are not of the expected form.
#[derive(Clone, Debug)]
pub(super) struct DerReader<'a>(&'a [u8]);

impl<'a> DerReader<'a> {
    /// Returns a reader of the one sequence that `bytes` begins with.
    pub(super) fn sequence(bytes: &'a [u8]) -> Option<Self> {
        Self(bytes).inner(SEQUENCE)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the tag of the next value without reading it.
    pub(super) fn tag(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Reads the next value.
    pub(super) fn any(&mut self) -> Option<Element<'a>> {
        let (element, rest) = element(self.0, DEPTH)?;
        self.0 = rest;
        Some(element)
    }

    /// Reads the next value, which has to have the tag `tag`, and returns its content.
    pub(super) fn content(&mut self, tag: u8) -> Option<&'a [u8]> {
        let element = self.any()?;
        (element.tag == tag).then_some(element.content)
    }

    /// Reads the next value, which has to have the tag `tag`, and returns a reader of the values
    /// inside it.
    pub(super) fn inner(&mut self, tag: u8) -> Option<Self> {
        self.content(tag).map(Self)
    }

    /// Reads the next value, an octet string, whole or in pieces.
    pub(super) fn octets(&mut self) -> Option<Cow<'a, [u8]>> {
        octets(&self.any()?, OCTET_STRING, DEPTH)
    }

    /// Reads the next value, an octet string that is tagged `[0]`.
    pub(super) fn octets_0(&mut self) -> Option<Cow<'a, [u8]>> {
        octets(&self.any()?, CONTEXT_0 & !CONSTRUCTED, DEPTH)
    }

    /// Reads the next value, an integer that is neither negative nor larger than 32 bits.
    pub(super) fn number(&mut self) -> Option<u32> {
        let bytes = self.content(INTEGER)?;
        // A leading zero keeps a positive number from looking negative.
        let bytes = bytes.strip_prefix(&[0]).unwrap_or(bytes);
        if bytes.len() > 4 {
            return None;
        }
        Some(
            bytes
                .iter()
                .fold(0, |sum, &byte| sum << 8 | u32::from(byte)),
        )
    }
}

fn octets<'a>(element: &Element<'a>, primitive: u8, depth: u8) -> Option<Cow<'a, [u8]>> {
    if element.tag == primitive {
        return Some(Cow::Borrowed(element.content));
    }
    if element.tag != primitive | CONSTRUCTED || depth == 0 {
        return None;
    }
    let (mut pieces, mut all) = (DerReader(element.content), Vec::new());
    while !pieces.is_empty() {
        all.extend_from_slice(&octets(&pieces.any()?, OCTET_STRING, depth - 1)?);
    }
    Some(Cow::Owned(all))
}

/// Returns the value that `bytes` begin with, and the bytes after it.
fn element(bytes: &[u8], depth: u8) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    // All ones stand for a tag of several bytes, which no certificate or key uses.
    if tag & 0x1f == 0x1f || depth == 0 {
        return None;
    }
    let (length, rest) = match first {
        0x80 if tag & CONSTRUCTED != 0 => return indefinite(tag, rest, depth),
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = length
                .iter()
                .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
            (length, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((Element { tag, content }, rest))
}

/// Returns a value of indefinite length. It ends where two zero bytes stand in the place of the
/// next value inside it.
fn indefinite(tag: u8, content: &[u8], depth: u8) -> Option<(Element<'_>, &[u8])> {
    let mut left = content;
    while !left.starts_with(&[0, 0]) {
        left = element(left, depth - 1)?.1;
    }
    let content = &content[..content.len() - left.len()];
    Some((Element { tag, content }, &left[2..]))
}
