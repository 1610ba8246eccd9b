//! Which certificate a client is shown.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use identity_emulator::Emulator;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::support::builder;

/// The names in the certificate that a client who verifies it for `name` is shown, if it accepts.
async fn shown(emulator: &Emulator, address: SocketAddr, name: &str) -> Option<Vec<String>> {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let stream = connected(emulator, address, name).await.ok()?;
    let certificates = stream.get_ref().1.peer_certificates().unwrap();
    let (_, leaf) = X509Certificate::from_der(&certificates[0]).unwrap();
    let names = leaf.subject_alternative_name().unwrap().unwrap();
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => (*name).to_owned(),
        GeneralName::IPAddress(bytes) => match <[u8; 4]>::try_from(*bytes) {
            Ok(v4) => IpAddr::from(v4).to_string(),
            Err(_) => IpAddr::from(<[u8; 16]>::try_from(*bytes).unwrap()).to_string(),
        },
        other => panic!("{other}"),
    };
    Some(names.value.general_names.iter().map(text).collect())
}

async fn connected(
    emulator: &Emulator,
    address: SocketAddr,
    name: ServerName<'static>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(emulator.ca_pem().as_bytes()).unwrap();
    roots.add(ca).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

fn address(url: &str) -> SocketAddr {
    url.strip_prefix("https://").unwrap().parse().unwrap()
}

#[tokio::test]
async fn whoever_asks_for_a_name_is_shown_a_certificate_of_that_name() {
    let emulator = builder().start().await.unwrap();
    let here = address(emulator.https());
    for name in ["login.microsoftonline.com", "vault.contoso.example"] {
        assert_eq!(shown(&emulator, here, name).await.unwrap(), [name]);
    }
    // Asked for in capitals, it is the same one.
    let capitals = shown(&emulator, here, "Login.MicrosoftOnline.com").await;
    assert_eq!(capitals.unwrap(), ["login.microsoftonline.com"]);
}

#[tokio::test]
async fn whoever_asks_for_none_is_shown_one_of_the_address_reached() {
    let anywhere: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let other: SocketAddr = "127.83.4.9:0".parse().unwrap();
    let emulator = builder().https(anywhere).https(other);
    let emulator = emulator.start().await.unwrap();
    let [first, _, second] = emulator.urls().collect::<Vec<_>>()[..] else {
        panic!("three listeners")
    };
    let usual = shown(&emulator, address(first), "127.0.0.1").await;
    assert_eq!(usual.unwrap(), ["localhost", "127.0.0.1", "::1"]);
    let own = shown(&emulator, address(second), "127.83.4.9").await;
    let with_usual = ["127.83.4.9", "localhost", "127.0.0.1", "::1"];
    assert_eq!(own.unwrap(), with_usual);
    // As where a container publishes a port of its own on loopback.
    let published = shown(&emulator, address(second), "127.0.0.1").await;
    assert_eq!(published.unwrap(), with_usual);
    assert_eq!(
        shown(&emulator, address(second), "127.83.4.10").await,
        None,
        "a client that expects another address must not be satisfied"
    );
}

#[tokio::test]
async fn one_listener_on_all_addresses_shows_each_its_own() {
    let everywhere: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let emulator = builder().https(everywhere).start().await.unwrap();
    let port = address(emulator.https()).port();
    for ip in ["127.0.0.1", "127.0.0.2", "127.9.9.9"] {
        let names = shown(&emulator, format!("{ip}:{port}").parse().unwrap(), ip).await;
        assert!(names.unwrap().iter().any(|name| name == ip), "{ip}");
    }
}
