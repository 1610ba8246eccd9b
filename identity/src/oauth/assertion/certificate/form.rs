//! The forms in which people have certificates: text of editors, environment variables and vaults
//! that is PEM or PFX underneath, and files of other kinds that are recognised so that an error can
//! name them.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::der::{DerReader, OID, SEQUENCE};
use super::failure::CertificateFailure;
use super::{key, pem, x509};

/// The OID signedData: certificates without keys.
const PKCS7: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
/// The first bytes of a Java keystore, in its two kinds.
const KEYSTORES: [&[u8]; 2] = [b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"];
/// Anything shorter is no certificate; a short word of letters is not worth decoding.
const SHORTEST_BASE64: usize = 64;

/// Returns the PEM or PFX that `bytes` stand for:
///
/// - text in UTF-16 (what `>` writes in PowerShell) or with a byte order mark, as UTF-8 without
///   one;
/// - PEM in one line, whose line breaks are written as `\n` (an environment variable, JSON), with
///   real ones;
/// - base64 of PEM or PFX (a secret of Azure Key Vault or Kubernetes), decoded.
pub(super) fn unwrapped(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let text = Zeroizing::new(utf8(bytes).into_owned());
    if pem::is_pem(&text) {
        return Zeroizing::new(with_line_breaks(&text));
    }
    match decoded(&text) {
        Some(inner) if pem::is_pem(&inner) => Zeroizing::new(with_line_breaks(&inner)),
        Some(inner) => inner,
        None => text,
    }
}

fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return Cow::Borrowed(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    };
    let units = bytes[2..].as_chunks().0.iter().map(|pair| unit(*pair));
    let text: String = char::decode_utf16(units)
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    Cow::Owned(text.into_bytes())
}

/// Neither base64 nor a label of PEM has a backslash, so that each one stands for a line break.
fn with_line_breaks(pem: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(pem.len());
    let mut rest = pem;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match (byte, after.first()) {
            (b'\\', Some(b'n' | b'r')) => {
                lines.push(b'\n');
                &after[1..]
            }
            _ => {
                lines.push(byte);
                after
            }
        };
    }
    lines
}

/// Decodes `text` if it is base64 of DER or PEM and nothing else.
fn decoded(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = with_line_breaks(text.trim_ascii());
    let quoted = text
        .strip_prefix(b"\"")
        .and_then(|text| text.strip_suffix(b"\""));
    let text = Zeroizing::new(quoted.unwrap_or(&text).to_vec());
    let digits = text
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace());
    let digits = Zeroizing::new(digits.collect::<Vec<u8>>());
    if digits.len() < SHORTEST_BASE64 {
        return None;
    }
    let inner = Zeroizing::new(STANDARD.decode(&*digits).ok()?);
    (inner.first() == Some(&SEQUENCE) || pem::is_pem(&inner)).then_some(inner)
}

/// Returns what `bytes` are, if they are of a kind that is known and cannot be used.
pub(super) fn recognised(bytes: &[u8]) -> Option<CertificateFailure> {
    if KEYSTORES.iter().any(|magic| bytes.starts_with(magic)) {
        return Some(CertificateFailure::Keystore);
    }
    let content = || DerReader::sequence(bytes)?.content(OID);
    if content() == Some(PKCS7) {
        return Some(CertificateFailure::Pkcs7);
    }
    if x509::fields(bytes).is_some() {
        return Some(CertificateFailure::DerCertificate);
    }
    let is_encrypted_key = || {
        let mut info = DerReader::sequence(bytes)?;
        info.inner(SEQUENCE)?.content(OID)?;
        info.octets().filter(|_| info.is_empty())
    };
    let is_key = key::from_pkcs8(bytes).is_ok() || key::from_pkcs1(bytes).is_ok();
    (is_key || is_encrypted_key().is_some()).then_some(CertificateFailure::DerKey)
}
