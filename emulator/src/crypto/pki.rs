//! The run's certificate authority and the certificates of the listeners.

mod cms;
mod leaf;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{DnsName, ServerName};
use time::OffsetDateTime;

use crate::base::config_error::ConfigError;
use crate::crypto::pki::leaf::{Leaf, Leaves, Shown};

/// A certificate authority made for one run, and the server certificates it signs; shared by its
/// clones.
///
/// One certificate is for `localhost` and the loopback addresses. Whoever asks for another name, or
/// reaches another address, gets one that is made for it and kept.
#[derive(Clone)]
pub struct Pki(Arc<Inner>);

struct Inner {
    ca_pem: String,
    /// The names that were given besides the usual ones.
    extra: Vec<String>,
    leaves: Leaves,
    usual: Shown,
    /// The names `usual` is for, those the caller added among them.
    usual_names: Vec<ServerName<'static>>,
}

impl Pki {
    /// For any name that will be asked for.
    pub fn generate() -> Self {
        Self::for_names::<&str>(&[]).expect("the standard names are host names")
    }

    /// With `names` in the certificate for loopback as well: host names, `*.` wildcards, or IP
    /// addresses. That is for clients who check a name without asking for it, such as the address a
    /// container's port is published at; a host name that is asked for needs no mention.
    ///
    /// # Errors
    /// A name that cannot stand in a certificate.
    pub fn for_names<S: AsRef<str>>(names: &[S]) -> Result<Self, ConfigError> {
        let extra: Vec<_> = names.iter().map(|name| name.as_ref().to_owned()).collect();
        let names: Vec<_> = NAMES
            .iter()
            .map(|name| (*name).to_owned())
            .chain(extra.iter().cloned())
            .collect();
        let usual_names = names.iter().filter_map(|name| name.clone().try_into().ok());
        let usual_names = usual_names.collect();
        let usual = Leaf::for_names(names.clone())
            .map_err(|error| ConfigError::new(format!("a name for the certificate: {error}")))?;
        let key = KeyPair::generate().expect("the system can make a P-256 key");
        let ca = CertifiedIssuer::self_signed(authority(), key).expect("a new key signs itself");
        let ca_pem = ca.pem();
        let leaves = Leaves::new(ca, names);
        Ok(Self(Arc::new(Inner {
            usual: leaves.signed(usual),
            usual_names,
            leaves,
            ca_pem,
            extra,
        })))
    }

    /// Returns the names that were given besides the usual ones.
    pub(crate) fn extra_names(&self) -> &[String] {
        &self.0.extra
    }

    /// The authority's certificate in PEM: what clients must trust.
    pub fn ca_pem(&self) -> &str {
        &self.0.ca_pem
    }

    /// The authority's certificate in DER.
    pub(in crate::crypto) fn ca_der(&self) -> &[u8] {
        self.0.leaves.ca_der()
    }

    /// TLS for a client that asked for `sni`, or for no name at all and reached `name`.
    pub(crate) fn server_config(
        &self,
        sni: Option<&str>,
        reached: &ServerName<'static>,
    ) -> Arc<ServerConfig> {
        let asked = sni.and_then(|name| DnsName::try_from(name.to_ascii_lowercase()).ok());
        let name = asked.map_or_else(|| reached.clone(), ServerName::DnsName);
        self.shown(name).config
    }

    /// SHA-1 of the certificate for a host name or an address, 40 hexadecimal digits: what pins a
    /// Service Fabric node.
    pub(crate) fn thumbprint(&self, host: &str) -> String {
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
        let shown = name.map_or_else(|_| self.0.usual.clone(), |name| self.shown(name));
        let sha1 = &digest::SHA1_FOR_LEGACY_USE_ONLY;
        let digest = digest::digest(sha1, &shown.certificate);
        let digits = digest.as_ref().iter().map(|byte| format!("{byte:02X}"));
        digits.collect()
    }

    /// `content` in a PKCS #7 message, signed with a certificate for the host `name`.
    pub(crate) fn signed_message(&self, name: DnsName<'static>, content: &[u8]) -> Vec<u8> {
        let signer = self.shown(ServerName::DnsName(name));
        cms::signed(content, &signer.certificate, |bytes| {
            self.0.leaves.sign(bytes)
        })
    }

    fn shown(&self, name: ServerName<'static>) -> Shown {
        if self.0.usual_names.contains(&name) {
            return self.0.usual.clone();
        }
        self.0.leaves.of(name)
    }
}

impl fmt::Debug for Pki {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pki").finish_non_exhaustive()
    }
}

/// The name of a server that is known by its address only.
pub(crate) fn name_of(address: IpAddr) -> ServerName<'static> {
    ServerName::IpAddress(address.to_canonical().into())
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

const NAMES: &[&str] = &["localhost", "127.0.0.1", "::1"];

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

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

    #[test]
    fn loopback_and_the_names_given_share_one_certificate_and_others_keep_their_own() {
        let pki = Pki::for_names(&["emulator", "172.17.0.2"]).unwrap();
        let reached = |last| name_of(Ipv4Addr::new(127, 0, 0, last).into());
        let usual = pki.server_config(None, &reached(1));
        let config = |sni, last| pki.server_config(sni, &reached(last));
        assert!(Arc::ptr_eq(&usual, &config(Some("localhost"), 7)));
        assert!(Arc::ptr_eq(&usual, &config(Some("Emulator"), 7)));
        let published = name_of(Ipv4Addr::new(172, 17, 0, 2).into());
        assert!(Arc::ptr_eq(&usual, &pki.server_config(None, &published)));
        let (other, again) = (config(None, 5), config(None, 5));
        assert!(!Arc::ptr_eq(&usual, &other) && Arc::ptr_eq(&other, &again));
        let (asked, again) = (config(Some("a.test"), 1), config(Some("A.test"), 2));
        assert!(!Arc::ptr_eq(&usual, &asked) && Arc::ptr_eq(&asked, &again));
    }
}
