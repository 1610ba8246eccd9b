//! The files by which other programs trust the authority.

mod jks;

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;

use crate::base::atomic_file::place;
use crate::crypto::pki::Pki;

/// The files of one authority.
#[derive(Clone, Debug)]
pub(crate) struct TrustFiles {
    /// The authority alone, in PEM: for programs that add it to what they trust already.
    pub(crate) ca: PathBuf,
    /// The authority and all that this machine trusts, in PEM: for programs that trust nothing else
    /// once they are given a file.
    pub(crate) bundle: PathBuf,
    /// The same for Java, which reads no PEM.
    pub(crate) java: PathBuf,
}

/// Writes the files into `folder`, which is made for its owner alone if need be.
pub(crate) fn write(folder: &Path, pki: &Pki) -> io::Result<TrustFiles> {
    // What cannot be read is not trusted today either.
    let roots = rustls_native_certs::load_native_certs().certs;
    Ok(TrustFiles {
        ca: place(folder, "ca.pem", pki.ca_pem().as_bytes())?,
        bundle: place(folder, "bundle.pem", bundle(pki, &roots).as_bytes())?,
        java: place(folder, "truststore.jks", &java(pki, &roots))?,
    })
}

fn bundle(pki: &Pki, roots: &[CertificateDer<'_>]) -> String {
    let mut text = pki.ca_pem().to_owned();
    for root in roots {
        text.push_str(&pem(root));
    }
    text
}

fn pem(certificate: &[u8]) -> String {
    let encoded = STANDARD.encode(certificate);
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in encoded.as_bytes().chunks(64) {
        text.extend(line.iter().copied().map(char::from));
        text.push('\n');
    }
    text + "-----END CERTIFICATE-----\n"
}

fn java(pki: &Pki, roots: &[CertificateDer<'_>]) -> Vec<u8> {
    let own = ("identity-emulator".to_owned(), pki.ca_der());
    let roots = roots.iter().enumerate();
    let roots = roots.map(|(index, root)| (format!("system-{index}"), &**root));
    let made = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let all: Vec<_> = std::iter::once(own).chain(roots).collect();
    jks::store(all.into_iter(), made.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    #[test]
    fn the_files_of_one_authority_are_all_there() {
        let home = tempfile::tempdir().unwrap();
        let pki = Pki::generate();
        let files = write(home.path(), &pki).unwrap();
        let ca = std::fs::read_to_string(files.ca).unwrap();
        assert_eq!(ca, pki.ca_pem());
        assert!(
            std::fs::read_to_string(files.bundle)
                .unwrap()
                .starts_with(&ca)
        );
        assert!(
            std::fs::read(files.java)
                .unwrap()
                .starts_with(b"\xFE\xED\xFE\xED")
        );
    }

    #[test]
    fn the_bundle_holds_the_authority_and_every_root() {
        let pki = Pki::generate();
        let other = Pki::generate();
        let roots = [CertificateDer::from(other.ca_der().to_vec())];
        let bundle = bundle(&pki, &roots);
        let read: Vec<_> = CertificateDer::pem_slice_iter(bundle.as_bytes())
            .map(|certificate| certificate.unwrap().to_vec())
            .collect();
        assert_eq!(read, [pki.ca_der(), other.ca_der()]);
    }
}
