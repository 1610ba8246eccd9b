//! Java's own form of a trust store, which needs no password to be read.

use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

/// That of Java's own trust store. It only guards against damage, and reading needs none.
const PASSWORD: &str = "changeit";

const MAGIC: u32 = 0xFEED_FEED;
const VERSION: u32 = 2;
const TRUSTED_CERTIFICATE: u32 = 2;

/// A store of certificates (DER) to be trusted, each under a name of its own, lower case and ASCII.
/// `made`, since 1970, is the date each is said to be from.
pub(super) fn store<'a>(
    certificates: impl ExactSizeIterator<Item = (String, &'a [u8])>,
    made: Duration,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    number(&mut bytes, MAGIC);
    number(&mut bytes, VERSION);
    number(&mut bytes, size(certificates.len()));
    let milliseconds = u64::try_from(made.as_millis()).unwrap_or(u64::MAX);
    for (alias, certificate) in certificates {
        number(&mut bytes, TRUSTED_CERTIFICATE);
        text(&mut bytes, &alias);
        bytes.extend(milliseconds.to_be_bytes());
        text(&mut bytes, "X.509");
        number(&mut bytes, size(certificate.len()));
        bytes.extend(certificate);
    }
    let seal = seal(&bytes);
    bytes.extend(seal);
    bytes
}

fn number(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend(number.to_be_bytes());
}

/// As `DataOutputStream.writeUTF` does it; for ASCII that is UTF-8.
fn text(bytes: &mut Vec<u8>, text: &str) {
    let length = u16::try_from(text.len()).expect("names of certificates are short");
    bytes.extend(length.to_be_bytes());
    bytes.extend(text.as_bytes());
}

fn size(size: usize) -> u32 {
    u32::try_from(size).expect("trust stores are small")
}

/// The format's check against damage: a digest over password, a fixed phrase, and all before it.
fn seal(bytes: &[u8]) -> Vec<u8> {
    let mut digest = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    for unit in PASSWORD.encode_utf16() {
        digest.update(&unit.to_be_bytes());
    }
    digest.update(b"Mighty Aphrodite");
    digest.update(bytes);
    digest.finish().as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_where_java_looks_for_it() {
        let certificates = [("a".to_owned(), &b"DER"[..])];
        let bytes = store(certificates.into_iter(), Duration::from_millis(258));
        let head = b"\xFE\xED\xFE\xED\0\0\0\x02\0\0\0\x01";
        let entry = b"\0\0\0\x02\0\x01a\0\0\0\0\0\0\x01\x02\0\x05X.509\0\0\0\x03DER";
        assert_eq!(bytes[..head.len()], *head);
        assert_eq!(bytes[head.len()..bytes.len() - 20], *entry);
        assert_eq!(
            bytes[bytes.len() - 20..],
            seal(&[&head[..], entry].concat())
        );
    }
}
