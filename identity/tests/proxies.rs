//! Proxies, named by the environment or the program. The token service is reached through them, a
//! managed identity host never is.

#![cfg(feature = "reqwest")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::disallowed_methods,
    reason = "only the variables of a real process are seen by the HTTP library"
)]

use std::process::Command;
use std::sync::{Arc, Mutex};

use identity::context::{Context, ReqwestTransport, ReqwestTransportBuilder, StaticEnv};
use identity::{
    ClientSecretCredential, ClientSecretCredentialOptions, ErrorKind, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, Options,
};
use identity_emulator::Emulator;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const CLIENT: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const SECRET: &str = "daemon-secret-for-tests-only";
const SCOPE: &str = "https://vault.azure.net/.default";

/// A proxy that records the heads of its requests and connects to every host.
struct Proxy {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(tunnel(client, Arc::clone(&notes)));
            }
        });
        Self { url, heads }
    }

    fn heads(&self) -> Vec<String> {
        std::mem::take(&mut *self.heads.lock().unwrap())
    }
}

async fn tunnel(mut client: TcpStream, heads: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    heads.lock().unwrap().push(head);
    let mut server = TcpStream::connect(target).await?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// Gets a token of the token service at `https`, and one of the managed identity host at `http`.
async fn both_tokens(transport: ReqwestTransport, https: &str, http: &str) -> identity::Result<()> {
    let env = StaticEnv::from_iter([("AZURE_POD_IDENTITY_AUTHORITY_HOST", http)]);
    let options = Options {
        authority_host: Some(https.to_owned()),
        context: Context {
            transport: Arc::new(transport),
            env: Arc::new(env),
            ..Context::system()
        },
        ..Options::default()
    };
    let managed = ManagedIdentityCredential::with_options(ManagedIdentityCredentialOptions {
        options: options.clone(),
        ..ManagedIdentityCredentialOptions::default()
    })?;
    managed.get_token(&[SCOPE]).await?;
    let options = ClientSecretCredentialOptions { options };
    let application = ClientSecretCredential::with_options(TENANT, CLIENT, SECRET, options)?;
    application.get_token(&[SCOPE]).await.map(drop)
}

fn trusting(ca_pem: &str) -> ReqwestTransportBuilder {
    let builder = ReqwestTransport::builder();
    builder.root_certificate_pem(ca_pem.as_bytes()).unwrap()
}

/// Runs this test program again with `variables` in its environment, to get tokens of `emulator`.
async fn in_a_process(emulator: &Emulator, variables: &[(&str, &str)]) {
    let mut process = Command::new(std::env::current_exe().unwrap());
    process
        .args(["--exact", "in_this_environment", "--ignored"])
        .env_clear()
        .env("TEST_HTTPS", emulator.https())
        .env("TEST_HTTP", emulator.http())
        .env("TEST_CA", emulator.ca_pem())
        .envs(variables.iter().copied());
    let ended = tokio::task::spawn_blocking(move || process.output()).await;
    let output = ended.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "a process of its own, started by other tests"]
async fn in_this_environment() {
    let given = |name: &str| std::env::var(name).unwrap();
    let builder = trusting(&given("TEST_CA"));
    let transport = match std::env::var_os("TEST_STRAIGHT") {
        Some(_) => builder.no_proxy().build().unwrap(),
        None => builder.build().unwrap(),
    };
    let (https, http) = (given("TEST_HTTPS"), given("TEST_HTTP"));
    both_tokens(transport, &https, &http).await.unwrap();
}

#[tokio::test]
async fn the_environments_proxy_leads_to_the_token_service_and_to_no_managed_identity_host() {
    let (emulator, proxy) = (
        Emulator::builder().start().await.unwrap(),
        Proxy::start().await,
    );
    let authority = emulator.https().strip_prefix("https://").unwrap();
    let connect = format!("CONNECT {authority} HTTP/1.1\r\n");
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let everything = [(name, &*proxy.url), ("HTTP_PROXY", &proxy.url)];
        in_a_process(&emulator, &everything).await;
        let heads = proxy.heads();
        assert_eq!(heads.len(), 1, "{name}: {heads:?}");
        assert!(heads[0].starts_with(&connect), "{name}: {heads:?}");
    }
    for but in [("NO_PROXY", "127.0.0.1"), ("TEST_STRAIGHT", "1")] {
        in_a_process(&emulator, &[("HTTPS_PROXY", &*proxy.url), but]).await;
        assert_eq!(proxy.heads(), [""; 0], "{but:?}");
    }
    emulator.stop().await;
}

#[tokio::test]
async fn the_password_of_a_proxy_is_sent_to_that_proxy_only() {
    let (emulator, proxy) = (
        Emulator::builder().start().await.unwrap(),
        Proxy::start().await,
    );
    let with_password = proxy.url.replace("//", "//anna:hush@");
    let builder = trusting(emulator.ca_pem()).proxy(&with_password).unwrap();
    assert!(!format!("{builder:?}").contains("hush"), "{builder:?}");
    let transport = builder.build().unwrap();
    let both = both_tokens(transport, emulator.https(), emulator.http());
    both.await.unwrap();
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1, "{heads:?}");
    let basic = "proxy-authorization: basic yw5uytpodxno\r\n";
    assert!(heads[0].to_lowercase().contains(basic), "{heads:?}");
    for entry in emulator.journal().entries() {
        let seen = format!("{entry:?}").to_lowercase();
        assert!(!seen.contains("proxy-authorization"), "{seen}");
    }
    emulator.stop().await;
}

#[test]
fn a_proxy_is_named_by_a_url_of_http() {
    for url in [
        "",
        "proxy:3128",
        "socks5://h:1",
        "http://",
        "anna:hush@proxy",
    ] {
        let error = ReqwestTransport::builder().proxy(url).map(drop);
        let error = error.expect_err(url);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(!error.to_string().contains("hush"), "{error}");
    }
}
