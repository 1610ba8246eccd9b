//! PFX files: PKCS#12, RFC 7292.

use std::borrow::Cow;
use std::num::NonZeroU32;

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::der::{CONTEXT_0, OID, Reader, SEQUENCE};
use super::found::Found;
use super::pkcs12_kdf::{Purpose, derive, spellings};
use super::trouble::Trouble;
use super::{key, pbe, rounds};

const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
const ENCRYPTED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06";
/// Its last byte says what is in the bag.
const BAG: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01";
const X509: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x16\x01";
const SHA1_OID: &[u8] = b"\x2b\x0e\x03\x02\x1a";
const SHA2_OIDS: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02";
/// Bags in bags; real files have none.
const DEPTH: u8 = 4;

/// The keys and certificates in `bytes`. Without a password an empty one is tried.
pub(super) fn read(bytes: &[u8], password: Option<&str>) -> Result<Found, Trouble> {
    open(bytes, password.unwrap_or_default()).map_err(|trouble| match (trouble, password) {
        (Trouble::PasswordWrong, None) => Trouble::PasswordMissing,
        (trouble, _) => trouble,
    })
}

fn open(bytes: &[u8], password: &str) -> Result<Found, Trouble> {
    let outer = || {
        let mut pfx = Reader::sequence(bytes)?;
        pfx.number().filter(|&version| version == 3)?;
        let mut content = pfx.inner(SEQUENCE)?;
        content.content(OID).filter(|&oid| oid == DATA)?;
        Some((content.inner(CONTEXT_0)?.octets()?, pfx))
    };
    let (safe, mut rest) = outer().ok_or(Trouble::Malformed)?;
    if !rest.is_empty() && !is_authentic(rest.inner(SEQUENCE), &safe, password)? {
        return Err(Trouble::PasswordWrong);
    }
    let mut found = Found::default();
    let mut parts = Reader::sequence(&safe).ok_or(Trouble::Malformed)?;
    while !parts.is_empty() {
        let part = parts.inner(SEQUENCE).ok_or(Trouble::Malformed)?;
        bags(&contents(part, password)?, password, DEPTH, &mut found)?;
    }
    Ok(found)
}

/// Whether the MAC over `safe` is right, which it is for the right password alone.
fn is_authentic(mac: Option<Reader<'_>>, safe: &[u8], password: &str) -> Result<bool, Trouble> {
    let parts = || {
        let mut mac = mac?;
        let mut info = mac.inner(SEQUENCE)?;
        let oid = info.inner(SEQUENCE)?.content(OID)?;
        let (sum, salt) = (info.octets()?, mac.octets()?);
        let rounds = match mac.is_empty() {
            true => NonZeroU32::MIN,
            false => rounds::read(&mut mac)?,
        };
        Some((oid, sum, salt, rounds))
    };
    let (oid, sum, salt, rounds) = parts().ok_or(Trouble::Malformed)?;
    let (hash, mac): (&digest::Algorithm, _) = match (oid, oid.strip_prefix(SHA2_OIDS)) {
        (SHA1_OID, _) => (
            &SHA1_FOR_LEGACY_USE_ONLY,
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        ),
        (_, Some([1])) => (&SHA256, hmac::HMAC_SHA256),
        (_, Some([2])) => (&SHA384, hmac::HMAC_SHA384),
        (_, Some([3])) => (&SHA512, hmac::HMAC_SHA512),
        _ => return Err(Trouble::Unsupported("an unusual hash for its integrity")),
    };
    Ok(spellings(password).iter().any(|password| {
        let key = derive(
            hash,
            Purpose::Mac,
            password,
            &salt,
            rounds,
            hash.output_len(),
        );
        hmac::verify(&hmac::Key::new(mac, &key), safe, &sum).is_ok()
    }))
}

/// The bytes of one part, decrypted where needed.
fn contents<'a>(mut part: Reader<'a>, password: &str) -> Result<Cleared<'a>, Trouble> {
    let oid = part.content(OID).ok_or(Trouble::Malformed)?;
    let mut value = part.inner(CONTEXT_0).ok_or(Trouble::Malformed)?;
    if oid == DATA {
        return value.octets().map(Cleared::Plain).ok_or(Trouble::Malformed);
    }
    if oid != ENCRYPTED_DATA {
        return Err(Trouble::Unsupported("encryption with a public key"));
    }
    let mut parts = || {
        let mut data = value.inner(SEQUENCE)?;
        data.any()?;
        let mut info = data.inner(SEQUENCE)?;
        info.any()?;
        Some((info.inner(SEQUENCE)?, info.octets_0()?))
    };
    let (algorithm, encrypted) = parts().ok_or(Trouble::Malformed)?;
    pbe::decrypt(algorithm, &encrypted, password).map(Cleared::Decrypted)
}

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

fn bags(safe: &[u8], password: &str, depth: u8, found: &mut Found) -> Result<(), Trouble> {
    let mut bags = Reader::sequence(safe).ok_or(Trouble::Malformed)?;
    while !bags.is_empty() {
        let mut open = || {
            let mut bag = bags.inner(SEQUENCE)?;
            let kind = bag.content(OID)?.strip_prefix(BAG)?.first().copied()?;
            Some((kind, bag.content(CONTEXT_0)?))
        };
        let (kind, value) = open().ok_or(Trouble::Malformed)?;
        match kind {
            1 => found.keys.push(key::from_pkcs8(value)?),
            2 => found
                .keys
                .push(key::from_encrypted_pkcs8(value, Some(password))?),
            3 => found.certificates.extend(certificate(value)),
            6 if depth > 0 => self::bags(value, password, depth - 1, found)?,
            // Revocation lists and secrets.
            _ => {}
        }
    }
    Ok(())
}

/// `None` for certificates of another kind than X.509.
fn certificate(bag: &[u8]) -> Option<Vec<u8>> {
    let mut bag = Reader::sequence(bag)?;
    bag.content(OID).filter(|&kind| kind == X509)?;
    Some(bag.inner(CONTEXT_0)?.octets()?.into_owned())
}
