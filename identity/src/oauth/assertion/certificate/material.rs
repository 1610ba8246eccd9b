//! The key and certificates to sign with, read from a file of either format.

use aws_lc_rs::signature::{KeyPair, RsaKeyPair};

use super::failure::CertificateFailure;
use super::{chain, form, pem, pkcs12};

/// The private keys and certificates in a file, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct FileContents {
    pub(super) keys: Vec<RsaKeyPair>,
    /// DER.
    pub(super) certificates: Vec<Vec<u8>>,
}

/// A key, and a chain of certificates (DER) for each certificate of the key, that one first.
#[derive(Debug)]
pub(super) struct KeyMaterial {
    pub(super) key: RsaKeyPair,
    pub(super) chains: Vec<Vec<Vec<u8>>>,
}

/// Reads the key and certificates in `bytes`, which are PEM or PFX.
pub(super) fn read(
    bytes: &[u8],
    password: Option<&str>,
) -> Result<KeyMaterial, CertificateFailure> {
    let bytes = form::unwrapped(bytes);
    let contents = match pem::is_pem(&bytes) {
        true => pem::read(&bytes, password),
        false => pkcs12::read(&bytes, password),
    };
    let FileContents { keys, certificates } = contents.map_err(|failure| match failure {
        CertificateFailure::Malformed => form::recognised(&bytes).unwrap_or(failure),
        failure => failure,
    })?;
    if keys.is_empty() {
        return Err(CertificateFailure::NoKey);
    }
    if certificates.is_empty() {
        return Err(CertificateFailure::NoCertificate);
    }
    for key in keys {
        let chains = chain::chains(&public_key(&key), &certificates);
        if !chains.is_empty() {
            return Ok(KeyMaterial { key, chains });
        }
    }
    Err(CertificateFailure::Mismatch)
}

/// Returns the public key that belongs to `key`, in PKCS#1.
fn public_key(key: &RsaKeyPair) -> Vec<u8> {
    key.public_key().as_ref().to_vec()
}
