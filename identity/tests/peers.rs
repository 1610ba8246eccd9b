//! Defects of other libraries for Azure that this one must not have. Each test names the library.
//! Defects that show on the wire are conformance cases instead.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{self, BoxFuture, FutureExt};
use identity::context::{Clock, Context, Request, Response, Transport};
use identity::{
    AccessToken, ChainedTokenCredential, ClientProof, ClientSecretCredential,
    ClientSecretCredentialOptions, DefaultAzureCredential, DefaultAzureCredentialOptions, Error,
    ErrorKind, ManagedIdentityCredential, ManagedIdentityCredentialOptions, OnBehalfOfCredential,
    OnBehalfOfCredentialOptions, Options, Result, RetryOptions, TokenCredential, TokenRequest,
};
use time::OffsetDateTime;

use self::world::{TOKEN, World, form};

const SCOPE: &str = "https://r.example/.default";

fn secret(options: Options) -> ClientSecretCredential {
    let options = ClientSecretCredentialOptions { options };
    ClientSecretCredential::with_options("t", "app", "s", options).unwrap()
}

fn managed(options: Options) -> Result<ManagedIdentityCredential> {
    ManagedIdentityCredential::with_options(ManagedIdentityCredentialOptions {
        identity: None,
        options,
        ..Default::default()
    })
}

fn default(options: Options) -> DefaultAzureCredential {
    let options = DefaultAzureCredentialOptions {
        options,
        ..Default::default()
    };
    DefaultAzureCredential::with_options(options).unwrap()
}

/// The Python library passes its `authority` to two members of the default chain only.
#[tokio::test]
async fn the_authority_of_the_default_chain_is_that_of_every_member() {
    let china = "https://login.chinacloudapi.cn";
    let application = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "app")];
    for (member, variable) in [
        ("EnvironmentCredential", ("AZURE_CLIENT_SECRET", "s")),
        (
            "WorkloadIdentityCredential",
            ("AZURE_FEDERATED_TOKEN_FILE", "token"),
        ),
    ] {
        let world = World::giving_tokens();
        world.write("token", "federated");
        world.set("AZURE_TOKEN_CREDENTIALS", member);
        for (name, value) in application.into_iter().chain([variable]) {
            world.set(name, value);
        }
        let options = Options {
            authority_host: Some(china.to_owned()),
            ..world.options()
        };
        let call = default(options);
        world.drive(call.get_token(&[SCOPE])).await.unwrap();
        let url = world.seen()[0].url.to_string();
        assert_eq!(url, format!("{china}/t/oauth2/v2.0/token"), "{member}");
    }
}

/// The JavaScript library cannot even create the credential of a managed identity then.
#[tokio::test]
async fn a_managed_identity_ignores_an_invalid_authority() {
    let world = World::giving_tokens();
    for (name, value) in [
        ("AZURE_AUTHORITY_HOST", "http://not-secure.example"),
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:1/token"),
        ("IDENTITY_HEADER", "h"),
    ] {
        world.set(name, value);
    }
    let credential = managed(world.options()).unwrap();
    world.drive(credential.get_token(&[SCOPE])).await.unwrap();
    assert_eq!(world.seen()[0].url.host_str(), Some("127.0.0.1"));
}

/// The JavaScript library takes empty variables for those of Service Fabric. The Go library refuses
/// an empty selection, and asks for an identity with an empty id.
#[tokio::test]
async fn an_empty_variable_counts_as_unset() {
    let world = World::giving_tokens();
    for name in [
        "IDENTITY_ENDPOINT",
        "IDENTITY_HEADER",
        "IDENTITY_SERVER_THUMBPRINT",
        "IMDS_ENDPOINT",
        "MSI_ENDPOINT",
        "MSI_SECRET",
        "AZURE_POD_IDENTITY_AUTHORITY_HOST",
        "AZURE_TOKEN_CREDENTIALS",
        "AZURE_AUTHORITY_HOST",
        "AZURE_CLIENT_ID",
        "AZURE_CLIENT_SECRET",
        "AZURE_TENANT_ID",
        "AZURE_FEDERATED_TOKEN_FILE",
    ] {
        world.set(name, "");
    }
    let credential = default(world.options());
    world.drive(credential.get_token(&[SCOPE])).await.unwrap();
    let seen = world.seen();
    assert_eq!(seen.len(), 2, "IMDS is probed, and asked");
    for request in seen {
        assert_eq!(request.url.host_str(), Some("169.254.169.254"));
        assert!(!request.url.query().unwrap().contains("client_id"));
    }
}

