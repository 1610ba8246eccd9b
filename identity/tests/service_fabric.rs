//! The certificate of a Service Fabric node, over real TLS.
#![cfg(feature = "reqwest")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use identity::context::{Context, StaticEnv};
use identity::{
    ErrorKind, ManagedIdentityCredential, ManagedIdentityCredentialOptions, Options, Result,
    RetryOptions,
};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Starts a server with this certificate and key that answers every request with a token, and
/// returns its port.
async fn node(certificate: &CertifiedKey<KeyPair>, key: &KeyPair) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Always::new(certificate.cert.der().clone(), key)));
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let Ok(mut tls) = acceptor.accept(socket).await else {
                continue;
            };
            let mut request = [0; 4096];
            let _ = tls.read(&mut request).await;
            let body = r#"{"access_token":"t","expires_on":4102444800,"token_type":"Bearer"}"#;
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = tls.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    port
}

/// A resolver that presents a certificate with a key that may belong to another, which no honest
/// server does.
#[derive(Debug)]
struct Always(Arc<sign::CertifiedKey>);

impl Always {
    fn new(certificate: CertificateDer<'static>, key: PrivatePkcs8KeyDer<'static>) -> Self {
        let key = any_supported_type(&key.into());
        let certified = sign::CertifiedKey::new(vec![certificate], key.unwrap());
        Self(Arc::new(certified))
    }
}

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<sign::CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

async fn token(port: u16, thumbprint: &str) -> Result<String> {
    let endpoint = format!("https://127.0.0.1:{port}/metadata/identity/oauth2/token");
    let env = StaticEnv::from_iter([
        ("IDENTITY_ENDPOINT", &*endpoint),
        ("IDENTITY_HEADER", "hush"),
        ("IDENTITY_SERVER_THUMBPRINT", thumbprint),
    ]);
    let retry = RetryOptions {
        max_retries: Some(0),
        ..RetryOptions::default()
    };
    let options = Options {
        context: Context {
            env: Arc::new(env),
            ..Context::system()
        },
        retry,
        ..Options::default()
    };
    let options = ManagedIdentityCredentialOptions {
        identity: None,
        options,
        ..Default::default()
    };
    let credential = ManagedIdentityCredential::with_options(options)?;
    Ok(credential.get_token(&["r"]).await?.token().to_owned())
}

fn certificate() -> (CertifiedKey<KeyPair>, String) {
    let made = generate_simple_self_signed(["some.other.name".to_owned()]).unwrap();
    let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, made.cert.der());
    let thumbprint = sha1.as_ref().iter().map(|byte| format!("{byte:02X}"));
    (made, thumbprint.collect())
}

#[tokio::test]
async fn the_certificate_of_the_thumbprint_is_trusted_whoever_issued_it() {
    let (made, thumbprint) = certificate();
    let port = node(&made, &made.signing_key).await;
    assert_eq!(token(port, &thumbprint).await.unwrap(), "t");
}

#[tokio::test]
async fn another_certificate_is_refused_and_gets_no_secret() {
    let (made, _) = certificate();
    let (_, thumbprint) = certificate();
    let port = node(&made, &made.signing_key).await;
    let error = token(port, &thumbprint).await.expect_err("another one");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(!error.is_transient(), "{error}");
    assert!(error.to_string().contains("another thumbprint"), "{error}");
}

#[tokio::test]
async fn the_certificate_without_its_key_is_refused() {
    let (made, thumbprint) = certificate();
    let port = node(&made, &KeyPair::generate().unwrap()).await;
    let error = token(port, &thumbprint).await.expect_err("a thief");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("BadSignature"), "{error}");
}
