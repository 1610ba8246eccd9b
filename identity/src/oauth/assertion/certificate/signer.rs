//! The key that signs assertions.

use std::fmt;
use std::time::Duration;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use uuid::Uuid;

use super::failure::CertificateFailure;
use super::material;
use super::x509::{self, Validity};
use crate::context::UnixTime;
use crate::error::{Error, Result};
use crate::oauth::endpoint::Endpoint;
use crate::secret::Secret;

/// How long an assertion is valid.
pub(super) const LIFETIME: Duration = Duration::from_secs(600);

/// A parsed key, and the names that assertions give to its certificate.
pub(super) struct Signer {
    key: RsaKeyPair,
    /// The certificates of the key, at least one, in the order of the file.
    certificates: Vec<NamedCertificate>,
}

/// A certificate as assertions name it.
struct NamedCertificate {
    sha1: String,
    sha256: String,
    validity: Validity,
    /// The certificates in base64 of DER, the key's own first.
    chain: Vec<String>,
}

impl NamedCertificate {
    /// Names the first certificate (DER) of `chain`.
    fn new(chain: &[Vec<u8>]) -> Option<Self> {
        let own = chain.first()?;
        Some(Self {
            sha1: URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, own)),
            sha256: URL_SAFE_NO_PAD.encode(digest(&SHA256, own)),
            validity: x509::fields(own)?.validity,
            chain: chain.iter().map(|der| STANDARD.encode(der)).collect(),
        })
    }
}

impl Signer {
    /// Reads the key and certificates in `bytes`, the content of a file.
    ///
    /// # Errors
    /// `InvalidArgument` when `bytes` hold no usable certificate and key, or are encrypted with
    /// another password.
    pub(super) fn read(bytes: &[u8], password: Option<&Secret>) -> Result<Self> {
        let material = material::read(bytes, password.map(Secret::expose))?;
        let chains = material.chains.iter();
        let certificates: Vec<_> = chains
            .filter_map(|chain| NamedCertificate::new(chain))
            .collect();
        if certificates.is_empty() {
            return Err(CertificateFailure::NoCertificate.into());
        }
        Ok(Self {
            certificates,
            key: material.key,
        })
    }

    /// Returns the SHA-256 of the first certificate in base64url.
    pub(super) fn thumbprint(&self) -> &str {
        &self.certificates[0].sha256
    }

    /// Returns the certificate to show: of those that are valid the newest, else the one that was
    /// valid last, for the service to refuse with its own reason.
    fn certificate(&self, now: UnixTime) -> &NamedCertificate {
        let now = x509::digits(now);
        let rank = |certificate: &&NamedCertificate| {
            let Validity { begins, ends } = &certificate.validity;
            let is_valid = *begins <= now && now <= *ends;
            // One that has not begun yet comes last, however long it will be valid.
            let order = if is_valid { begins } else { ends };
            (is_valid, *begins <= now, order.clone())
        };
        let best = self.certificates.iter().max_by_key(rank);
        best.unwrap_or(&self.certificates[0])
    }

    /// Signs the assertion that `client_id` is the one asking at `endpoint`, valid from `now` for
    /// ten minutes.
    pub(super) fn assertion(
        &self,
        client_id: &str,
        endpoint: &Endpoint,
        send_chain: bool,
        now: UnixTime,
    ) -> Result<Secret> {
        let certificate = self.certificate(now);
        // Federation Services know neither PS256 nor SHA-256 thumbprints.
        let mut header = match endpoint.adfs {
            true => json!({ "alg": "RS256", "typ": "JWT", "x5t": certificate.sha1 }),
            false => json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": certificate.sha256 }),
        };
        if send_chain {
            header["x5c"] = json!(certificate.chain);
        }
        let claims = json!({
            "aud": endpoint.url.as_str(),
            "iss": client_id,
            "sub": client_id,
            "jti": Uuid::new_v4().to_string(),
            "iat": now.as_seconds(),
            "nbf": now.as_seconds(),
            "exp": now.plus(LIFETIME).as_seconds(),
        });
        let signed = format!("{}.{}", segment(&header), segment(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let padding: &dyn aws_lc_rs::signature::RsaEncoding = match endpoint.adfs {
            true => &RSA_PKCS1_SHA256,
            false => &RSA_PSS_SHA256,
        };
        let random = SystemRandom::new();
        self.key
            .sign(padding, &random, signed.as_bytes(), &mut signature)
            .map_err(|_| Error::invalid("the client certificate's key cannot sign"))?;
        Ok(Secret::new(format!(
            "{signed}.{}",
            URL_SAFE_NO_PAD.encode(signature)
        )))
    }
}

fn segment(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("thumbprint", &self.thumbprint())
            .finish_non_exhaustive()
    }
}
