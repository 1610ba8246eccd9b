//! Faults of real connections: the emulator's script, and servers worse than it can play.

use std::sync::Arc;
use std::time::Duration;

use identity::context::{Context, ReqwestTransport, StaticEnv};
use identity::{
    ClientSecretCredential, ClientSecretCredentialOptions, Error, ErrorKind,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, Options, RetryOptions,
    TokenCredential,
};
use identity_emulator::{Emulator, Reply, Rule};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::worlds::{SECRET, assert_discreet};

/// Options of a client with no patience, at these two services.
fn options(entra: &str, imds: &str, ca_pem: Option<&str>) -> Options {
    let mut transport = ReqwestTransport::builder();
    if let Some(pem) = ca_pem {
        transport = transport.root_certificate_pem(pem.as_bytes()).unwrap();
    }
    let env = [("AZURE_POD_IDENTITY_AUTHORITY_HOST", imds)];
    Options {
        authority_host: Some(entra.to_owned()),
        allow_http_loopback: true,
        retry: RetryOptions {
            max_retries: Some(1),
            delay: Duration::from_millis(1),
            ..RetryOptions::default()
        },
        request_timeout: Duration::from_secs(2),
        context: Context {
            transport: Arc::new(transport.build().unwrap()),
            env: Arc::new(StaticEnv::from_iter(env)),
            ..Context::system()
        },
        ..Options::default()
    }
}

/// An application and a managed identity with the kinds of their errors when no answer comes.
fn credentials(options: &Options) -> [(&'static str, Arc<dyn TokenCredential>); 2] {
    let with = ClientSecretCredentialOptions {
        options: options.clone(),
    };
    let application = ClientSecretCredential::with_options("contoso", "app", SECRET, with);
    let with = ManagedIdentityCredentialOptions {
        identity: None,
        options: options.clone(),
    };
    let managed = ManagedIdentityCredential::with_options(with);
    [
        ("entra.token", Arc::new(application.unwrap())),
        ("imds.token", Arc::new(managed.unwrap())),
    ]
}

async fn failure(what: &str, credential: &dyn TokenCredential) -> Error {
    let outcome = credential.get_token(&["https://vault.azure.net/.default"]);
    let error = outcome.await.expect_err(what);
    assert_discreet(what, &error);
    error
}

/// The kind of error when there is no answer, or none that is whole.
fn unanswered(endpoint: &str, kind: ErrorKind) -> ErrorKind {
    match endpoint {
        "imds.token" => ErrorKind::CredentialUnavailable,
        _ => kind,
    }
}

#[tokio::test]
async fn every_fault_the_emulator_can_play_ends_in_the_documented_kind() {
    let emulator = Emulator::builder().start().await.unwrap();
    let body = |text: &str| Reply {
        body: Some(text.to_owned()),
        ..Reply::default()
    };
    let transport = Some(ErrorKind::Transport);
    let faults: [(&str, Reply, Option<ErrorKind>); 7] = [
        (
            "a reset",
            Reply {
                drop: true,
                ..Reply::default()
            },
            transport,
        ),
        (
            "half an answer",
            Reply {
                truncate: Some(10),
                body: Some("x".repeat(100)),
                ..Reply::default()
            },
            transport,
        ),
        (
            "silence",
            Reply {
                delay_ms: 60_000,
                ..Reply::default()
            },
            Some(ErrorKind::Timeout),
        ),
        ("a huge answer", body(&"x".repeat(2 << 20)), transport),
        ("garbage", body("\u{0}eyJhush-hush"), None),
        (
            "an error",
            Reply {
                status: Some(500),
                ..Reply::default()
            },
            None,
        ),
        (
            "a redirect",
            Reply {
                status: Some(307),
                headers: [("location".to_owned(), emulator.http().to_owned())].into(),
                ..Reply::default()
            },
            None,
        ),
    ];
    for (what, reply, kind) in faults {
        let timeout = match what {
            "silence" => Duration::from_millis(50),
            _ => Duration::from_secs(10),
        };
        let options = Options {
            request_timeout: timeout,
            ..options(emulator.https(), emulator.http(), Some(emulator.ca_pem()))
        };
        for (endpoint, credential) in credentials(&options) {
            emulator.script().clear();
            let rule = Rule {
                times: 9,
                ..Rule::new(endpoint, reply.clone())
            };
            emulator.script().push(rule).unwrap();
            let error = failure(what, &*credential).await;
            match kind {
                Some(kind) => {
                    assert_eq!(error.kind(), unanswered(endpoint, kind), "{what} {error}");
                }
                None => assert!(
                    matches!(
                        error.kind(),
                        ErrorKind::ClientAuthentication | ErrorKind::CredentialUnavailable
                    ),
                    "{what} {error:?}"
                ),
            }
        }
    }
    emulator.stop().await;
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_ends_at_once_and_gets_no_secret() {
    let emulator = Emulator::builder().start().await.unwrap();
    let options = options(emulator.https(), emulator.https(), None);
    for (endpoint, credential) in credentials(&options) {
        let error = failure("no trust", &*credential).await;
        let kind = unanswered(endpoint, ErrorKind::Transport);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!error.to_string().contains("attempts"), "{error}");
    }
    assert_eq!(emulator.journal().entries().len(), 0);
    emulator.stop().await;
}

#[tokio::test]
async fn an_answer_that_drips_for_ever_ends_with_the_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let _ = socket.read(&mut [0; 4096]).await;
                let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
                let _ = socket.write_all(head).await;
                while socket.write_all(b" ").await.is_ok() {
                    tokio::task::yield_now().await;
                    let _ = socket.flush().await;
                    pause().await;
                }
            });
        }
    });
    let options = Options {
        request_timeout: Duration::from_millis(100),
        ..options(&address, &address, None)
    };
    for (endpoint, credential) in credentials(&options) {
        let error = failure("a drip", &*credential).await;
        let kind = unanswered(endpoint, ErrorKind::Timeout);
        assert_eq!(error.kind(), kind, "{error}");
    }
    server.abort();
}

/// The pace of the drip.
#[expect(clippy::disallowed_methods, reason = "it is the server that waits")]
async fn pause() {
    tokio::time::sleep(Duration::from_millis(10)).await;
}
