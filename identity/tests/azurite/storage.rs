//! A running Azurite.

use std::path::PathBuf;
use std::process::Stdio;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// An Azurite process that ends when this is dropped and stores nothing.
pub(crate) struct Azurite {
    url: String,
    ca_pem: String,
    _running: Child,
    _folder: TempDir,
}

impl Azurite {
    pub(crate) fn is_installed() -> bool {
        program().exists()
    }

    /// Starts an Azurite with a certificate of its own that wants a token with every request.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (ca_pem, certificate, key) = certificate();
        let paths = [("certificate.pem", certificate), ("key.pem", key)].map(|(name, pem)| {
            let path = folder.path().join(name);
            std::fs::write(&path, pem).unwrap();
            path
        });
        let mut running = Command::new("node")
            .arg(program())
            .args(["--oauth", "basic", "--blobPort", "0", "--cert"])
            .arg(&paths[0])
            .arg("--key")
            .arg(&paths[1])
            // The official client uses a newer version of the API than Azurite knows.
            .args(["--skipApiVersionCheck", "--inMemoryPersistence"])
            .args(["--disableTelemetry", "--silent"])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(running.stdout.take().unwrap()).lines();
        let url = loop {
            let line = lines.next_line().await.unwrap();
            let line = line.expect("it ended before it listened");
            if let Some((_, url)) = line.split_once("successfully listens on ") {
                break url.to_owned();
            }
        };
        Self {
            url,
            ca_pem,
            _running: running,
            _folder: folder,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the authority that issued its certificate.
    pub(crate) fn ca_pem(&self) -> &str {
        &self.ca_pem
    }
}

fn program() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let target = target.parent().unwrap();
    target.join("azurite/node_modules/azurite/dist/src/blob/main.js")
}

/// Returns an authority, a certificate of it for this machine, and the certificate's key, all in
/// PEM.
fn certificate() -> (String, String, String) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &ca).unwrap();
    (ca.pem(), leaf.pem(), key.serialize_pem())
}
