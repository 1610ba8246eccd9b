//! The public key in an X.509 certificate, which is all that is needed of one.

use super::der::{BIT_STRING, CONTEXT_0, DerReader, OID, SEQUENCE};
use super::key::RSA;

/// Returns the RSA public key (PKCS#1) in the certificate `der`; `None` when it is a key of another
/// algorithm or `der` is no certificate.
pub(super) fn rsa_public_key(der: &[u8]) -> Option<&[u8]> {
    let mut body = DerReader::sequence(der)?.inner(SEQUENCE)?;
    // The version, which certificates of version 1 leave out.
    if body.tag()? == CONTEXT_0 {
        body.any()?;
    }
    // Serial number, algorithm, issuer, validity, subject.
    for _ in 0..5 {
        body.any()?;
    }
    let mut key = body.inner(SEQUENCE)?;
    let algorithm = key.inner(SEQUENCE)?.content(OID)?;
    let bits = key.content(BIT_STRING)?;
    bits.strip_prefix(&[0]).filter(|_| algorithm == RSA)
}
