//! The fields of an X.509 certificate that are needed here.

use super::der::{BIT_STRING, CONTEXT_0, DerReader, OID, SEQUENCE};
use super::key::RSA;
use crate::context::UnixTime;

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Fields of a certificate.
pub(super) struct X509Fields<'a> {
    /// The encoded names: an issuer has the very bytes of its own certificate's subject.
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
    pub(super) validity: Validity,
    /// The content of the field with the public key and its algorithm.
    key: DerReader<'a>,
}

/// The time in which a certificate is valid, as 14 digits (`20260131235959`, in UTC), which compare
/// as times do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) begins: String,
    pub(super) ends: String,
}

/// Returns the fields of the certificate `der`; `None` when that is no certificate.
pub(super) fn fields(der: &[u8]) -> Option<X509Fields<'_>> {
    let mut body = DerReader::sequence(der)?.inner(SEQUENCE)?;
    // The version, which certificates of version 1 leave out.
    if body.tag()? == CONTEXT_0 {
        body.any()?;
    }
    // Serial number and algorithm.
    body.any()?;
    body.any()?;
    let issuer = body.content(SEQUENCE)?;
    let mut validity = body.inner(SEQUENCE)?;
    let validity = Validity {
        begins: time(&mut validity)?,
        ends: time(&mut validity)?,
    };
    Some(X509Fields {
        issuer,
        validity,
        subject: body.content(SEQUENCE)?,
        key: body.inner(SEQUENCE)?,
    })
}

/// Returns the RSA public key (PKCS#1) in the certificate `der`; `None` when it is a key of another
/// algorithm or `der` is no certificate.
pub(super) fn rsa_public_key(der: &[u8]) -> Option<&[u8]> {
    let mut key = fields(der)?.key;
    let algorithm = key.inner(SEQUENCE)?.content(OID)?;
    let bits = key.content(BIT_STRING)?;
    // The first byte counts the unused bits of the last, of which a key has none.
    bits.strip_prefix(&[0]).filter(|_| algorithm == RSA)
}

/// Returns `time` in the form of [`Validity`].
pub(super) fn digits(time: UnixTime) -> String {
    let time = time::OffsetDateTime::from(time);
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// Reads the next time. RFC 5280 allows two forms, both with seconds and in UTC.
fn time(times: &mut DerReader<'_>) -> Option<String> {
    let element = times.any()?;
    let digits = std::str::from_utf8(element.content).ok()?;
    let digits = digits.strip_suffix('Z')?;
    let century = match element.tag {
        // Two digits mean a year from 1950 to 2049.
        UTC_TIME if digits < "50" => "20",
        UTC_TIME => "19",
        GENERALIZED_TIME => "",
        _ => return None,
    };
    let time = format!("{century}{digits}");
    (time.len() == 14 && time.bytes().all(|byte| byte.is_ascii_digit())).then_some(time)
}