/// The Python library looks at the environment again at every call.
#[tokio::test]
async fn a_credential_keeps_the_host_detected_when_it_was_created() {
    let world = World::giving_tokens();
    world.set("IDENTITY_ENDPOINT", "http://127.0.0.1:1/token");
    world.set("IDENTITY_HEADER", "first");
    let credential = managed(world.options()).unwrap();
    world.set("IDENTITY_ENDPOINT", "http://127.0.0.1:2/token");
    world.set("IDENTITY_HEADER", "second");
    world.drive(credential.get_token(&[SCOPE])).await.unwrap();
    let sent = &world.seen()[0];
    assert_eq!(sent.url.port(), Some(1));
    assert_eq!(sent.headers["x-identity-header"], "first");
}

/// Microsoft's crate for Rust repeats a request to IMDS for 100 s, whatever the options say.
#[tokio::test]
async fn imds_is_asked_as_often_as_the_program_says() {
    let world = World::answering(|_, _| Ok(Response::new(500, "")));
    let options = Options {
        retry: RetryOptions {
            max_retries: Some(0),
            ..RetryOptions::default()
        },
        ..world.options()
    };
    let credential = managed(options).unwrap();
    let outcome = world.drive(credential.get_token(&[SCOPE])).await;
    assert_eq!(outcome.expect_err("500").status(), Some(500));
    assert_eq!(world.seen().len(), 1);
}

/// The Python library repeats a refusal from memory for 60 s; the JavaScript library repeats any
/// outcome after a 429 or 5xx.
#[tokio::test]
async fn a_refusal_is_not_cached() {
    let refusal = r#"{"error":"invalid_client","error_description":"AADSTS7000215: no"}"#;
    for status in [400, 401, 429] {
        let world = World::answering(move |number, _| {
            let mut refused = Response::new(status, refusal);
            let after = http::HeaderValue::from_static("3600");
            refused.headers.insert(http::header::RETRY_AFTER, after);
            Ok(match number {
                0 => refused,
                _ => Response::new(200, TOKEN),
            })
        });
        let credential = secret(world.options());
        let first = world.drive(credential.get_token(&[SCOPE])).await;
        assert_eq!(first.expect_err("refused").status(), Some(status));
        world.drive(credential.get_token(&[SCOPE])).await.unwrap();
        assert_eq!(world.seen().len(), 2, "{status}");
    }
}

/// A credential that gives its token at once.
#[derive(Debug)]
struct Ready(AccessToken);

impl TokenCredential for Ready {
    fn name(&self) -> &str {
        "Ready"
    }

    fn get_token_with<'a>(&'a self, _: &'a TokenRequest) -> BoxFuture<'a, Result<AccessToken>> {
        future::ready(Ok(self.0.clone())).boxed()
    }
}

/// A machine that drops what is sent to IMDS: no connection is ever made.
#[derive(Debug)]
struct Silence(Arc<dyn Clock>);

impl Transport for Silence {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        let limit = request.connect_timeout.expect("a check that is limited");
        async move {
            self.0.sleep(limit).await;
            Err(Error::new(ErrorKind::Timeout, "no connection"))
        }
        .boxed()
    }
}

/// The Go library probes in its default chain only; in a chain that the program made it waits for
/// minutes.
#[tokio::test]
async fn a_chain_of_the_programs_own_passes_a_silent_imds_within_a_second() {
    let world = World::giving_tokens();
    let options = world.options();
    let options = Options {
        context: Context {
            transport: Arc::new(Silence(Arc::clone(&options.context.clock))),
            ..options.context
        },
        ..options
    };
    let clock = Arc::clone(&options.context.clock);
    let begun = clock.now();
    let token = AccessToken::new(
        "ready",
        OffsetDateTime::from_unix_timestamp(4_102_444_800).unwrap(),
    );
    let members: Vec<Arc<dyn TokenCredential>> =
        vec![Arc::new(managed(options).unwrap()), Arc::new(Ready(token))];
    let chain = ChainedTokenCredential::new(members).unwrap();
    let token = world.drive(chain.get_token(&[SCOPE])).await.unwrap();
    assert_eq!(token.token(), "ready");
    let took = clock.now().as_millis() - begun.as_millis();
    assert!(took <= 1000, "{took} ms");
}

