//! Decryption with a password: PBES2 of RFC 8018, and with `legacy-pfx` the schemes of RFC 7292.

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptionContext, PaddedBlockDecryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::pbkdf2;
use zeroize::Zeroizing;

use super::der::{DerReader, INTEGER, OID, SEQUENCE};
use super::failure::CertificateFailure;
use super::key_derivation::iterations;

const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
const PBKDF2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
const DES_EDE3_CBC: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x03\x07";
/// The common beginning of the schemes of RFC 7292; one more byte says which.
const PKCS12_PBE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01";
const HMAC: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02";
const AES: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01";

/// Decrypts `encrypted` as `algorithm`, an AlgorithmIdentifier, says.
pub(super) fn decrypt(
    mut algorithm: DerReader<'_>,
    encrypted: &[u8],
    password: &str,
) -> Result<Zeroizing<Vec<u8>>, CertificateFailure> {
    let oid = algorithm
        .content(OID)
        .ok_or(CertificateFailure::Malformed)?;
    let parameters = algorithm
        .inner(SEQUENCE)
        .ok_or(CertificateFailure::Malformed)?;
    if oid == PBES2 {
        return pbes2(parameters, encrypted, password);
    }
    match oid.strip_prefix(PKCS12_PBE) {
        Some(&[scheme]) => pkcs12_pbe(scheme, parameters, encrypted, password),
        _ => Err(CertificateFailure::Unsupported(
            "an encryption other than PBES2",
        )),
    }
}

fn pbes2(
    mut parameters: DerReader<'_>,
    encrypted: &[u8],
    password: &str,
) -> Result<Zeroizing<Vec<u8>>, CertificateFailure> {
    let mut derivation = parameters
        .inner(SEQUENCE)
        .ok_or(CertificateFailure::Malformed)?;
    let mut cipher = parameters
        .inner(SEQUENCE)
        .ok_or(CertificateFailure::Malformed)?;
    if derivation.content(OID) != Some(PBKDF2) {
        return Err(CertificateFailure::Unsupported(
            "a key derivation other than PBKDF2",
        ));
    }
    let derivation = derivation
        .inner(SEQUENCE)
        .ok_or(CertificateFailure::Malformed)?;
    let oid = cipher.content(OID).ok_or(CertificateFailure::Malformed)?;
    let iv = cipher.octets().ok_or(CertificateFailure::Malformed)?;
    let (algorithm, length): (&Algorithm, _) = match oid.strip_prefix(AES) {
        Some([0x02]) => (&AES_128, 16),
        Some([0x16]) => (&AES_192, 24),
        Some([0x2a]) => (&AES_256, 32),
        _ if oid == DES_EDE3_CBC => {
            let key = pbkdf2_key(derivation, password, 24)?;
            return triple_des(&key, &iv, encrypted);
        }
        _ => {
            return Err(CertificateFailure::Unsupported(
                "a cipher other than AES-CBC",
            ));
        }
    };
    let key = pbkdf2_key(derivation, password, length)?;
    let key = UnboundCipherKey::new(algorithm, &key).map_err(|_| CertificateFailure::Malformed)?;
    let iv = FixedLength::try_from(&*iv).map_err(|_| CertificateFailure::Malformed)?;
    // Decrypted in place, so that the copy that holds the key is wiped.
    let mut data = Zeroizing::new(encrypted.to_vec());
    let clear = PaddedBlockDecryptingKey::cbc_pkcs7(key)
        .and_then(|key| {
            key.decrypt(&mut data, DecryptionContext::Iv128(iv))
                .map(|clear| clear.len())
        })
        .map_err(|_| CertificateFailure::PasswordWrong)?;
    data.truncate(clear);
    Ok(data)
}

fn pbkdf2_key(
    mut parameters: DerReader<'_>,
    password: &str,
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, CertificateFailure> {
    let salt = parameters.octets().ok_or(CertificateFailure::Malformed)?;
    let iterations = iterations(&mut parameters).ok_or(CertificateFailure::Malformed)?;
    if parameters.tag() == Some(INTEGER) {
        // The length of the key, which follows from the cipher.
        parameters.any();
    }
    let prf = match parameters
        .inner(SEQUENCE)
        .and_then(|mut prf| prf.content(OID))
    {
        // The default of RFC 8018.
        None => pbkdf2::PBKDF2_HMAC_SHA1,
        Some(oid) => match oid.strip_prefix(HMAC) {
            Some([0x07]) => pbkdf2::PBKDF2_HMAC_SHA1,
            Some([0x09]) => pbkdf2::PBKDF2_HMAC_SHA256,
            Some([0x0a]) => pbkdf2::PBKDF2_HMAC_SHA384,
            Some([0x0b]) => pbkdf2::PBKDF2_HMAC_SHA512,
            _ => {
                return Err(CertificateFailure::Unsupported(
                    "an unusual hash in its key derivation",
                ));
            }
        },
    };
    let mut key = Zeroizing::new(vec![0; length]);
    pbkdf2::derive(prf, iterations, &salt, password.as_bytes(), &mut key);
    Ok(key)
}

#[cfg(feature = "legacy-pfx")]
use super::legacy::{pkcs12_pbe, triple_des};

#[cfg(not(feature = "legacy-pfx"))]
fn pkcs12_pbe(
    _: u8,
    _: DerReader<'_>,
    _: &[u8],
    _: &str,
) -> Result<Zeroizing<Vec<u8>>, CertificateFailure> {
    Err(CertificateFailure::Legacy("3DES or RC2"))
}

#[cfg(not(feature = "legacy-pfx"))]
fn triple_des(_: &[u8], _: &[u8], _: &[u8]) -> Result<Zeroizing<Vec<u8>>, CertificateFailure> {
    Err(CertificateFailure::Legacy("3DES"))
}
