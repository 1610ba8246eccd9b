//! Managed identities over a transport in memory.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use futures_util::future::{self, BoxFuture, FutureExt};
use identity::context::{Context, Request, Response, StaticEnv, Tls, Transport};
use identity::{
    ChainedTokenCredential, ErrorKind, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    ManagedIdentityId, Options, Result, RetryOptions, TokenRequest, TokenRequestOptions,
};

#[derive(Debug)]
struct Host {
    answer: Response,
    seen: Mutex<Vec<Request>>,
}

impl Transport for Host {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        self.seen.lock().unwrap().push(request);
        future::ready(Ok(self.answer.clone())).boxed()
    }
}

fn credential(
    variables: &[(&str, &str)],
    identity: Option<ManagedIdentityId>,
    answer: Response,
) -> (Result<ManagedIdentityCredential>, Arc<Host>) {
    let host = Arc::new(Host {
        answer,
        seen: Mutex::default(),
    });
    let context = Context {
        transport: Arc::clone(&host) as _,
        env: Arc::new(StaticEnv::from_iter(variables.iter().copied())),
        ..Context::system()
    };
    let retry = RetryOptions {
        max_retries: Some(0),
        ..RetryOptions::default()
    };
    let options = Options {
        context,
        retry,
        ..Options::default()
    };
    let options = ManagedIdentityCredentialOptions {
        identity,
        options,
        ..Default::default()
    };
    (ManagedIdentityCredential::with_options(options), host)
}

fn token() -> Response {
    let body = r#"{"access_token":"t","expires_in":"86315","expires_on":"4102444800","client_id":"me","resource":"r","token_type":"Bearer"}"#;
    Response::new(200, body)
}

#[tokio::test]
async fn each_host_gets_its_own_form_of_request_once_and_without_a_proxy() {
    let endpoint = "http://127.0.0.1:1/token";
    for (variables, query, header) in [
        (
            &[][..],
            "api-version=2018-02-01&resource=r&client_id=me",
            "metadata",
        ),
        (
            &[("IDENTITY_ENDPOINT", endpoint), ("IDENTITY_HEADER", "h")],
            "api-version=2019-08-01&resource=r&client_id=me",
            "x-identity-header",
        ),
        (
            &[("MSI_ENDPOINT", endpoint), ("MSI_SECRET", "h")],
            "api-version=2017-09-01&resource=r&clientid=me",
            "secret",
        ),
        (
            &[("IDENTITY_ENDPOINT", endpoint), ("IMDS_ENDPOINT", "x")],
            "api-version=2020-06-01&resource=r&client_id=me",
            "metadata",
        ),
    ] {
        let me = ManagedIdentityId::ClientId("me".into());
        let (credential, host) = credential(variables, Some(me), token());
        let credential = credential.unwrap();
        for _ in 0..2 {
            assert_eq!(
                credential.get_token(&["r/.default"]).await.unwrap().token(),
                "t"
            );
        }
        let seen = host.seen.lock().unwrap();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].url.query(), Some(query));
        assert!(
            seen[0].direct && seen[0].headers.contains_key(header),
            "{:?}",
            seen[0]
        );
    }
}

#[tokio::test]
async fn cloud_shell_gives_tokens_of_the_signed_in_user_only() {
    let shell = [("MSI_ENDPOINT", "http://127.0.0.1:1/token")];
    let (user, host) = credential(&shell, None, token());
    user.unwrap()
        .get_token(&["https://r/.default"])
        .await
        .unwrap();
    assert_eq!(
        &host.seen.lock().unwrap()[0].body[..],
        b"resource=https%3A%2F%2Fr"
    );
    let me = ManagedIdentityId::ClientId("me".into());
    let (other, host) = credential(&shell, Some(me), token());
    let error = other
        .unwrap()
        .get_token(&["r"])
        .await
        .expect_err("no such choice");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(host.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn azure_ml_does_not_give_the_default_identity_for_one_it_cannot_name() {
    let ml = [
        ("MSI_ENDPOINT", "http://127.0.0.1:1/token"),
        ("MSI_SECRET", "h"),
    ];
    let by_object = ManagedIdentityId::ObjectId("o".into());
    let (credential, host) = credential(&ml, Some(by_object), token());
    let error = credential
        .unwrap()
        .get_token(&["r"])
        .await
        .expect_err("by client id only");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(host.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_arc_agent_that_ignores_the_identity_gives_an_error() {
    let arc = [
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:1/t"),
        ("IMDS_ENDPOINT", "http://x"),
    ];
    let other = ManagedIdentityId::ClientId("other".into());
    let (credential, _) = credential(&arc, Some(other), token());
    let error = credential.unwrap().get_token(&["r"]).await;
    let error = error.expect_err("the system-assigned identity's token");
    assert_eq!(error.kind(), ErrorKind::ClientAuthentication);
    assert!(error.to_string().contains("did not confirm"), "{error}");
}

#[tokio::test]
async fn service_fabric_is_told_which_token_a_resource_refused() {
    let thumbprint = "00".repeat(20);
    let fabric = [
        ("IDENTITY_ENDPOINT", "https://127.0.0.1:1/t"),
        ("IDENTITY_HEADER", "h"),
        ("IDENTITY_SERVER_THUMBPRINT", &*thumbprint),
    ];
    let (credential, host) = credential(&fabric, None, token());
    let credential = credential.unwrap();
    credential.get_token(&["r"]).await.unwrap();
    let claims = TokenRequestOptions {
        claims: Some("{}".into()),
        ..Default::default()
    };
    let claims = TokenRequest::with_options(&["r"], claims).unwrap();
    credential.get_token_with(&claims).await.unwrap();
    let seen = host.seen.lock().unwrap();
    let query = |n: usize| seen[n].url.query().unwrap().to_owned();
    let first = "api-version=2019-07-01-preview&resource=r";
    assert_eq!(query(0), first);
    // SHA-256 of "t".
    let sha256 = "e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8";
    let again = format!("{first}&xms_cc=cp1&token_sha256_to_refresh={sha256}");
    assert_eq!(query(1), again);
    assert!(matches!(seen[0].tls, Tls::Pinned { sha1 } if sha1 == [0; 20]));
}

#[tokio::test]
async fn arguments_are_checked_before_anything_is_sent() {
    for id in ["", "a b"] {
        let (refused, _) = credential(&[], Some(ManagedIdentityId::ObjectId(id.into())), token());
        assert_eq!(
            refused.expect_err("malformed").kind(),
            ErrorKind::InvalidArgument
        );
    }
    let (credential, host) = credential(&[], None, token());
    let error = credential
        .unwrap()
        .get_token(&["a", "b"])
        .await
        .expect_err("two scopes");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(host.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_host_found_by_a_probe_is_not_probed_again_for_another_scope() {
    let (member, host) = credential(&[], None, token());
    let chain = ChainedTokenCredential::new(vec![Arc::new(member.unwrap())]).unwrap();
    for scope in ["a", "b", "a"] {
        chain.get_token(&[scope]).await.unwrap();
    }
    let seen = host.seen.lock().unwrap();
    let probes = seen
        .iter()
        .filter(|request| !request.headers.contains_key("metadata"))
        .count();
    assert_eq!((seen.len(), probes), (3, 1));
}
