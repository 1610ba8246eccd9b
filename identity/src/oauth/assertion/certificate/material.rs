//! The key and certificates to sign with, out of a file of either format.

use aws_lc_rs::signature::{KeyPair, RsaKeyPair};

use super::found::Found;
use super::trouble::Trouble;
use super::{pem, pkcs12, x509};

/// A key and the certificates to show with it, its own first.
#[derive(Debug)]
pub(super) struct Material {
    pub(super) key: RsaKeyPair,
    pub(super) certificates: Vec<Vec<u8>>,
}

/// The key and certificates in `bytes`, PEM or PFX.
pub(super) fn read(bytes: &[u8], password: Option<&str>) -> Result<Material, Trouble> {
    let found = match pem::is_pem(bytes) {
        true => pem::read(bytes, password)?,
        false => pkcs12::read(bytes, password)?,
    };
    let Found {
        keys,
        mut certificates,
    } = found;
    if keys.is_empty() {
        return Err(Trouble::NoKey);
    }
    if certificates.is_empty() {
        return Err(Trouble::NoCertificate);
    }
    for key in keys {
        let own = public_key(&key);
        let place = certificates
            .iter()
            .position(|der| x509::rsa_public_key(der) == Some(&own));
        if let Some(place) = place {
            certificates[..=place].rotate_right(1);
            return Ok(Material { key, certificates });
        }
    }
    Err(Trouble::Mismatch)
}

/// PKCS#1.
fn public_key(key: &RsaKeyPair) -> Vec<u8> {
    key.public_key().as_ref().to_vec()
}
