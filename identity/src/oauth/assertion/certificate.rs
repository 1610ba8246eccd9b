//! Assertions signed with the key of a certificate the application is known by.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>.

mod der;
mod found;
mod key;
#[cfg(feature = "legacy-pfx")]
mod legacy;
mod material;
mod pbe;
mod pem;
mod pkcs12;
mod pkcs12_kdf;
mod rounds;
mod signer;
mod trouble;
mod x509;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};

use self::signer::{LIFETIME, Signer};
use crate::context::{Context, UnixTime, WatchedFile};
use crate::error::{Error, Result};
use crate::isolation::{Fingerprint, ProofIdentity};
use crate::oauth::client_auth::{Assertions, ClientAuth};
use crate::oauth::endpoint::Endpoint;
use crate::secret::Secret;
use crate::sync::lock;

/// A certificate with its RSA private key: PEM (PKCS#8, encrypted or not, or PKCS#1) or PFX
/// (PKCS#12).
///
/// PEM and PFX with AES encryption are always read; PFX and PEM encrypted with 3DES or RC2, as older
/// programs write them, with the feature `legacy-pfx`. The certificate is the one that belongs to
/// the key, wherever in the file it stands.
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
    /// Where the certificate and key are.
    pub source: CertificateSource,
    /// The password of an encrypted PFX or private key. `None` by default.
    pub password: Option<String>,
    /// Send the whole chain with every assertion (`x5c`), for applications that trust a subject
    /// name and issuer instead of one certificate. Off by default.
    pub send_certificate_chain: bool,
}

/// Where a certificate and its key are.
#[derive(Clone)]
#[non_exhaustive]
pub enum CertificateSource {
    /// In a file, read when a token is first asked for, and again whenever it has changed.
    Path(PathBuf),
    /// Here.
    Bytes(Vec<u8>),
}

impl ClientCertificate {
    /// The certificate and key in the file at `path`.
    pub fn from_path(path: impl Into<PathBuf>) -> Self {
        Self::new(CertificateSource::Path(path.into()))
    }

    /// The certificate and key in `bytes`, the content of such a file.
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
        Ok(ClientAuth::Assertion(Arc::new(Certificate::new(self)?)))
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

/// Real files have a few thousand bytes.
const FILE_LIMIT: u64 = 1 << 20;
/// An assertion is made anew this long before its end, for clocks that differ and slow networks.
const MARGIN: Duration = Duration::from_secs(60);
/// Most assertions kept, one per tenant.
const KEPT: usize = 64;

/// Signs assertions, and keeps each for as long as it is good.
#[derive(Debug)]
struct Certificate {
    material: Material,
    password: Option<Secret>,
    send_chain: bool,
    made: Mutex<HashMap<String, Made>>,
}

#[derive(Debug)]
enum Material {
    Given(Arc<Signer>),
    File(WatchedFile<Signer>),
}

#[derive(Debug)]
struct Made {
    by: Arc<Signer>,
    until: UnixTime,
    assertion: Secret,
}

impl Certificate {
    /// # Errors
    /// `InvalidArgument` when bytes are given and hold no usable certificate and key.
    fn new(certificate: ClientCertificate) -> Result<Self> {
        let password = certificate.password.map(Secret::new);
        let material = match certificate.source {
            CertificateSource::Path(path) => Material::File(WatchedFile::new(path, FILE_LIMIT)),
            CertificateSource::Bytes(bytes) => {
                let bytes = zeroize::Zeroizing::new(bytes);
                Material::Given(Arc::new(Signer::read(&bytes, password.as_ref())?))
            }
        };
        Ok(Self {
            material,
            password,
            send_chain: certificate.send_certificate_chain,
            made: Mutex::default(),
        })
    }

    async fn signer(&self, context: &Context) -> Result<Arc<Signer>> {
        let file = match &self.material {
            Material::Given(signer) => return Ok(Arc::clone(signer)),
            Material::File(file) => file,
        };
        let path = file.path().display();
        let parse = async |bytes: Vec<u8>| {
            let (bytes, password) = (zeroize::Zeroizing::new(bytes), self.password.clone());
            // A key may be encrypted to take a second.
            let signer = context.compute(move || Signer::read(&bytes, password.as_ref()));
            signer.await?.map_err(|error| {
                let message = format!("{path}: {error}");
                error.retold(crate::error::ErrorKind::InvalidArgument, message)
            })
        };
        let loaded = file.load(context, Duration::MAX, parse).await;
        loaded.map_err(|unread| {
            unread.into_error(|error| {
                Error::invalid(format!(
                    "the certificate file {path} cannot be read: {error}"
                ))
            })
        })
    }

    fn current(&self, audience: &str, signer: &Arc<Signer>, now: UnixTime) -> Option<Secret> {
        let made = lock(&self.made);
        let made = made.get(audience)?;
        let good = Arc::ptr_eq(&made.by, signer) && now < made.until.minus(MARGIN);
        // A clock that was set back would otherwise keep an assertion from the future.
        let begun = made.until.minus(LIFETIME) <= now;
        (good && begun).then(|| made.assertion.clone())
    }

    fn keep(&self, audience: &str, made: Made, now: UnixTime) {
        let mut all = lock(&self.made);
        if all.len() >= KEPT {
            all.retain(|_, made| now < made.until);
        }
        if all.len() >= KEPT {
            all.clear();
        }
        all.insert(audience.to_owned(), made);
    }
}

impl Assertions for Certificate {
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
            let made = Made {
                by: signer,
                until: now.plus(LIFETIME),
                assertion: assertion.clone(),
            };
            self.keep(audience, made, now);
            Ok(assertion)
        }
        .boxed()
    }

    fn identity(&self) -> ProofIdentity {
        match &self.material {
            Material::Given(signer) => ProofIdentity::Certificate(signer.thumbprint().to_owned()),
            Material::File(file) => ProofIdentity::CertificateFile {
                path: file.path().to_owned(),
                password: self.password.as_ref().map(Fingerprint::from),
            },
        }
    }
}

#[cfg(test)]
mod tests;
