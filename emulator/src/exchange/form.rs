//! `application/x-www-form-urlencoded`, read as the URL standard says.
//!
//! By the rules of the `url` crate, whose decoder goes byte by byte through iterators: that would
//! be a twentieth of all a token costs beside its signature.

use std::borrow::Cow;

/// `a=b&c=d`, in order, with whatever is not UTF-8 replaced.
pub(in crate::exchange) fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    let pairs = bytes.split(|byte| *byte == b'&');
    let pairs = pairs.filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| match memchr::memchr(b'=', pair) {
            Some(at) => (text(&pair[..at]), text(&pair[at + 1..])),
            None => (text(pair), String::new()),
        })
        .collect()
}

fn text(encoded: &[u8]) -> String {
    if memchr::memchr2(b'%', b'+', encoded).is_none() {
        return readable(encoded).into_owned();
    }
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((byte, after)) = rest.split_first() {
        let (decoded, behind) = match (byte, after) {
            (b'%', [high, low, behind @ ..]) if is_hex(*high) && is_hex(*low) => {
                (digit(*high) << 4 | digit(*low), behind)
            }
            (b'+', _) => (b' ', after),
            _ => (*byte, after),
        };
        bytes.push(decoded);
        rest = behind;
    }
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

/// The value of a hexadecimal digit.
fn digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        _ => (byte | 0x20) - b'a' + 10,
    }
}

/// Returns the text of bytes, with whatever is not UTF-8 replaced.
pub(crate) fn readable(bytes: &[u8]) -> Cow<'_, str> {
    // Nearly all of them are UTF-8, and checking that is many times quicker than looking for what
    // is not.
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_form_says_what_the_url_standard_has_it_say(
            form in prop_oneof![
                "([a-c=&+ %]|%[0-9a-fA-F]{2}|%[0-9a-g]|é){0,40}".prop_map(String::into_bytes),
                prop::collection::vec(any::<u8>(), 0..40),
            ],
        ) {
            let expected: Vec<_> = url::form_urlencoded::parse(&form).into_owned().collect();
            prop_assert_eq!(pairs(&form), expected);
        }
    }
}