/// Microsoft's crate for Rust sends a request for each order of the same scopes.
#[tokio::test]
async fn the_order_of_scopes_makes_no_difference() {
    let world = World::giving_tokens();
    let credential = secret(world.options());
    for scopes in [["a", "b"], ["b", "a"], ["a", "b"]] {
        world.drive(credential.get_token(&scopes)).await.unwrap();
    }
    assert_eq!(world.seen().len(), 1);
}

/// The Go library refuses a user's token that lasts less than five minutes, and the Java library
/// does not cache one.
#[tokio::test]
async fn a_short_token_is_given_and_kept_while_it_lasts() {
    let short = r#"{"access_token":"t","expires_in":240}"#;
    let world = World::answering(move |_, _| Ok(Response::new(200, short)));
    let with = OnBehalfOfCredentialOptions {
        options: world.options(),
    };
    let proof = ClientProof::Secret("s".to_owned());
    let credential = OnBehalfOfCredential::with_options("t", "app", proof, "user", with).unwrap();
    for _ in 0..3 {
        world.drive(credential.get_token(&[SCOPE])).await.unwrap();
    }
    assert_eq!(world.seen().len(), 1);
    world.pass(Duration::from_secs(241));
    world.drive(credential.get_token(&[SCOPE])).await.unwrap();
    assert_eq!(world.seen().len(), 2);
}

/// With an empty user assertion the Go library gets a token of the application, not of the user.
#[test]
fn on_behalf_of_needs_a_user_assertion() {
    for user in ["", " ", "\n"] {
        let proof = ClientProof::Secret("s".to_owned());
        let made = OnBehalfOfCredential::new("t", "app", proof, user);
        assert_eq!(made.expect_err("nobody").kind(), ErrorKind::InvalidArgument);
    }
}

/// The libraries for Go and Java and Microsoft's crate for Rust succeed without a token in the
/// answer.
#[tokio::test]
async fn a_success_without_a_token_is_an_error_at_every_host() {
    for (name, endpoint) in [("", ""), ("IDENTITY_ENDPOINT", "http://127.0.0.1:1/token")] {
        for answer in [
            "{}",
            r#"{"access_token":"","expires_in":"3600"}"#,
            r#"{"access_token":null,"expires_in":"3600"}"#,
            r#"{"error":"x","error_description":"no"}"#,
        ] {
            let world = World::answering(move |_, _| Ok(Response::new(200, answer)));
            world.set(name, endpoint);
            world.set("IDENTITY_HEADER", "h");
            let credential = managed(world.options()).unwrap();
            let outcome = world.drive(credential.get_token(&[SCOPE])).await;
            let error: Error = outcome.expect_err(answer);
            assert_eq!(error.status(), Some(200), "{error}");
        }
    }
}

/// The JavaScript library asks the token service at every call then.
#[tokio::test]
async fn a_managed_identity_of_kubernetes_has_its_token_cached() {
    let world = World::giving_tokens();
    in_kubernetes(&world, "federated");
    let credential = managed(world.options()).unwrap();
    for _ in 0..3 {
        world.drive(credential.get_token(&[SCOPE])).await.unwrap();
    }
    assert_eq!((world.seen().len(), world.reads()), (1, 1));
}

/// The Java library sends the content of the file with its line end.
#[tokio::test]
async fn the_token_of_a_file_is_sent_without_its_line_end_and_escaped() {
    let world = World::giving_tokens();
    in_kubernetes(&world, "a+b/c=\r\n");
    let credential = managed(world.options()).unwrap();
    world.drive(credential.get_token(&[SCOPE])).await.unwrap();
    let sent = world.seen().pop().unwrap();
    assert_eq!(form(&sent)["client_assertion"], "a+b/c=");
    let body = String::from_utf8(sent.body.to_vec()).unwrap();
    assert!(body.contains("client_assertion=a%2Bb%2Fc%3D"), "{body}");
}

/// Makes `world` a pod with this text in its token file.
fn in_kubernetes(world: &World, token: &str) {
    world.write("token", token);
    for (name, value) in [
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "app"),
        ("AZURE_FEDERATED_TOKEN_FILE", "token"),
        ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us"),
    ] {
        world.set(name, value);
    }
}
