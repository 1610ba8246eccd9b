//! Several listeners, and clients who take the emulator for the real host.

use std::net::SocketAddr;

use identity_emulator::{Emulator, Ready};

use crate::library::{finds_tokens, json};
use crate::support::{CONTOSO, builder};

fn loopback(last: u8) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, last], 0))
}

fn client(emulator: &Emulator) -> reqwest::ClientBuilder {
    let ca = reqwest::Certificate::from_pem(emulator.ca_pem().as_bytes()).unwrap();
    reqwest::Client::builder().tls_certs_only([ca]).no_proxy()
}

#[tokio::test]
async fn every_listener_answers_and_the_first_of_each_kind_is_told() {
    let builder = [1, 2, 3].into_iter().fold(builder(), |builder, last| {
        builder.https(loopback(last)).http(loopback(last + 10))
    });
    let emulator = builder.start().await.unwrap();
    let urls: Vec<_> = emulator.urls().map(str::to_owned).collect();
    assert_eq!(urls.len(), 6);
    assert_eq!(&urls[..2], [emulator.https(), emulator.http()]);
    let hosts = [
        "127.0.0.1",
        "127.0.0.11",
        "127.0.0.2",
        "127.0.0.3",
        "127.0.0.12",
        "127.0.0.13",
    ];
    let client = client(&emulator).build().unwrap();
    for (url, host) in urls.iter().zip(hosts) {
        assert!(url.contains(&format!("//{host}:")), "{url}");
        let answer = client.get(format!("{url}/_emulator/ready")).send().await;
        let ready: Ready = serde_json::from_value(json(answer.unwrap()).await).unwrap();
        assert_eq!((&ready.https, &ready.http), (&urls[0], &urls[1]));
        assert_eq!(ready.also, urls[2..]);
    }
    emulator.stop().await;
    for url in &urls {
        assert!(client.get(url).send().await.is_err(), "{url} still answers");
    }
}

/// As with an entry of the hosts file: the name is the real one, discovery included.
#[tokio::test]
async fn a_client_that_finds_it_by_the_real_name_sees_only_the_real_name() {
    let emulator = builder().start().await.unwrap();
    let here = emulator.https().strip_prefix("https://").unwrap();
    let client = client(&emulator)
        .resolve("login.microsoftonline.com", here.parse().unwrap())
        .build()
        .unwrap();
    let port = here.rsplit_once(':').unwrap().1;
    let authority = format!("https://login.microsoftonline.com:{port}/{CONTOSO}");
    finds_tokens(&client, &authority).await;
}

/// What MSAL does with an authority that is new to it: it asks the host it has always asked.
#[tokio::test]
async fn the_real_host_vouches_for_the_emulators_own_authority() {
    let emulator = builder().https(loopback(1)).https(loopback(2));
    let emulator = emulator.start().await.unwrap();
    for own in emulator.urls().filter(|url| url.starts_with("https:")) {
        let host = own.strip_prefix("https://").unwrap();
        let asked = format!("{own}/{CONTOSO}/oauth2/v2.0/authorize");
        let answer = crate::support::send(
            &emulator,
            &format!(
                "GET /common/discovery/instance?api-version=1.1&authorization_endpoint={asked}"
            ),
            &["host: login.microsoftonline.com"],
            "",
        )
        .await;
        assert_eq!(answer.status, 200);
        let body = answer.json();
        let mut clouds = body["metadata"].as_array().unwrap().iter();
        assert!(clouds.any(|cloud| cloud["aliases"][0] == host), "{body}");
    }
}
