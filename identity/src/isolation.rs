//! The identity that tokens belong to. In a cache that credentials share it keeps the tokens of one
//! identity from those of every other.
//!
//! A request keeps tokens apart by scopes, tenant, claims and CAE, too: that is the key within the
//! cache of one identity ([`Key`](crate::cache::Key)).

use std::path::PathBuf;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use http::{HeaderName, Method};
use url::Url;

use crate::cloud::Authority;
use crate::context::Tls;
use crate::secret::Secret;

/// An identity whose tokens credentials may share. Whoever makes one says everything that tells it
/// from others: there is no default for any of the members.
#[derive(PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    /// An application at a token service, for itself or in the name of a user.
    Application(Box<ApplicationIdentity>),
    /// A managed identity, as its host is asked for it.
    Managed(HostIdentity),
    /// The account that a developer tool is signed in to.
    DeveloperTool(ToolIdentity),
}

/// An application at a token service, and the user in whose name it acts.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct ApplicationIdentity {
    /// The public name of the credential. Two kinds of credential never share tokens.
    pub(crate) credential: &'static str,
    pub(crate) authority: Authority,
    pub(crate) region: RegionIdentity,
    pub(crate) proxy: Option<ProxyIdentity>,
    /// The application's own tenant.
    pub(crate) tenant_id: String,
    pub(crate) client_id: String,
    pub(crate) proof: ProofIdentity,
    /// The assertion of the user in whose name the application acts.
    pub(crate) user: Option<Fingerprint>,
}

/// The proof of an application. Only who can prove to be it gets its tokens.
#[derive(PartialEq, Eq, Hash)]
pub(crate) enum ProofIdentity {
    /// A public client proves nothing.
    None,
    Secret(Fingerprint),
    /// A certificate, by its SHA-256 thumbprint.
    Certificate(String),
    CertificateFile {
        path: PathBuf,
        password: Option<Fingerprint>,
    },
    /// A function that makes assertions, by the number it was given when it was made. Two functions
    /// cannot be compared, so only clones of one are the same proof.
    Function(u64),
    /// A file with an assertion that somebody else keeps valid.
    TokenFile(PathBuf),
    /// A service connection of Azure Pipelines, and the token of the job that may use it.
    ServiceConnection {
        id: String,
        system_access_token: Fingerprint,
    },
}

/// The choice of a regional token service.
#[derive(PartialEq, Eq, Hash)]
pub(crate) enum RegionIdentity {
    Global,
    Named(String),
    Detected,
}

/// A token proxy that stands for the token service.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct ProxyIdentity {
    pub(crate) url: Url,
    pub(crate) server_name: Option<String>,
    pub(crate) trust: ProxyTrust,
}

/// The certificates by which a token proxy is known.
#[derive(PartialEq, Eq, Hash)]
pub(crate) enum ProxyTrust {
    System,
    Only(Bytes),
    File(PathBuf),
}

/// A managed identity, as its host is asked for it: hosts that are asked the same, with the same
/// proof, give the same tokens.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct HostIdentity {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) tls: Tls,
    /// The values by their fingerprints, for some hosts want a secret there.
    pub(crate) headers: Vec<(HeaderName, Fingerprint)>,
}

/// The account of a developer tool, as the tool is asked for it. The tool decides who that is.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct ToolIdentity {
    /// The public name of the credential.
    pub(crate) credential: &'static str,
    pub(crate) subscription: Option<String>,
    pub(crate) tenancy: TenancyIdentity,
    /// The variable `PATH`, which says where the tool is found.
    pub(crate) path: Option<String>,
}

/// The tenants a developer tool may be asked for.
#[derive(PartialEq, Eq, Hash)]
pub(crate) enum TenancyIdentity {
    /// The tool's current tenant, or the one that a request names; with `single` never another.
    Current { single: bool },
    /// A tenant of the credential's own, and others that a request may name.
    Own {
        tenant_id: String,
        allowed: Vec<String>,
        single: bool,
    },
}

/// The SHA-256 of a secret: it tells secrets apart without keeping them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(sha256)
    }
}

impl From<&Secret> for Fingerprint {
    fn from(secret: &Secret) -> Self {
        Self::of(secret.expose().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, password: Option<&str>) -> ProofIdentity {
        ProofIdentity::CertificateFile {
            path: path.into(),
            password: password.map(|text| Fingerprint::of(text.as_bytes())),
        }
    }

    fn application(proof: ProofIdentity) -> ApplicationIdentity {
        ApplicationIdentity {
            credential: "CertificateCredential",
            authority: Authority::parse("login.microsoftonline.com", false).unwrap(),
            region: RegionIdentity::Global,
            proxy: None,
            tenant_id: "t".into(),
            client_id: "c".into(),
            proof,
            user: None,
        }
    }

    #[test]
    fn a_space_in_the_path_of_a_certificate_is_no_password() {
        let with_space = file("app.pem secret", None);
        assert!(with_space != file("app.pem", Some("secret")));
        assert!(file("app.pem", Some("")) != file("app.pem", None));
        assert!(file("app.pem", Some("secret")) == file("app.pem", Some("secret")));
    }

    #[test]
    fn every_member_of_an_application_keeps_its_tokens_apart() {
        type Change = fn(&mut ApplicationIdentity);
        let plain = || application(file("app.pem", None));
        let changes: [Change; 8] = [
            |identity| identity.credential = "OnBehalfOfCredential",
            |identity| {
                identity.authority = Authority::parse("login.microsoftonline.us", false).unwrap();
            },
            |identity| identity.region = RegionIdentity::Detected,
            |identity| {
                identity.proxy = Some(ProxyIdentity {
                    url: Url::parse("https://proxy").unwrap(),
                    server_name: None,
                    trust: ProxyTrust::System,
                });
            },
            |identity| identity.tenant_id = "other".into(),
            |identity| identity.client_id = "other".into(),
            |identity| identity.proof = ProofIdentity::TokenFile("app.pem".into()),
            |identity| identity.user = Some(Fingerprint::of(b"assertion")),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut changed = plain();
            change(&mut changed);
            assert!(changed != plain(), "change {number}");
        }
        assert!(plain() == plain());
    }
}
