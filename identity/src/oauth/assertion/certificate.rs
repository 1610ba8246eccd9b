//! Client assertions signed with the key of a certificate that the application is registered with.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>.

mod chain;
mod der;
mod failure;
mod form;
mod key;
mod key_derivation;
#[cfg(feature = "legacy-pfx")]
mod legacy;
mod material;
mod pbe;
mod pem;
mod pkcs12;
mod signer;
mod x509;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};

use self::signer::{LIFETIME, Signer};
use crate::context::{CachedFile, Context, UnixTime};
use crate::error::{Error, Result};
use crate::isolation::{Fingerprint, ProofIdentity};
use crate::oauth::client_auth::{Assertions, ClientAuth};
use crate::oauth::endpoint::Endpoint;
use crate::secret::Secret;
use crate::sync::lock;

/// A certificate with its RSA private key, as PEM (PKCS#8, encrypted or not, or PKCS#1) or PFX
/// (PKCS#12).
///
/// PEM and PFX with AES encryption are always read; PFX and PEM encrypted with 3DES or RC2, as
/// older programs write them, with the feature `legacy-pfx`. Either may be in base64, as Azure Key
/// Vault and Kubernetes give it, and PEM may have its line breaks written as `\n`, as in
/// environment variables. For a file of another kind the error names the command that converts it.
///
/// The certificate is the one that belongs to the key, wherever in the file it is; of several, the
/// newest that is valid. A file that cannot be read when it has changed leaves the key from before
/// in use.
///
/// ```
/// use identity::ClientCertificate;
///
/// let certificate = ClientCertificate {
///     password: Some("correct horse".into()),
///     ..ClientCertificate::from_path("app.pfx")
/// };
/// ```
#[derive(Clone)]
pub struct ClientCertificate {
    /// The place of the certificate and key.
    pub source: CertificateSource,
    /// The password of an encrypted PFX or private key. `None` by default.
    pub password: Option<String>,
    /// Whether to send the whole chain with every assertion (`x5c`), for applications registered
    /// with a subject name and issuer instead of one certificate. Off by default.
    pub send_certificate_chain: bool,
}

/// The place of a certificate and its key.
#[derive(Clone)]
#[non_exhaustive]
pub enum CertificateSource {
    /// In a file, read when a token is first asked for, and again whenever it has changed.
    Path(PathBuf),
    /// In memory: the content of a file.
    Bytes(Vec<u8>),
}

impl ClientCertificate {
    /// Returns the certificate and key in the file at `path`.
    pub fn from_path(path: impl Into<PathBuf>) -> Self {
        Self::new(CertificateSource::Path(path.into()))
    }

    /// Returns the certificate and key in `bytes`, the content of a file.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(CertificateSource::Bytes(bytes.into()))
    }

    fn new(source: CertificateSource) -> Self {
        Self {
            source,
            password: None,
            send_certificate_chain: false,
        }
    }

    pub(crate) fn into_client_auth(self) -> Result<ClientAuth> {
        Ok(ClientAuth::Assertion(Arc::new(CertificateAssertions::new(
            self,
        )?)))
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate")
            .field("source", &self.source)
            .field("password", &self.password.as_ref().map(|_| "***"))
            .field("send_certificate_chain", &self.send_certificate_chain)
            .finish()
    }
}

impl fmt::Debug for CertificateSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Self::Bytes(_) => f.write_str("Bytes(***)"),
        }
    }
}

/// The largest certificate file that is read, in bytes. Real ones have a few thousand.
const FILE_LIMIT: u64 = 1 << 20;
/// How long before its end an assertion is replaced, for clocks that differ and slow networks.
const MARGIN: Duration = Duration::from_secs(60);
/// How many assertions are cached at most. There is one for each tenant.
const CACHE_LIMIT: usize = 64;

/// A signer of assertions that caches each for as long as it is valid: an RSA signature costs about
/// a millisecond of processor time.
#[derive(Debug)]
struct CertificateAssertions {
    source: SignerSource,
    password: Option<Secret>,
    send_chain: bool,
    cached: Mutex<HashMap<String, SignedAssertion>>,
}

#[derive(Debug)]
enum SignerSource {
    Given(Arc<Signer>),
    File(CachedFile<Signer>),
}

#[derive(Debug)]
struct SignedAssertion {
    signer: Arc<Signer>,
    expires_on: UnixTime,
    assertion: Secret,
}

