//! Private keys in their containers, PKCS#1 and PKCS#8.

use aws_lc_rs::signature::RsaKeyPair;
use zeroize::Zeroizing;

use super::der::{DerReader, OID, SEQUENCE};
use super::failure::CertificateFailure;
use super::pbe;

/// The object identifier rsaEncryption.
pub(super) const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
/// The object identifier id-ecPublicKey.
const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";

/// Reads a key in a PKCS#8 container.
pub(super) fn from_pkcs8(der: &[u8]) -> Result<RsaKeyPair, CertificateFailure> {
    let algorithm = || {
        let mut info = DerReader::sequence(der)?;
        info.any()?;
        info.inner(SEQUENCE)?.content(OID)
    };
    match algorithm().ok_or(CertificateFailure::Malformed)? {
        RSA => RsaKeyPair::from_pkcs8(der).map_err(|_| CertificateFailure::BadKey),
        EC => Err(CertificateFailure::KeyKind("an elliptic curve key")),
        _ => Err(CertificateFailure::KeyKind("a key of another algorithm")),
    }
}

/// Reads a key in a PKCS#1 container.
pub(super) fn from_pkcs1(der: &[u8]) -> Result<RsaKeyPair, CertificateFailure> {
    RsaKeyPair::from_der(der).map_err(|_| CertificateFailure::BadKey)
}

/// Reads a key in an encrypted PKCS#8 container.
pub(super) fn from_encrypted_pkcs8(
    der: &[u8],
    password: Option<&str>,
) -> Result<RsaKeyPair, CertificateFailure> {
    let parts = || {
        let mut info = DerReader::sequence(der)?;
        Some((info.inner(SEQUENCE)?, info.octets()?))
    };
    let (algorithm, encrypted) = parts().ok_or(CertificateFailure::Malformed)?;
    let password = password.ok_or(CertificateFailure::PasswordMissing)?;
    let clear: Zeroizing<Vec<u8>> = pbe::decrypt(algorithm, &encrypted, password)?;
    // A wrong password gives right padding once in 256 times, and then bytes that are no key.
    from_pkcs8(&clear).map_err(|failure| match failure {
        CertificateFailure::Malformed => CertificateFailure::PasswordWrong,
        other => other,
    })
}
