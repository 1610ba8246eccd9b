//! The settings of a program take effect in every credential alike.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{self, BoxFuture, FutureExt};
use futures_util::poll;
use identity::context::{
    Clock, Context, Request, Response, StaticEnv, Transport, UnixTime, VirtualClock,
};
use identity::{
    AzurePipelinesCredential, AzurePipelinesCredentialOptions, CertificateCredential,
    CertificateCredentialOptions, ClientCertificate, ClientProof, ClientSecretCredential,
    ClientSecretCredentialOptions, Cloud, DeviceCodeCredential, DeviceCodeCredentialOptions,
    ErrorKind, ManagedIdentityCredential, ManagedIdentityCredentialOptions, OnBehalfOfCredential,
    OnBehalfOfCredentialOptions, Options, Result, RetryOptions, TokenCredential, TokenRequest,
    TokenRequestOptions, UsernamePasswordCredential, UsernamePasswordCredentialOptions,
};
use jsonwebtoken::Algorithm;

use self::world::{World, form};

const SCOPE: &str = "https://r.example/.default";

fn secret(options: Options) -> Result<ClientSecretCredential> {
    let options = ClientSecretCredentialOptions { options };
    ClientSecretCredential::with_options("t", "app", "s", options)
}

#[tokio::test]
async fn the_authority_is_the_options_else_the_environments_else_the_public_clouds() {
    let clouds = Cloud::ALL.iter().map(|cloud| cloud.authority_host());
    let hosts: Vec<_> = clouds.collect();
    assert_eq!(
        hosts,
        [
            "https://login.microsoftonline.com",
            "https://login.microsoftonline.us",
            "https://login.chinacloudapi.cn",
        ]
    );
    let (public, government, china) = (hosts[0], hosts[1], hosts[2]);
    for (option, variable, expected) in [
        (None, None, public),
        (None, Some(""), public),
        (None, Some(government), government),
        (Some(china), None, china),
        (Some(china), Some(government), china),
        // A value that is overridden need not be valid.
        (Some(china), Some("http://nowhere/at all"), china),
    ] {
        let world = World::giving_tokens();
        if let Some(value) = variable {
            world.set("AZURE_AUTHORITY_HOST", value);
        }
        let options = Options {
            authority_host: option.map(str::to_owned),
            ..world.options()
        };
        let credential = secret(options).unwrap();
        world.drive(credential.get_token(&[SCOPE])).await.unwrap();
        let urls: Vec<_> = world.seen().iter().map(|it| it.url.to_string()).collect();
        assert_eq!(urls, [format!("{expected}/t/oauth2/v2.0/token")]);
    }
}

/// A transport that never answers, and counts the requests.
#[derive(Debug, Default)]
struct Silence(AtomicU32);

impl Transport for Silence {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        future::pending().boxed()
    }
}

/// Returns credentials whose first request goes to a token service, a host or a pipeline.
fn asking(options: &Options) -> Vec<Arc<dyn TokenCredential>> {
    let options = options.clone();
    let certificate = ClientCertificate::from_bytes(include_str!("certificates/plain.pem"));
    let with = CertificateCredentialOptions {
        options: options.clone(),
    };
    let certificate = CertificateCredential::with_options("t", "app", certificate, with);
    let with = OnBehalfOfCredentialOptions {
        options: options.clone(),
    };
    let proof = ClientProof::Secret("s".to_owned());
    let behalf = OnBehalfOfCredential::with_options("t", "app", proof, "user", with);
    let with = AzurePipelinesCredentialOptions {
        options: options.clone(),
    };
    let job = AzurePipelinesCredential::with_options("t", "app", "connection", "job", with);
    let with = ManagedIdentityCredentialOptions {
        identity: None,
        options: options.clone(),
        ..Default::default()
    };
    let managed = ManagedIdentityCredential::with_options(with);
    let with = DeviceCodeCredentialOptions {
        options: options.clone(),
        ..Default::default()
    };
    let device = DeviceCodeCredential::with_options(with);
    let with = UsernamePasswordCredentialOptions {
        options: options.clone(),
        ..Default::default()
    };
    let user = UsernamePasswordCredential::with_options("app", "anna", "hush", with);
    vec![
        Arc::new(secret(options).unwrap()),
        Arc::new(certificate.unwrap()),
        Arc::new(behalf.unwrap()),
        Arc::new(job.unwrap()),
        Arc::new(managed.unwrap()),
        Arc::new(device.unwrap()),
        Arc::new(user.unwrap()),
    ]
}