impl CertificateAssertions {
    /// Reads the certificate and key, unless they are in a file.
    ///
    /// # Errors
    /// `InvalidArgument` when bytes are given and hold no usable certificate and key.
    fn new(certificate: ClientCertificate) -> Result<Self> {
        let password = certificate.password.map(Secret::new);
        let source = match certificate.source {
            CertificateSource::Path(path) => SignerSource::File(CachedFile::new(path, FILE_LIMIT)),
            CertificateSource::Bytes(bytes) => {
                let bytes = zeroize::Zeroizing::new(bytes);
                SignerSource::Given(Arc::new(Signer::read(&bytes, password.as_ref())?))
            }
        };
        Ok(Self {
            source,
            password,
            send_chain: certificate.send_certificate_chain,
            cached: Mutex::default(),
        })
    }

    async fn signer(&self, context: &Context) -> Result<Arc<Signer>> {
        let file = match &self.source {
            SignerSource::Given(signer) => return Ok(Arc::clone(signer)),
            SignerSource::File(file) => file,
        };
        let path = file.path().display();
        let parse = async |bytes: Vec<u8>| {
            let (bytes, password) = (zeroize::Zeroizing::new(bytes), self.password.clone());
            // Deriving the key of an encrypted file may take a second.
            let signer = context.compute(move || Signer::read(&bytes, password.as_ref()));
            signer.await?.map_err(|error| {
                let message = format!("{path}: {error}");
                error.restated(crate::error::ErrorKind::InvalidArgument, message)
            })
        };
        let loaded = file.load(context, Duration::MAX, parse).await;
        loaded.or_else(|unread| {
            let error = unread.into_error(|error| {
                Error::invalid(format!(
                    "the certificate file {path} cannot be read: {error}"
                ))
            });
            // Another program may be writing the file. The key from before signs until the next
            // look at it, which is at the next request.
            let previous = file.last().ok_or_else(|| error.clone())?;
            tracing::warn!(name: "identity.certificate.kept", %error, "the key read before is used");
            Ok(previous)
        })
    }

    /// Returns the cached assertion for `audience`, if it is still valid and by the same key.
    fn current(&self, audience: &str, signer: &Arc<Signer>, now: UnixTime) -> Option<Secret> {
        let all = lock(&self.cached);
        let cached = all.get(audience)?;
        let is_same_key = Arc::ptr_eq(&cached.signer, signer);
        // The lower bound matters after the clock was set back: the service refuses an assertion
        // whose validity has not begun.
        let is_valid =
            cached.expires_on.minus(LIFETIME) <= now && now < cached.expires_on.minus(MARGIN);
        (is_same_key && is_valid).then(|| cached.assertion.clone())
    }

    fn store(&self, audience: &str, cached: SignedAssertion, now: UnixTime) {
        let mut all = lock(&self.cached);
        if all.len() >= CACHE_LIMIT {
            all.retain(|_, cached| now < cached.expires_on);
        }
        // With so many tenants at once signing anew is cheaper than finding the least used.
        if all.len() >= CACHE_LIMIT {
            all.clear();
        }
        all.insert(audience.to_owned(), cached);
    }
}

impl Assertions for CertificateAssertions {
    fn assertion<'a>(
        &'a self,
        client_id: &'a str,
        endpoint: &'a Endpoint,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Secret>> {
        async move {
            let signer = self.signer(context).await?;
            let (audience, now) = (endpoint.url.as_str(), context.clock.now());
            if let Some(assertion) = self.current(audience, &signer, now) {
                return Ok(assertion);
            }
            let assertion = signer.assertion(client_id, endpoint, self.send_chain, now)?;
            let cached = SignedAssertion {
                signer,
                expires_on: now.plus(LIFETIME),
                assertion: assertion.clone(),
            };
            self.store(audience, cached, now);
            Ok(assertion)
        }
        .boxed()
    }

    fn identity(&self) -> ProofIdentity {
        match &self.source {
            SignerSource::Given(signer) => {
                ProofIdentity::Certificate(signer.thumbprint().to_owned())
            }
            SignerSource::File(file) => ProofIdentity::CertificateFile {
                path: file.path().to_owned(),
                password: self.password.as_ref().map(Fingerprint::from),
            },
        }
    }
}

#[cfg(test)]
mod tests;
