//! The plain HTTP listener as a proxy: what it answers for, refuses, and passes on.

use std::time::Duration;

use identity_emulator::{Emulator, Pki, UnknownHosts};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::library::{finds_tokens, gets_a_token, json};
use crate::support::{CONTOSO, builder, raw, start};

/// A client that knows of the emulator only as its proxy, and trusts this authority.
fn client(proxy: &Emulator, ca: &str) -> reqwest::Client {
    let ca = reqwest::Certificate::from_pem(ca.as_bytes()).unwrap();
    reqwest::Client::builder()
        .tls_certs_only([ca])
        .proxy(reqwest::Proxy::all(proxy.http()).unwrap())
        .build()
        .unwrap()
}

#[tokio::test]
async fn every_host_where_one_signs_in_is_answered_for_by_its_name() {
    let emulator = start().await;
    let client = client(&emulator, emulator.ca_pem());
    for host in [
        "login.microsoftonline.com",
        "login.windows.net",
        "sts.windows.net",
        "westus2.login.microsoft.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "login.chinacloudapi.cn",
    ] {
        let authority = format!("https://{host}/{CONTOSO}");
        finds_tokens(&client, &authority).await;
    }
    let graph = client
        .get("https://graph.microsoft.com/oidc/userinfo")
        .send()
        .await
        .unwrap();
    assert_eq!(graph.status(), 401);
    let entries = emulator.journal().entries();
    assert!(entries.iter().all(|entry| entry.scheme == "https"));
}

#[tokio::test]
async fn the_metadata_service_is_answered_for_at_its_address() {
    let emulator = start().await;
    let answer = client(&emulator, emulator.ca_pem())
        .get("http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net")
        .header("metadata", "true")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let entry = emulator.journal().entries().pop().unwrap();
    assert_eq!(entry.endpoint, "imds.token");
    let added = entry
        .headers
        .iter()
        .find(|(name, _)| name.contains("forwarded") || name == "via");
    assert_eq!(
        added, None,
        "a proxy that shows itself is refused by the real service"
    );
}

#[tokio::test]
async fn other_hosts_are_refused_and_the_journal_says_which() {
    let emulator = start().await;
    let client = client(&emulator, emulator.ca_pem());
    assert!(
        client
            .get("https://vault.example/secret?code=1")
            .send()
            .await
            .is_err()
    );
    let answer = client
        .get("http://vault.example/secret")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 403);
    let body = json(answer).await;
    let text = body["error_description"].as_str().unwrap();
    assert!(
        text.contains("vault.example") && text.contains("--others pass"),
        "{text}"
    );
    let entries = emulator.journal().of("proxy.refused");
    let seen: Vec<_> = entries
        .iter()
        .map(|entry| (&*entry.method, &*entry.path))
        .collect();
    assert_eq!(
        seen,
        [
            ("CONNECT", "vault.example:443"),
            ("GET", "vault.example:80")
        ]
    );
}

#[tokio::test]
async fn other_hosts_are_passed_on_to_if_that_is_wanted() {
    let proxy = builder()
        .unknown_hosts(UnknownHosts::Pass)
        .start()
        .await
        .unwrap();
    let other = Emulator::builder()
        .pki(Pki::generate())
        .start()
        .await
        .unwrap();
    let client = client(&proxy, other.ca_pem());
    for base in [other.https(), other.http()] {
        let path = format!("{base}/{CONTOSO}/oauth2/v2.0/token");
        gets_a_token(&client, &path).await;
    }
    assert_eq!(proxy.journal().of("proxy.passed").len(), 2);
    assert_eq!(proxy.journal().of("entra.token").len(), 0);
    let seen = other.journal().of("entra.token").pop().unwrap();
    let host = other.http().strip_prefix("http://").unwrap().to_owned();
    assert!(seen.headers.contains(&("host".to_owned(), host)));
    assert!(
        !seen
            .headers
            .iter()
            .any(|(name, _)| name.starts_with("proxy-"))
    );
}

#[tokio::test]
async fn the_emulator_itself_is_no_other_host() {
    let emulator = start().await;
    let client = client(&emulator, emulator.ca_pem());
    for url in emulator.urls() {
        for url in [url.to_owned(), url.replace("127.0.0.1", "localhost")] {
            let answer = client
                .get(format!("{url}/_emulator/health"))
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), 200, "{url}");
        }
    }
    assert!(emulator.journal().entries().is_empty());
}

#[tokio::test]
async fn a_host_that_is_not_there_is_a_bad_gateway() {
    let emulator = builder()
        .unknown_hosts(UnknownHosts::Pass)
        .start()
        .await
        .unwrap();
    let gone = start().await;
    let address = gone.http().strip_prefix("http://").unwrap().to_owned();
    gone.stop().await;
    let request =
        format!("CONNECT {address} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let answer = String::from_utf8(raw(&emulator, request.as_bytes()).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    assert!(answer.contains("cannot be reached"), "{answer}");
}

#[tokio::test]
async fn an_open_tunnel_does_not_hold_up_the_stop() {
    let other = start().await;
    let emulator = builder()
        .unknown_hosts(UnknownHosts::Pass)
        .start()
        .await
        .unwrap();
    let address = emulator.http().strip_prefix("http://").unwrap();
    let mut open = Vec::new();
    for target in [
        other.http().strip_prefix("http://").unwrap(),
        "login.windows.net:443",
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 200");
        open.push(stream);
    }
    tokio::time::timeout(Duration::from_secs(20), emulator.stop())
        .await
        .unwrap();
    drop(open);
}