#[tokio::test]
async fn every_request_is_given_the_time_and_the_tries_that_were_set() {
    let start = UnixTime::from_seconds(1_700_000_000);
    let (silence, clock) = (Arc::new(Silence::default()), VirtualClock::new(start));
    let env = StaticEnv::from_iter([
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:1/token"),
        ("IDENTITY_HEADER", "h"),
        ("SYSTEM_OIDCREQUESTURI", "https://dev.azure.example/oidc"),
    ]);
    let options = Options {
        request_timeout: Duration::from_secs(7),
        retry: RetryOptions {
            max_retries: Some(2),
            delay: Duration::from_secs(100),
            max_delay: Duration::from_secs(40),
        },
        context: Context {
            transport: Arc::clone(&silence) as _,
            env: Arc::new(env),
            clock: Arc::new(clock.clone()),
            ..Context::system()
        },
        ..Options::default()
    };
    for credential in asking(&options) {
        let (before, tries) = (clock.now(), silence.0.load(Ordering::SeqCst));
        let call = async { credential.get_token(&[SCOPE]).await };
        let mut call = pin!(call);
        let error = loop {
            if let Poll::Ready(outcome) = poll!(&mut call) {
                break outcome.expect_err("silence");
            }
            tokio::task::yield_now().await;
            clock.advance_to_next();
        };
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        let tries = silence.0.load(Ordering::SeqCst) - tries;
        assert_eq!(tries, 3, "{error}");
        // Three times 7 s, and twice 100 s cut to 40 s, each up to a fifth shorter at random.
        let took = clock.now().as_seconds() - before.as_seconds();
        assert!((21 + 64..=21 + 80).contains(&took), "{took} s: {error}");
    }
}

#[tokio::test]
async fn every_application_uses_the_endpoints_of_a_federation_server() {
    let world = World::giving_tokens();
    let options = Options {
        authority_host: Some("https://adfs.contoso.example".to_owned()),
        ..world.options()
    };
    let certificate = ClientCertificate::from_bytes(include_str!("certificates/plain.pem"));
    let with = CertificateCredentialOptions {
        options: options.clone(),
    };
    let credential = CertificateCredential::with_options("adfs", "app", certificate, with);
    let credential = credential.unwrap();
    world.drive(credential.get_token(&[SCOPE])).await.unwrap();
    let seen = world.seen();
    let url = "https://adfs.contoso.example/adfs/oauth2/token";
    // No other service is asked about it, and the request goes to the endpoint without a version.
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].url.as_str(), url);
    let assertion = &form(&seen[0])["client_assertion"];
    let header = jsonwebtoken::decode_header(assertion).unwrap();
    assert_eq!(header.alg, Algorithm::RS256);
    assert!(
        header.x5t.is_some() && header.x5t_s256.is_none(),
        "{header:?}"
    );
    let claims: serde_json::Value = jsonwebtoken::dangerous::insecure_decode(assertion)
        .unwrap()
        .claims;
    assert_eq!(claims["aud"], url);
}

#[tokio::test]
async fn a_token_has_its_type_and_the_time_of_its_refresh() {
    let token = r#"{"access_token":"t","token_type":"pop","expires_in":3600,"refresh_in":600}"#;
    for (answer, kind, refresh) in [
        (token, "pop", Some(600)),
        (r#"{"access_token":"t","expires_in":3600}"#, "Bearer", None),
        (
            r#"{"access_token":"t","expires_in":7200}"#,
            "Bearer",
            Some(3600),
        ),
    ] {
        let world = World::answering(move |_, _| Ok(Response::new(200, answer)));
        let credential = secret(world.options()).unwrap();
        let token = world.drive(credential.get_token(&[SCOPE])).await.unwrap();
        assert_eq!(token.token_type(), kind);
        let refresh_on = token
            .refresh_on()
            .map(|at| at.unix_timestamp() - 1_700_000_000);
        assert_eq!(refresh_on, refresh, "{answer}");
    }
}

#[tokio::test]
async fn tokens_that_can_be_revoked_are_asked_for_and_kept_apart() {
    let world = World::giving_tokens();
    let credential = secret(world.options()).unwrap();
    let request = |enable_cae| {
        let options = TokenRequestOptions {
            enable_cae,
            ..Default::default()
        };
        TokenRequest::with_options(&[SCOPE], options).unwrap()
    };
    for enable_cae in [false, true, false, true] {
        let request = request(enable_cae);
        let call = credential.get_token_with(&request);
        world.drive(call).await.unwrap();
    }
    let claims: Vec<_> = world
        .seen()
        .iter()
        .map(|it| form(it).remove("claims"))
        .collect();
    let capable = r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#;
    assert_eq!(claims, [None, Some(capable.to_owned())]);
}
