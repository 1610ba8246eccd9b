//! The credentials behind the official Azure SDK's trait.
#![cfg(feature = "azure_core")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use azure_core::credentials::{TokenCredential, TokenRequestOptions};
use azure_core::http::ClientMethodOptions;
use futures_util::future::{self, BoxFuture, FutureExt};
use identity::azure_core::{Claims, EnableCae, TenantId};
use identity::context::{Context, Request, Response, Transport};
use identity::{
    ClientSecretCredential, ClientSecretCredentialOptions, Error, ErrorKind, Options, Result,
};

/// A service that gives the token `t` for every request but one to the tenant `refused`.
#[derive(Debug, Default)]
struct Service(Mutex<Vec<Request>>);

impl Transport for Service {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        let answer = match request.url.path().starts_with("/refused/") {
            false => Response::new(200, r#"{"access_token":"t","expires_in":3600}"#),
            true => Response::new(
                401,
                r#"{"error":"x","error_description":"AADSTS7000215: no"}"#,
            ),
        };
        self.0.lock().unwrap().push(request);
        future::ready(Ok(answer)).boxed()
    }
}

fn credential(tenant: &str) -> (Arc<dyn TokenCredential>, Arc<Service>) {
    let service = Arc::new(Service::default());
    let context = Context {
        transport: Arc::clone(&service) as _,
        ..Context::system()
    };
    let additionally_allowed_tenants = vec!["other".to_owned()];
    let options = Options {
        context,
        additionally_allowed_tenants,
        ..Options::default()
    };
    let options = ClientSecretCredentialOptions { options };
    let credential = ClientSecretCredential::with_options(tenant, "app", "secret", options);
    (Arc::new(credential.unwrap()), service)
}

#[tokio::test]
async fn a_token_comes_through_the_official_trait() {
    let (credential, service) = credential("contoso");
    for _ in 0..2 {
        let token = credential.get_token(&["r/.default"], None).await.unwrap();
        assert_eq!(token.token.secret(), "t");
        let options = Some(TokenRequestOptions::default());
        credential
            .get_token(&["r/.default"], options)
            .await
            .unwrap();
    }
    assert_eq!(service.0.lock().unwrap().len(), 1, "cached");
}

#[tokio::test]
async fn tenant_claims_and_cae_come_through_its_context() {
    let (credential, service) = credential("contoso");
    let context = azure_core::http::Context::new()
        .with_value(TenantId("other".into()))
        .with_value(Claims(r#"{"a":1}"#.into()))
        .with_value(EnableCae(true));
    let method_options = ClientMethodOptions { context };
    let options = TokenRequestOptions { method_options };
    credential
        .get_token(&["r/.default"], Some(options))
        .await
        .unwrap();
    let requests = service.0.lock().unwrap();
    assert_eq!(requests[0].url.path(), "/other/oauth2/v2.0/token");
    let form = String::from_utf8(requests[0].body.to_vec()).unwrap();
    assert!(
        form.contains("claims=%7B%22a%22%3A1%2C%22access_token%22"),
        "claims and CP1"
    );
}

#[tokio::test]
async fn our_error_is_inside_theirs() {
    let (credential, _) = credential("refused");
    let error = credential
        .get_token(&["r/.default"], None)
        .await
        .expect_err("refused");
    assert!(matches!(
        error.kind(),
        azure_core::error::ErrorKind::Credential
    ));
    let ours = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>())
        .unwrap();
    assert_eq!(
        (ours.kind(), ours.aadsts_codes()),
        (ErrorKind::ClientAuthentication, &[7_000_215][..])
    );
    assert!(credential.get_token(&[], None).await.is_err());
}
