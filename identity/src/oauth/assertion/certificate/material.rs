//! The key and certificates to sign with, read from a file of either format.

use aws_lc_rs::signature::{KeyPair, RsaKeyPair};

use super::failure::CertificateFailure;
use super::{pem, pkcs12, x509};

/// The private keys and certificates in a file, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct FileContents {
    pub(super) keys: Vec<RsaKeyPair>,
    /// DER.
    pub(super) certificates: Vec<Vec<u8>>,
}

/// A key and the certificates to show with it, its own first.
#[derive(Debug)]
pub(super) struct KeyMaterial {
    pub(super) key: RsaKeyPair,
    pub(super) certificates: Vec<Vec<u8>>,
}

/// Reads the key and certificates in `bytes`, which are PEM or PFX.
pub(super) fn read(
    bytes: &[u8],
    password: Option<&str>,
) -> Result<KeyMaterial, CertificateFailure> {
    let contents = match pem::is_pem(bytes) {
        true => pem::read(bytes, password)?,
        false => pkcs12::read(bytes, password)?,
    };
    let FileContents {
        keys,
        mut certificates,
    } = contents;
    if keys.is_empty() {
        return Err(CertificateFailure::NoKey);
    }
    if certificates.is_empty() {
        return Err(CertificateFailure::NoCertificate);
    }
    for key in keys {
        let own = public_key(&key);
        let own_index = certificates
            .iter()
            .position(|der| x509::rsa_public_key(der) == Some(&own));
        if let Some(index) = own_index {
            // Its own first, as `x5c` wants it; the others stay in the order of the file.
            certificates[..=index].rotate_right(1);
            return Ok(KeyMaterial { key, certificates });
        }
    }
    Err(CertificateFailure::Mismatch)
}

/// Returns the public key that belongs to `key`, in PKCS#1.
fn public_key(key: &RsaKeyPair) -> Vec<u8> {
    key.public_key().as_ref().to_vec()
}
