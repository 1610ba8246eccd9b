//! X.509 certificates, as far as client assertions need them.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;

/// The public key of a certificate, with its thumbprints.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) der: Vec<u8>,
    /// Modulus and exponent of its RSA key, big-endian.
    pub(crate) modulus: Vec<u8>,
    pub(crate) exponent: Vec<u8>,
    pub(crate) not_after: OffsetDateTime,
    /// Common name of its subject, empty if it has none.
    pub(crate) subject: String,
}

impl Certificate {
    /// The first certificate of a PEM text.
    pub(crate) fn from_pem(text: &str) -> Result<Self, &'static str> {
        Self::from_der(&pem_der(text).ok_or("there is no PEM certificate in it")?)
    }

    /// A certificate with an RSA key.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, &'static str> {
        let (_, parsed) = X509Certificate::from_der(der).map_err(|_| "it is no certificate")?;
        let Ok(PublicKey::RSA(key)) = parsed.public_key().parsed() else {
            return Err("its key is not an RSA key");
        };
        let unsigned = |bytes: &[u8]| {
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            bytes[zeros..].to_vec()
        };
        let validity = parsed.validity();
        let name = parsed.subject().iter_common_name().next();
        Ok(Self {
            der: der.to_vec(),
            modulus: unsigned(key.modulus),
            exponent: unsigned(key.exponent),
            not_after: validity.not_after.to_datetime(),
            subject: name
                .and_then(|name| name.as_str().ok())
                .unwrap_or_default()
                .to_owned(),
        })
    }

    pub(crate) fn sha1(&self) -> Vec<u8> {
        let algorithm = &digest::SHA1_FOR_LEGACY_USE_ONLY;
        digest::digest(algorithm, &self.der).as_ref().to_vec()
    }

    pub(crate) fn sha256(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, &self.der).as_ref().to_vec()
    }

    /// Whether `authority` signed it.
    pub(crate) fn is_signed_by(&self, authority: &Self) -> bool {
        let (Ok((_, own)), Ok((_, issuer))) = (
            X509Certificate::from_der(&self.der),
            X509Certificate::from_der(&authority.der),
        ) else {
            return false;
        };
        own.issuer() == issuer.subject() && own.verify_signature(Some(issuer.public_key())).is_ok()
    }
}

/// The bytes of the first certificate of a PEM text.
pub(crate) fn pem_der(text: &str) -> Option<Vec<u8>> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    let (_, rest) = text.split_once(BEGIN)?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_whitespace().collect();
    STANDARD.decode(body).ok()
}
