//! Faults of real connections: the emulator's script, and servers worse than it can play.

use std::sync::Arc;
use std::time::Duration;

use identity::context::{Context, ReqwestTransport, StaticEnv};
use identity::{Error, ErrorKind, Options, RetryOptions, TokenCredential};
use identity_emulator::{Drip, Emulator, Reply, Rule};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::subjects::{SUBJECTS, Service, Subject};
use crate::worlds::{Pod, assert_discreet};

const IMDS: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

/// Options of a client with no patience, at these two services.
fn options(entra: &str, imds: &str, ca_pem: Option<&str>) -> Options {
    let mut transport = ReqwestTransport::builder();
    if let Some(pem) = ca_pem {
        transport = transport.root_certificate_pem(pem.as_bytes()).unwrap();
    }
    let env = [(IMDS, imds)];
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

/// Every credential at the token service, and a managed identity, with where each asks.
fn credentials(options: &Options) -> Vec<(&'static str, &'static str, Arc<dyn TokenCredential>)> {
    let asks_at_once = |subject: &&Subject| !subject.name.contains("pipeline");
    let services = SUBJECTS.iter().filter(asks_at_once);
    let made = services.filter_map(|subject| {
        let endpoint = match subject.service {
            Service::Entra => "entra.token",
            Service::Imds => "imds.token",
            _ => return None,
        };
        let imds = options
            .context
            .env
            .var(IMDS)
            .map(|imds| (IMDS.to_owned(), imds));
        let variables = subject.variables.iter();
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        let options = Options {
            context: Context {
                env: Arc::new(variables.map(owned).chain(imds).collect::<StaticEnv>()),
                files: Arc::new(Pod),
                ..options.context.clone()
            },
            ..options.clone()
        };
        Some((subject.name, endpoint, (subject.make)(options)))
    });
    made.collect()
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

/// What goes wrong, how the emulator plays it, and what it is told as; without a kind, as a refusal
/// or an absence.
fn faults(elsewhere: &str) -> Vec<(&'static str, Reply, Option<ErrorKind>)> {
    let plain = Reply::default;
    let body = |text: &str| Reply {
        body: Some(text.to_owned()),
        ..Reply::default()
    };
    let redirect = Reply {
        status: Some(307),
        headers: [("location".to_owned(), elsewhere.to_owned())].into(),
        ..plain()
    };
    let drip = Drip {
        bytes: 1,
        every_ms: 40,
    };
    let late = Some(ErrorKind::Timeout);
    let broken = Some(ErrorKind::Transport);
    vec![
        (
            "an end without an answer",
            Reply {
                drop: true,
                ..plain()
            },
            broken,
        ),
        (
            "a reset",
            Reply {
                reset: true,
                ..plain()
            },
            broken,
        ),
        (
            "half an answer",
            Reply {
                truncate: Some(10),
                ..body(&"x".repeat(100))
            },
            broken,
        ),
        ("a huge answer", body(&"x".repeat(2 << 20)), broken),
        (
            SILENCE,
            Reply {
                silent: true,
                ..plain()
            },
            late,
        ),
        (
            SILENCE,
            Reply {
                delay_ms: 60_000,
                ..plain()
            },
            late,
        ),
        (
            SILENCE,
            Reply {
                drip: Some(drip),
                ..body(&"x".repeat(1000))
            },
            late,
        ),
        ("garbage", body("\u{0}eyJhush-hush"), None),
        (
            "a page",
            Reply {
                html: Some("<html>eyJhush-hush".to_owned()),
                ..plain()
            },
            None,
        ),
        (
            "an outage",
            Reply {
                status: Some(500),
                ..plain()
            },
            None,
        ),
        (
            "no time",
            Reply {
                status: Some(429),
                ..plain()
            },
            None,
        ),
        ("a redirect", redirect, None),
    ]
}

const SILENCE: &str = "an answer that does not end";

#[tokio::test]
async fn every_fault_the_emulator_can_play_ends_in_the_documented_kind() {
    let emulator = Emulator::builder().start().await.unwrap();
    for (what, reply, kind) in faults(emulator.http()) {
        let timeout = match what {
            SILENCE => Duration::from_millis(50),
            _ => Duration::from_secs(20),
        };
        let options = Options {
            request_timeout: timeout,
            ..options(emulator.https(), emulator.http(), Some(emulator.ca_pem()))
        };
        for (name, endpoint, credential) in credentials(&options) {
            let what = format!("{name} and {what}");
            emulator.script().clear();
            let rule = Rule {
                times: 9,
                ..Rule::new(endpoint, reply.clone())
            };
            emulator.script().push(rule).unwrap();
            let error = failure(&what, &*credential).await;
            let seen = error.kind();
            match kind {
                Some(kind) => assert_eq!(seen, unanswered(endpoint, kind), "{what}: {error}"),
                None => assert!(
                    matches!(
                        seen,
                        ErrorKind::ClientAuthentication | ErrorKind::CredentialUnavailable
                    ),
                    "{what}: {error:?}"
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
    for (name, endpoint, credential) in credentials(&options) {
        let error = failure(name, &*credential).await;
        let kind = unanswered(endpoint, ErrorKind::Transport);
        assert_eq!(error.kind(), kind, "{name}: {error}");
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
    for (name, endpoint, credential) in credentials(&options) {
        let error = failure(name, &*credential).await;
        let kind = unanswered(endpoint, ErrorKind::Timeout);
        assert_eq!(error.kind(), kind, "{name}: {error}");
    }
    server.abort();
}

/// The pace of the drip.
#[expect(clippy::disallowed_methods, reason = "it is the server that waits")]
async fn pause() {
    tokio::time::sleep(Duration::from_millis(10)).await;
}
