//! Server certificates: one for known names, the others when they are asked for.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use rcgen::{
    CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
    SigningKey,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};

use crate::base::sync::lock;
use crate::crypto::pki::dated;

/// How many certificates made on demand are kept; the oldest makes room.
const KEPT: usize = 256;

/// A server certificate that is not signed yet.
pub(super) struct Leaf(CertificateParams);

/// The authority at work: it signs what is asked for, and keeps it.
pub(super) struct Leaves {
    ca: CertifiedIssuer<'static, KeyPair>,
    /// The names of the usual certificate.
    usual: Vec<String>,
    /// One for all certificates, for making it takes longer than signing.
    key: KeyPair,
    made: Mutex<ServerCertificate>,
}

/// A certificate at work.
#[derive(Clone)]
pub(super) struct Shown {
    pub(super) config: Arc<ServerConfig>,
    pub(super) certificate: CertificateDer<'static>,
}

#[derive(Default)]
struct ServerCertificate {
    by_name: HashMap<ServerName<'static>, Shown>,
    oldest_first: VecDeque<ServerName<'static>>,
}

impl Leaf {
    /// For host names, wildcards and IP addresses.
    pub(super) fn for_names(names: Vec<String>) -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::new(names)?;
        dated(&mut params, "identity-emulator (tests only)");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        Ok(Self(params))
    }
}

impl Leaves {
    pub(super) fn new(ca: CertifiedIssuer<'static, KeyPair>, usual: Vec<String>) -> Self {
        Self {
            ca,
            usual,
            key: KeyPair::generate().expect("the system can make a P-256 key"),
            made: Mutex::default(),
        }
    }

    /// The one for this name, made now if it is the first time. That of an address is for the usual
    /// names as well: who reached it may have asked elsewhere, at the port a container publishes on
    /// loopback for one, and an address is never asked for by name.
    pub(super) fn of(&self, name: ServerName<'static>) -> Shown {
        let mut made = lock(&self.made);
        if let Some(shown) = made.by_name.get(&name) {
            return shown.clone();
        }
        let mut names = vec![name.to_str().into_owned()];
        if matches!(name, ServerName::IpAddress(_)) {
            names.extend(self.usual.iter().cloned());
        }
        let leaf = Leaf::for_names(names);
        let shown = self.signed(leaf.expect("a checked name can stand in a certificate"));
        made.keep(name, shown.clone());
        shown
    }

    pub(super) fn signed(&self, leaf: Leaf) -> Shown {
        let certificate = leaf.0.signed_by(&self.key, &self.ca);
        let certificate = certificate.expect("the authority signs");
        let chain = vec![certificate.der().clone(), self.ca.der().clone()];
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(chain, PrivateKeyDer::Pkcs8(self.key.serialize_der().into()))
            .expect("the key belongs to the certificate");
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Shown {
            config: Arc::new(config),
            certificate: certificate.into(),
        }
    }

    pub(super) fn ca_der(&self) -> &[u8] {
        self.ca.der()
    }

    /// Signs with the key of all certificates: ECDSA on P-256, with SHA-256.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signed = SigningKey::sign(&self.key, message);
        signed.expect("a key of one's own signs")
    }
}

impl ServerCertificate {
    fn keep(&mut self, name: ServerName<'static>, shown: Shown) {
        if self.oldest_first.len() == KEPT
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.by_name.remove(&oldest);
        }
        self.oldest_first.push_back(name.clone());
        self.by_name.insert(name, shown);
    }
}

#[cfg(test)]
mod tests {
    use crate::crypto::pki::Pki;

    use super::*;

    #[test]
    fn however_many_names_are_asked_for_only_so_many_are_kept() {
        let pki = Pki::generate();
        let of = |name: String| pki.0.leaves.of(name.try_into().unwrap());
        let first = of("n0.test".to_owned());
        for number in 1..=KEPT {
            of(format!("n{number}.test"));
        }
        let kept = pki.0.leaves.made.lock().unwrap();
        assert_eq!((kept.by_name.len(), kept.oldest_first.len()), (KEPT, KEPT));
        drop(kept);
        let again = of("n0.test".to_owned());
        assert!(!Arc::ptr_eq(&first.config, &again.config));
        assert_ne!(first.certificate, again.certificate);
    }
}
