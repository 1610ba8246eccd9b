//! PFX files: PKCS#12, RFC 7292.

use std::borrow::Cow;
use std::num::NonZeroU32;

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::der::{CONTEXT_0, DerReader, OID, SEQUENCE};
use super::failure::CertificateFailure;
use super::key_derivation::{Purpose, derive, encodings, iterations};
use super::material::FileContents;
use super::{key, pbe};

const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
const ENCRYPTED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06";
/// The common beginning of the types of bags; one more byte says which.
const BAG: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01";
const X509: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x16\x01";
const SHA1_OID: &[u8] = b"\x2b\x0e\x03\x02\x1a";
const SHA2_OIDS: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02";
/// How deep bags may stand in bags. Real files do not nest them at all.
const DEPTH: u8 = 4;

/// Reads the keys and certificates in `bytes`. Without a password an empty one is tried, which is
/// what files without a password are made with.
pub(super) fn read(
    bytes: &[u8],
    password: Option<&str>,
) -> Result<FileContents, CertificateFailure> {
    open(bytes, password.unwrap_or_default()).map_err(|failure| match (failure, password) {
        (CertificateFailure::PasswordWrong, None) => CertificateFailure::PasswordMissing,
        (failure, _) => failure,
    })
}

fn open(bytes: &[u8], password: &str) -> Result<FileContents, CertificateFailure> {
    let outer = || {
        let mut pfx = DerReader::sequence(bytes)?;
        // RFC 7292 knows version 3 alone.
        pfx.number().filter(|&version| version == 3)?;
        let mut content = pfx.inner(SEQUENCE)?;
        content.content(OID).filter(|&oid| oid == DATA)?;
        Some((content.inner(CONTEXT_0)?.octets()?, pfx))
    };
    let (safe, mut rest) = outer().ok_or(CertificateFailure::Malformed)?;
    if !rest.is_empty() && !is_authentic(rest.inner(SEQUENCE), &safe, password)? {
        return Err(CertificateFailure::PasswordWrong);
    }
    let mut contents = FileContents::default();
    let mut parts = DerReader::sequence(&safe).ok_or(CertificateFailure::Malformed)?;
    while !parts.is_empty() {
        let part = parts.inner(SEQUENCE).ok_or(CertificateFailure::Malformed)?;
        bags(&decrypted(part, password)?, password, DEPTH, &mut contents)?;
    }
    Ok(contents)
}

/// Whether the MAC over `safe` is right, which only the right password achieves.
fn is_authentic(
    mac: Option<DerReader<'_>>,
    safe: &[u8],
    password: &str,
) -> Result<bool, CertificateFailure> {
    let parts = || {
        let mut mac = mac?;
        let mut info = mac.inner(SEQUENCE)?;
        let oid = info.inner(SEQUENCE)?.content(OID)?;
        let (sum, salt) = (info.octets()?, mac.octets()?);
        let iterations = match mac.is_empty() {
            true => NonZeroU32::MIN,
            false => iterations(&mut mac)?,
        };
        Some((oid, sum, salt, iterations))
    };
    let (oid, sum, salt, iterations) = parts().ok_or(CertificateFailure::Malformed)?;
    let (hash, mac): (&digest::Algorithm, _) = match (oid, oid.strip_prefix(SHA2_OIDS)) {
        (SHA1_OID, _) => (
            &SHA1_FOR_LEGACY_USE_ONLY,
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        ),
        (_, Some([1])) => (&SHA256, hmac::HMAC_SHA256),
        (_, Some([2])) => (&SHA384, hmac::HMAC_SHA384),
        (_, Some([3])) => (&SHA512, hmac::HMAC_SHA512),
        _ => {
            return Err(CertificateFailure::Unsupported(
                "an unusual hash for its integrity",
            ));
        }
    };
    Ok(encodings(password).iter().any(|password| {
        let key = derive(
            hash,
            Purpose::Mac,
            password,
            &salt,
            iterations,
            hash.output_len(),
        );
        hmac::verify(&hmac::Key::new(mac, &key), safe, &sum).is_ok()
    }))
}

/// Returns the bytes of one part of the file, decrypted where needed.
fn decrypted<'a>(
    mut part: DerReader<'a>,
    password: &str,
) -> Result<Cleared<'a>, CertificateFailure> {
    let oid = part.content(OID).ok_or(CertificateFailure::Malformed)?;
    let mut value = part.inner(CONTEXT_0).ok_or(CertificateFailure::Malformed)?;
    if oid == DATA {
        return value
            .octets()
            .map(Cleared::Plain)
            .ok_or(CertificateFailure::Malformed);
    }
    if oid != ENCRYPTED_DATA {
        return Err(CertificateFailure::Unsupported(
            "encryption with a public key",
        ));
    }
    let mut parts = || {
        let mut data = value.inner(SEQUENCE)?;
        data.any()?;
        let mut info = data.inner(SEQUENCE)?;
        info.any()?;
        Some((info.inner(SEQUENCE)?, info.octets_0()?))
    };
    let (algorithm, encrypted) = parts().ok_or(CertificateFailure::Malformed)?;
    pbe::decrypt(algorithm, &encrypted, password).map(Cleared::Decrypted)
}

/// The decrypted bytes of a part; they are wiped from memory where they were encrypted.
enum Cleared<'a> {
    Plain(Cow<'a, [u8]>),
    Decrypted(Zeroizing<Vec<u8>>),
}

impl std::ops::Deref for Cleared<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Plain(bytes) => bytes,
            Self::Decrypted(bytes) => bytes,
        }
    }
}

fn bags(
    safe: &[u8],
    password: &str,
    depth: u8,
    contents: &mut FileContents,
) -> Result<(), CertificateFailure> {
    let mut bags = DerReader::sequence(safe).ok_or(CertificateFailure::Malformed)?;
    while !bags.is_empty() {
        let mut open = || {
            let mut bag = bags.inner(SEQUENCE)?;
            let kind = bag.content(OID)?.strip_prefix(BAG)?.first().copied()?;
            Some((kind, bag.content(CONTEXT_0)?))
        };
        let (kind, value) = open().ok_or(CertificateFailure::Malformed)?;
        match kind {
            1 => contents.keys.push(key::from_pkcs8(value)?),
            2 => contents
                .keys
                .push(key::from_encrypted_pkcs8(value, Some(password))?),
            3 => contents.certificates.extend(certificate(value)),
            6 if depth > 0 => self::bags(value, password, depth - 1, contents)?,
            // Revocation lists and other secrets are of no use here.
            _ => {}
        }
    }
    Ok(())
}

/// Reads a certificate; `None` for one of another kind than X.509.
fn certificate(bag: &[u8]) -> Option<Vec<u8>> {
    let mut bag = DerReader::sequence(bag)?;
    bag.content(OID).filter(|&kind| kind == X509)?;
    Some(bag.inner(CONTEXT_0)?.octets()?.into_owned())
}
