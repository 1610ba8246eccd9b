//! Service Fabric.

use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use super::{Program, VAULT, ends_with};
use crate::support::Answer;

const VERSION: (&str, &str) = ("api-version", "2019-07-01-preview");

async fn ask(node: &Program, query: &[(&str, &str)]) -> Answer {
    let proof = format!("Secret: {}", node.variable("IDENTITY_HEADER"));
    node.get("IDENTITY_ENDPOINT", &[&proof], query).await
}

/// Status, code and message of a refusal.
fn refusal(answer: &Answer) -> (u16, String, String) {
    let error = &answer.json()["error"];
    assert!(error["correlationId"].is_string(), "{answer:?}");
    let text = |name: &str| error[name].as_str().unwrap().to_owned();
    (answer.status, text("code"), text("message"))
}

#[tokio::test]
pub(crate) async fn the_secret_of_an_application_gets_its_token() {
    let node = Program::on("service-fabric").await;
    for version in [VERSION, ("api-version", "2020-05-01")] {
        let answer = ask(&node, &[version, VAULT]).await;
        let claims = node.claims(&answer).await;
        assert!(ends_with(&claims, "/application-basic"), "{claims}");
        assert_eq!(
            answer.members(),
            ["token_type", "access_token", "expires_on", "resource"]
        );
        assert_eq!(answer.json()["expires_on"], claims["exp"]);
    }
}

#[tokio::test]
async fn refusals_are_the_documented_ones() {
    let node = Program::on("service-fabric").await;
    let bare = node.get("IDENTITY_ENDPOINT", &[], &[VERSION, VAULT]).await;
    assert_eq!(refusal(&bare).1, "SecretHeaderNotFound");
    let header = ["secret: guessed"];
    let wrong = node
        .get("IDENTITY_ENDPOINT", &header, &[VERSION, VAULT])
        .await;
    let (status, code, _) = refusal(&wrong);
    assert_eq!((status, code.as_str()), (404, "ManagedIdentityNotFound"));
    let (status, code, text) = refusal(&ask(&node, &[("api-version", "x"), VAULT]).await);
    assert_eq!((status, code.as_str()), (400, "InvalidApiVersion"));
    assert!(
        text.contains("'x'") && text.contains("2019-07-01-preview"),
        "{text}"
    );
    assert_eq!(
        refusal(&ask(&node, &[VERSION]).await).1,
        "ArgumentNullOrEmpty"
    );
    let resource = ("resource", "https://nowhere.example");
    let (status, code, text) = refusal(&ask(&node, &[VERSION, resource]).await);
    assert_eq!((status, code.as_str()), (400, "invalid_resource"));
    assert!(text.contains("AADSTS500011"), "{text}");
    let other = ("principalId", "cccccccc-0000-4000-8000-100000000002");
    assert_eq!(ask(&node, &[VERSION, VAULT, other]).await.status, 404);
}

#[tokio::test]
async fn a_refused_token_is_replaced() {
    let node = Program::on("service-fabric").await;
    let first = ask(&node, &[VERSION, VAULT]).await.text("access_token");
    let sha256 = node.emulator.journal().entries()[0].issued[0]
        .sha256
        .clone();
    let refused = ("token_sha256_to_refresh", sha256.as_str());
    let second = ask(&node, &[VERSION, VAULT, refused]).await;
    assert_ne!(second.text("access_token"), first);
    let third = ask(&node, &[VERSION, VAULT]).await.text("access_token");
    assert_eq!(third, second.text("access_token"));
}

/// What a client that pins the thumbprint compares it with.
#[tokio::test]
async fn the_thumbprint_is_that_of_the_certificate_at_the_endpoint() {
    let node = Program::on("service-fabric").await;
    let url = url::Url::parse(node.variable("IDENTITY_ENDPOINT")).unwrap();
    assert_eq!(url.scheme(), "https");
    let mut roots = RootCertStore::empty();
    let pem = node.emulator.ca_pem().as_bytes();
    let ca = <rustls::pki_types::CertificateDer<'_> as rustls::pki_types::pem::PemObject>::from_pem_slice(pem);
    roots.add(ca.unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (host, port) = (url.host_str().unwrap(), url.port().unwrap());
    let stream = tokio::net::TcpStream::connect((host, port)).await.unwrap();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let stream = stream.await.unwrap();
    let leaf = &stream.get_ref().1.peer_certificates().unwrap()[0];
    let sha1 = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
    let digest = aws_lc_rs::digest::digest(sha1, leaf);
    let digits: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    assert_eq!(node.variable("IDENTITY_SERVER_THUMBPRINT"), digits);
}
