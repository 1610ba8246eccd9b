//! What a file with a certificate and key holds, and what may be wrong with it.

use aws_lc_rs::signature::{KeyPair, RsaKeyPair};

use super::{pem, pkcs12, x509};
use crate::error::Error;

/// Private keys and certificates, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) keys: Vec<RsaKeyPair>,
    /// DER.
    pub(super) certificates: Vec<Vec<u8>>,
}

/// A key and the certificates to show with it, its own first.
#[derive(Debug)]
pub(super) struct Material {
    pub(super) key: RsaKeyPair,
    pub(super) certificates: Vec<Vec<u8>>,
}

/// Why a file is of no use. Nothing of its content is in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Malformed,
    BadKey,
    KeyKind(&'static str),
    NoKey,
    NoCertificate,
    Mismatch,
    PasswordMissing,
    PasswordWrong,
    #[cfg(not(feature = "legacy-pfx"))]
    Legacy(&'static str),
    Unsupported(&'static str),
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

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        let story = match trouble {
            Trouble::Malformed => "is neither PEM nor PFX (PKCS#12), or is damaged".to_owned(),
            Trouble::BadKey => {
                "has an RSA key that is damaged, or shorter than 2048 bits".to_owned()
            }
            Trouble::KeyKind(kind) => {
                format!("has {kind}; Microsoft Entra ID takes RSA keys only")
            }
            Trouble::NoKey => "has no private key".to_owned(),
            Trouble::NoCertificate => "has no certificate, only a key".to_owned(),
            Trouble::Mismatch => {
                "has a private key that belongs to none of its certificates".to_owned()
            }
            Trouble::PasswordMissing => "is encrypted; set its password".to_owned(),
            Trouble::PasswordWrong => "cannot be decrypted: the password is wrong".to_owned(),
            #[cfg(not(feature = "legacy-pfx"))]
            Trouble::Legacy(cipher) => format!(
                "is encrypted with {cipher}; enable the feature \"legacy-pfx\", or write it anew \
                 with AES-256 (openssl pkcs12 -export -keypbe AES-256-CBC -certpbe AES-256-CBC)"
            ),
            Trouble::Unsupported(what) => format!("uses {what}, which is not supported"),
        };
        Self::invalid(format!("the client certificate {story}"))
    }
}
