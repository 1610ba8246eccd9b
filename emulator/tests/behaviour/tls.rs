//! The HTTPS listener with a real client, starting and stopping.

use std::net::{Ipv4Addr, SocketAddr};

use crate::support::{CONTOSO, fields, start};
use identity_emulator::{Emulator, SigningKey, StartError, World};

fn client(emulator: &Emulator) -> reqwest::Client {
    let ca = reqwest::Certificate::from_pem(emulator.ca_pem().as_bytes()).unwrap();
    reqwest::Client::builder()
        .tls_certs_only([ca])
        .no_proxy()
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_client_that_trusts_the_authority_gets_a_token_over_https() {
    let emulator = start().await;
    let base = emulator.https();
    for base in [base.to_owned(), base.replace("127.0.0.1", "localhost")] {
        let answer = client(&emulator)
            .post(format!("{base}/{CONTOSO}/oauth2/v2.0/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(crate::support::encoded(&fields("api://orders/.default")))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(emulator.journal().entries()[0].scheme, "https");
}

#[tokio::test]
async fn a_client_that_does_not_is_refused() {
    let emulator = start().await;
    let stranger = crate::support::builder()
        .pki(identity_emulator::Pki::generate())
        .start()
        .await
        .unwrap();
    assert!(
        client(&stranger)
            .get(emulator.https())
            .send()
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_taken_port_is_said_in_one_sentence() {
    let emulator = start().await;
    let port: u16 = emulator.http().rsplit(':').next().unwrap().parse().unwrap();
    let taken = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let error = crate::support::builder()
        .http(taken)
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::Bind(address, _) if address == taken));
    assert!(error.to_string().contains("in use"), "{error}");
}

#[tokio::test]
async fn a_world_that_contradicts_itself_does_not_start() {
    let mut world = World::basic();
    world.hosts.imds.identities.push("nobody".to_owned());
    let error = crate::support::builder()
        .world(world)
        .start()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("nobody"), "{error}");
}

#[tokio::test]
async fn after_stop_or_drop_nobody_answers() {
    let stopped = start().await;
    let address = stopped.http().to_owned();
    stopped.stop().await;
    assert!(client(&start().await).get(&address).send().await.is_err());
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_stop() {
    let emulator = start().await;
    let address = emulator.http().strip_prefix("http://").unwrap().to_owned();
    let idle = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(10), emulator.stop())
        .await
        .unwrap();
    drop(idle);
}

#[tokio::test]
async fn nothing_that_can_be_printed_shows_a_secret() {
    let emulator = start().await;
    let everything = format!(
        "{emulator:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        emulator.world(),
        emulator.ready(),
        emulator.journal(),
        emulator.script(),
        emulator.clock(),
        SigningKey::generate(),
        crate::support::builder().world(World::basic()),
    );
    assert!(
        !everything.contains("secret-for-tests-only"),
        "{everything}"
    );
    assert!(!everything.contains("PRIVATE KEY"), "{everything}");
}
