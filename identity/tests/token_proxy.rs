//! The token proxy of AKS over real TLS, with a server name and a certificate authority of its own.

#![cfg(feature = "reqwest")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use identity::context::{Context, ReqwestTransport, StaticEnv};
use identity::{
    ErrorKind, Options, Result, RetryOptions, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

const NAME: &str = "tokens.cluster.example";

/// A proxy that answers one request with a token and reports the server name asked for and the
/// request's text.
struct Proxy {
    url: String,
    ca_pem: String,
    seen: tokio::task::JoinHandle<std::io::Result<(Option<String>, String)>>,
}

async fn proxy() -> Proxy {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new([NAME.to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &ca).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        );
    let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let seen = tokio::spawn(async move {
        let (socket, _) = listener.accept().await?;
        let mut stream = acceptor.accept(socket).await?;
        let name = stream.get_ref().1.server_name().map(str::to_owned);
        let mut text = Vec::new();
        while !text.ends_with(b"client_assertion=federated") {
            assert_ne!(stream.read_buf(&mut text).await?, 0, "a whole request");
        }
        let token = r#"{"access_token":"t","expires_in":3600}"#;
        let reply = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{token}",
            token.len()
        );
        stream.write_all(reply.as_bytes()).await?;
        stream.shutdown().await?;
        Ok((name, String::from_utf8_lossy(&text).into_owned()))
    });
    Proxy {
        url,
        ca_pem: ca.pem(),
        seen,
    }
}

async fn token(url: &str, ca_pem: &str) -> Result<String> {
    let directory = tempfile::tempdir().unwrap();
    let token_file_path = directory.path().join("token");
    #[expect(clippy::disallowed_methods, reason = "the file is the test's own")]
    std::fs::write(&token_file_path, "federated\n").unwrap();
    let env = StaticEnv::from_iter([
        ("AZURE_KUBERNETES_TOKEN_PROXY", url),
        ("AZURE_KUBERNETES_SNI_NAME", NAME),
        ("AZURE_KUBERNETES_CA_DATA", ca_pem),
    ]);
    let options = Options {
        retry: RetryOptions {
            max_retries: Some(0),
            ..RetryOptions::default()
        },
        context: Context {
            transport: Arc::new(ReqwestTransport::new()),
            env: Arc::new(env),
            ..Context::system()
        },
        ..Options::default()
    };
    let credential = WorkloadIdentityCredential::with_options(WorkloadIdentityCredentialOptions {
        tenant_id: Some("t".into()),
        client_id: Some("app".into()),
        token_file_path: Some(token_file_path),
        enable_azure_proxy: true,
        options,
    })?;
    let token = credential
        .get_token(&["https://r.example/.default"])
        .await?;
    Ok(token.token().to_owned())
}

#[tokio::test]
async fn a_token_proxy_is_asked_by_its_server_name_and_trusted_by_its_own_roots() {
    let proxy = proxy().await;
    assert_eq!(token(&proxy.url, &proxy.ca_pem).await.unwrap(), "t");
    let (name, request) = proxy.seen.await.unwrap().unwrap();
    assert_eq!(name.as_deref(), Some(NAME));
    assert!(
        request.starts_with("POST /t/oauth2/v2.0/token HTTP/1.1\r\n"),
        "{request}"
    );
    let host = proxy.url.strip_prefix("https://").unwrap();
    assert!(
        request
            .to_lowercase()
            .contains(&format!("\r\nhost: {host}\r\n")),
        "{request}"
    );
}

#[tokio::test]
async fn a_token_proxy_with_other_roots_is_sent_nothing() {
    let (one, other) = (proxy().await, proxy().await);
    let error = token(&one.url, &other.ca_pem)
        .await
        .expect_err("another CA");
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    assert!(one.seen.await.unwrap().is_err(), "no request came through");
}
