//! The synchronous interface of credentials.
#![cfg(feature = "blocking")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use identity::blocking::BlockingCredential;
use identity::context::{Clock, Context, Request, Response, SystemClock, Transport};
use identity::{
    ClientSecretCredential, ClientSecretCredentialOptions, ErrorKind, Options, Result,
    TokenCredential,
};

/// A service that answers after a moment, and counts its requests.
#[derive(Debug, Default)]
struct Slow(AtomicUsize);

impl Transport for Slow {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        async {
            SystemClock.sleep(Duration::from_millis(20)).await;
            let body = r#"{"access_token":"t","expires_in":3600}"#;
            Ok(Response::new(200, body))
        }
        .boxed()
    }
}

fn credential() -> (BlockingCredential<ClientSecretCredential>, Arc<Slow>) {
    let slow = Arc::new(Slow::default());
    let options = Options {
        context: Context {
            transport: Arc::clone(&slow) as _,
            ..Context::system()
        },
        ..Options::default()
    };
    let options = ClientSecretCredentialOptions { options };
    let credential = ClientSecretCredential::with_options("contoso", "app", "secret", options);
    (BlockingCredential::new(credential.unwrap()), slow)
}

#[test]
fn many_threads_share_one_credential_and_one_request() {
    let (credential, slow) = credential();
    std::thread::scope(|threads| {
        for _ in 0..32 {
            threads.spawn(|| {
                let token = credential.get_token(&["r/.default"]).unwrap();
                assert_eq!(token.token(), "t");
            });
        }
    });
    assert_eq!(slow.0.load(Ordering::Relaxed), 1);
    credential.get_token(&["r/.default"]).unwrap();
    assert_eq!(slow.0.load(Ordering::Relaxed), 1, "warm");
}

#[test]
fn inside_an_async_runtime_a_call_is_an_error_and_dropping_is_harmless() {
    let (credential, slow) = credential();
    for mut builder in [
        tokio::runtime::Builder::new_current_thread(),
        tokio::runtime::Builder::new_multi_thread(),
    ] {
        let runtime = builder.enable_all().build().unwrap();
        let inside = credential.clone();
        runtime.block_on(async move {
            let error = inside.get_token(&["r/.default"]).expect_err("inside");
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().contains("async runtime"), "{error}");
            drop(inside);
        });
    }
    assert_eq!(slow.0.load(Ordering::Relaxed), 0);
    credential.get_token(&["r/.default"]).unwrap();
}

#[test]
fn any_credential_can_be_wrapped_and_errors_are_its_own() {
    let (credential, _) = credential();
    let shared: Arc<dyn TokenCredential> = Arc::new(credential.into_inner());
    let credential = BlockingCredential::new(shared);
    assert_eq!(credential.get_token(&["r"]).unwrap().token(), "t");
    let error = credential.get_token(&[]).expect_err("no scope");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(credential.into_inner().name(), "ClientSecretCredential");
}

#[cfg(feature = "reqwest")]
#[test]
fn the_default_transport_finds_its_runtime() {
    let options = Options {
        authority_host: Some("http://127.0.0.1:1".into()),
        allow_http_loopback: true,
        retry: identity::RetryOptions {
            max_retries: Some(0),
            ..Default::default()
        },
        ..Options::default()
    };
    let options = ClientSecretCredentialOptions { options };
    let credential = ClientSecretCredential::with_options("contoso", "app", "secret", options);
    let credential = BlockingCredential::new(credential.unwrap());
    let error = credential.get_token(&["r"]).expect_err("nobody listens");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(!error.to_string().contains("runtime"), "{error}");
}
