//! The old ciphers of RFC 7292, appendix C, with which many PFX files are still encrypted.

use aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
use des::TdesEde3;
use des::cipher::{Array, BlockCipherDecrypt, KeyInit};
use rc2::Rc2;
use zeroize::Zeroizing;

use super::der::DerReader;
use super::failure::CertificateFailure;
use super::key_derivation::{Purpose, derive, encodings, iterations};

/// Decrypts `encrypted` by the scheme with the number `scheme` below `pkcs-12PbeIds`.
pub(super) fn pkcs12_pbe(
    scheme: u8,
    mut parameters: DerReader<'_>,
    encrypted: &[u8],
    password: &str,
) -> Result<Zeroizing<Vec<u8>>, CertificateFailure> {
    let salt = parameters.octets().ok_or(CertificateFailure::Malformed)?;
    let iterations = iterations(&mut parameters).ok_or(CertificateFailure::Malformed)?;
    let length = match scheme {
        3 => 24,
        4 | 5 => 16,
        6 => 5,
        _ => return Err(CertificateFailure::Unsupported("RC4 encryption")),
    };
    let mut outcome = Err(CertificateFailure::PasswordWrong);
    for password in encodings(password) {
        let hash = &SHA1_FOR_LEGACY_USE_ONLY;
        let mut key = derive(hash, Purpose::Key, &password, &salt, iterations, length);
        let iv = derive(hash, Purpose::Iv, &password, &salt, iterations, 8);
        outcome = match scheme {
            3 => triple_des(&key, &iv, encrypted),
            4 => {
                // 3DES with two keys uses the first again as the third.
                key.extend_from_within(..8);
                triple_des(&key, &iv, encrypted)
            }
            _ => cbc(&Rc2::new_with_eff_key_len(&key, length * 8), &iv, encrypted),
        };
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

/// Decrypts 3DES in CBC mode.
pub(super) fn triple_des(
    key: &[u8],
    iv: &[u8],
    encrypted: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CertificateFailure> {
    let cipher = TdesEde3::new_from_slice(key).map_err(|_| CertificateFailure::Malformed)?;
    cbc(&cipher, iv, encrypted)
}

fn cbc<C: BlockCipherDecrypt>(
    cipher: &C,
    iv: &[u8],
    encrypted: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CertificateFailure> {
    let size = C::block_size();
    if iv.len() != size || encrypted.is_empty() || !encrypted.len().is_multiple_of(size) {
        return Err(CertificateFailure::Malformed);
    }
    let mut clear = Zeroizing::new(Vec::with_capacity(encrypted.len()));
    let mut previous = iv;
    for chunk in encrypted.chunks_exact(size) {
        let mut block = Array::try_from(chunk).map_err(|_| CertificateFailure::Malformed)?;
        cipher.decrypt_block(&mut block);
        clear.extend(block.iter().zip(previous).map(|(a, b)| a ^ b));
        previous = chunk;
    }
    // By PKCS#7 the padding is n bytes of the value n. Wrong padding means a wrong key.
    let padding = clear.last().copied().unwrap_or_default();
    let end = clear
        .len()
        .checked_sub(usize::from(padding))
        .ok_or(CertificateFailure::PasswordWrong)?;
    let padded = (1..=size).contains(&usize::from(padding))
        && clear[end..].iter().all(|&byte| byte == padding);
    if !padded {
        return Err(CertificateFailure::PasswordWrong);
    }
    clear.truncate(end);
    Ok(clear)
}
