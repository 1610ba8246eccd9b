//! The memory allocations of a call that finds its token in the cache: the boxed future where a
//! trait asks for one, and through `azure_core` the copy of the token that its type owns.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use allocation_counter::measure;
use futures_util::future::{self, BoxFuture, FutureExt};
use identity::context::{Context, Request, Response, Transport};
use identity::{
    ClientSecretCredential, ClientSecretCredentialOptions, Options, Result, TokenCredential,
    TokenRequest,
};

const SCOPE: &str = "https://vault.azure.net/.default";
const CALLS: u64 = 100;

#[derive(Debug)]
struct Service;

impl Transport for Service {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response>> {
        let token = r#"{"access_token":"t","expires_in":3600}"#;
        future::ready(Ok(Response::new(200, token))).boxed()
    }
}

/// Returns a credential that has a token in its cache.
fn warm() -> ClientSecretCredential {
    let context = Context {
        transport: Arc::new(Service),
        ..Context::system()
    };
    let options = Options {
        authority_host: Some("https://login.microsoftonline.com".to_owned()),
        context,
        ..Options::default()
    };
    let options = ClientSecretCredentialOptions { options };
    let credential = ClientSecretCredential::with_options("contoso", "app", "secret", options);
    let credential = credential.unwrap();
    now(credential.get_token(&[SCOPE])).unwrap();
    credential
}

/// Returns the output of a future that does not wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

/// Returns the allocations of one call among many. The first is not counted: in it the thread finds
/// the token for the first time.
fn allocations(mut call: impl FnMut()) -> u64 {
    call();
    let counted = measure(|| (0..CALLS).for_each(|_| call()));
    assert_eq!(counted.count_total % CALLS, 0, "every call does the same");
    counted.count_total / CALLS
}

#[test]
fn a_credential_itself_allocates_nothing() {
    let credential = warm();
    let request = TokenRequest::new(&[SCOPE]).unwrap();
    let by_scope = allocations(|| drop(now(credential.get_token(&[SCOPE])).unwrap()));
    let by_request = allocations(|| drop(now(credential.get_token_with(&request)).unwrap()));
    assert_eq!((by_scope, by_request), (0, 0));
}

#[test]
fn through_the_trait_it_is_the_boxed_future() {
    let credential: Arc<dyn TokenCredential> = Arc::new(warm());
    let request = TokenRequest::new(&[SCOPE]).unwrap();
    let by_scope = allocations(|| drop(now(credential.get_token(&[SCOPE])).unwrap()));
    let by_request = allocations(|| drop(now(credential.get_token_with(&request)).unwrap()));
    assert_eq!((by_scope, by_request), (1, 1));
}

#[cfg(feature = "azure_core")]
#[test]
fn through_azure_core_it_is_the_boxed_future_and_the_text() {
    let credential: Arc<dyn azure_core::credentials::TokenCredential> = Arc::new(warm());
    let call = || drop(now(credential.get_token(&[SCOPE], None)).unwrap());
    assert_eq!(allocations(call), 2);
}
