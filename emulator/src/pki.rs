//! The run's certificate authority and the certificate of the listeners.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use time::OffsetDateTime;

use crate::config::ConfigError;

/// A certificate authority made for one run, and a server certificate of it; shared by its clones.
///
/// The server certificate covers `localhost`, the loopback addresses and the host names of the real
/// service in every cloud. The authority's private key is forgotten once that one is signed.
#[derive(Clone)]
pub struct Pki(Arc<Inner>);

struct Inner {
    ca_pem: String,
    server: Arc<ServerConfig>,
}

impl Pki {
    /// For the standard names.
    pub fn generate() -> Self {
        Self::for_names::<&str>(&[]).expect("the standard names are host names")
    }

    /// For the standard names and `names`: host names, `*.` wildcards, or IP addresses.
    ///
    /// # Errors
    /// A name that cannot stand in a certificate.
    pub fn for_names<S: AsRef<str>>(names: &[S]) -> Result<Self, ConfigError> {
        let extra = names.iter().map(|name| name.as_ref().to_owned());
        let all: Vec<_> = NAMES
            .iter()
            .map(|name| (*name).to_owned())
            .chain(extra)
            .collect();
        let leaf = CertificateParams::new(all)
            .map_err(|error| ConfigError::new(format!("a name for the certificate: {error}")))?;
        Ok(Self(Arc::new(make(leaf))))
    }

    /// The authority's certificate in PEM: what clients must trust.
    pub fn ca_pem(&self) -> &str {
        &self.0.ca_pem
    }

    pub(crate) fn server_config(&self) -> Arc<ServerConfig> {
        self.0.server.clone()
    }
}

impl fmt::Debug for Pki {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pki").finish_non_exhaustive()
    }
}

fn make(mut leaf: CertificateParams) -> Inner {
    let key = || KeyPair::generate().expect("the system can make a P-256 key");
    let ca = CertifiedIssuer::self_signed(authority(), key()).expect("a new key signs itself");
    let leaf_key = key();
    dated(&mut leaf, "identity-emulator (tests only)");
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.use_authority_key_identifier_extension = true;
    let certificate = leaf.signed_by(&leaf_key, &ca).expect("the authority signs");
    let chain = vec![certificate.der().clone(), ca.der().clone()];
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::Pkcs8(leaf_key.serialize_der().into()))
        .expect("the key belongs to the certificate");
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Inner {
        ca_pem: ca.pem(),
        server: Arc::new(server),
    }
}

fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    dated(&mut params, "identity-emulator CA (tests only)");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// Real time, not the virtual clock: it is the clients who check these dates.
fn dated(params: &mut CertificateParams, name: &str) {
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::from_secs(24 * 3600);
    params.not_after = now + Duration::from_secs(365 * 24 * 3600);
}

const NAMES: &[&str] = &[
    "localhost",
    "127.0.0.1",
    "::1",
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoft.com",
    "sts.windows.net",
    "login.microsoftonline.us",
    "login.usgovcloudapi.net",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
    "*.login.microsoft.com",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_none_is_refused() {
        assert!(Pki::for_names(&["emulator", "*.example.test"]).is_ok());
        assert!(Pki::for_names(&["kein näme"]).is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", Pki::generate()), "Pki { .. }");
    }
}
