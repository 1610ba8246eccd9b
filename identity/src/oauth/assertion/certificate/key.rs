//! Private keys in their containers.

use aws_lc_rs::signature::RsaKeyPair;
use zeroize::Zeroizing;

use super::der::{OID, Reader, SEQUENCE};
use super::pbe;
use super::trouble::Trouble;

/// rsaEncryption.
pub(super) const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
/// id-ecPublicKey.
const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";

/// A key in a PKCS#8 container.
pub(super) fn from_pkcs8(der: &[u8]) -> Result<RsaKeyPair, Trouble> {
    let algorithm = || {
        let mut info = Reader::sequence(der)?;
        info.any()?;
        info.inner(SEQUENCE)?.content(OID)
    };
    match algorithm().ok_or(Trouble::Malformed)? {
        RSA => RsaKeyPair::from_pkcs8(der).map_err(|_| Trouble::BadKey),
        EC => Err(Trouble::KeyKind("an elliptic curve key")),
        _ => Err(Trouble::KeyKind("a key of another algorithm")),
    }
}

/// A key in a PKCS#1 container.
pub(super) fn from_pkcs1(der: &[u8]) -> Result<RsaKeyPair, Trouble> {
    RsaKeyPair::from_der(der).map_err(|_| Trouble::BadKey)
}

/// A key in an encrypted PKCS#8 container.
pub(super) fn from_encrypted_pkcs8(
    der: &[u8],
    password: Option<&str>,
) -> Result<RsaKeyPair, Trouble> {
    let parts = || {
        let mut info = Reader::sequence(der)?;
        Some((info.inner(SEQUENCE)?, info.octets()?))
    };
    let (algorithm, encrypted) = parts().ok_or(Trouble::Malformed)?;
    let password = password.ok_or(Trouble::PasswordMissing)?;
    let clear: Zeroizing<Vec<u8>> = pbe::decrypt(algorithm, &encrypted, password)?;
    // The padding of a wrong decryption is right once in 256 times.
    from_pkcs8(&clear).map_err(|trouble| match trouble {
        Trouble::Malformed => Trouble::PasswordWrong,
        other => other,
    })
}
