//! Errors name what happened, with which value, and what to do next.
#![cfg(feature = "reqwest")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use std::error::Error as StdError;
use std::sync::Arc;

use identity::context::{Context, ReqwestTransport};
use identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, DefaultAzureCredential, DefaultAzureCredentialOptions, Error,
    ErrorKind, ManagedIdentityCredential, ManagedIdentityCredentialOptions, ManagedIdentityId,
    Options, TokenRequest, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};

use self::world::World;

const SCOPE: &str = "https://vault.azure.net/.default";

fn secret(tenant: &str, client: &str, options: Options) -> Result<ClientSecretCredential, Error> {
    let options = ClientSecretCredentialOptions { options };
    ClientSecretCredential::with_options(tenant, client, "hush-hush", options)
}

fn authority(host: &str) -> Result<ClientSecretCredential, Error> {
    let options = Options {
        authority_host: Some(host.to_owned()),
        ..World::giving_tokens().options()
    };
    secret("contoso", "app", options)
}

#[test]
fn a_malformed_argument_is_shown_unless_it_may_hold_a_password() {
    let options = || World::giving_tokens().options();
    let id = |id: &str| {
        ManagedIdentityCredential::with_options(ManagedIdentityCredentialOptions {
            identity: Some(ManagedIdentityId::ClientId(id.to_owned())),
            options: options(),
            ..Default::default()
        })
    };
    let subscription = AzureCliCredential::with_options(AzureCliCredentialOptions {
        subscription: Some("a;b".to_owned()),
        options: options(),
        ..Default::default()
    });
    let proxy = |url| ReqwestTransport::builder().proxy(url);
    let cases = [
        (
            secret("a/b", "app", options()).err(),
            "invalid tenant \"a/b\": ",
        ),
        (
            secret("'contoso'", "app", options()).err(),
            "(with quotation marks around it, which do not belong to it)",
        ),
        (
            secret("contoso\n", "app", options()).err(),
            "\"contoso\\n\" (with a line break in it)",
        ),
        (
            secret("contoso", "my app", options()).err(),
            "spaces: \"my app\". It is",
        ),
        (
            TokenRequest::new(&[SCOPE, "a b"]).err(),
            "characters: \"a b\". Pass",
        ),
        (id("").err(), "\"\" (it is empty)"),
        (subscription.err(), "\"a;b\""),
        (
            authority("https://h/common").err(),
            "host \"https://h/common\": it must not have a path",
        ),
        (
            authority("https://me:hush-hush@h").err(),
            "host: it must not hold a user name",
        ),
        (proxy("socks5://p:1080").err(), "3128: \"socks5://p:1080\""),
        (
            proxy("ftp://me:hush-hush@p").err(),
            "such as http://proxy.example:3128",
        ),
    ];
    for (error, part) in cases {
        let error = error.expect(part);
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{text}");
        assert!(text.contains(part) && !text.contains("hush-hush"), "{text}");
    }
}

#[tokio::test]
async fn a_malformed_variable_is_named() {
    for (name, value) in [
        ("AZURE_TENANT_ID", "\"contoso\""),
        ("AZURE_CLIENT_ID", "an app"),
        ("AZURE_ADDITIONALLY_ALLOWED_TENANTS", "fabrikam;a/b"),
    ] {
        let world = World::giving_tokens();
        world.set("AZURE_TENANT_ID", "contoso");
        world.set("AZURE_CLIENT_ID", "app");
        world.set("AZURE_CLIENT_SECRET", "hush-hush");
        world.set(name, value);
        let credential = DefaultAzureCredential::with_options(DefaultAzureCredentialOptions {
            options: world.options(),
            ..Default::default()
        });
        let error = credential.unwrap().get_token(&[SCOPE]).await.unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains(&format!("EnvironmentCredential: {name}: ")),
            "{text}"
        );
    }
    let world = World::giving_tokens();
    world.set("AZURE_TENANT_ID", "a/b");
    let options = WorkloadIdentityCredentialOptions {
        client_id: Some("app".to_owned()),
        token_file_path: Some("/token".into()),
        options: world.options(),
        ..Default::default()
    };
    let error = WorkloadIdentityCredential::with_options(options).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("AZURE_TENANT_ID: invalid tenant \"a/b\""),
        "{error}"
    );
}

#[tokio::test]
async fn a_lost_connection_names_the_address_and_keeps_its_source() {
    // Nothing listens at this port: it was free a moment ago and is used by nobody else.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let options = Options {
        authority_host: Some(format!("http://{address}")),
        allow_http_loopback: true,
        retry: identity::RetryOptions {
            max_retries: Some(0),
            ..Default::default()
        },
        context: Context {
            transport: Arc::new(ReqwestTransport::builder().no_proxy().build().unwrap()),
            ..Context::system()
        },
        ..Options::default()
    };
    let error = secret("contoso", "app", options).unwrap();
    let error = error.get_token(&[SCOPE]).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("no answer from http://{address}: ")),
        "{text}"
    );
    assert!(text.contains("refused"), "{text}");
    let mut last = error.source().expect("a cause");
    while let Some(cause) = last.source() {
        last = cause;
    }
    assert!(last.downcast_ref::<std::io::Error>().is_some(), "{last:?}");
}
