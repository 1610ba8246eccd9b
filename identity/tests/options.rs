//! The common options reach managed identities and developer tools, too.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::{self, BoxFuture, FutureExt};
use identity::context::{Command, Context, Output, Processes, Spawn};
use identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, AzurePowerShellCredential,
    AzurePowerShellCredentialOptions, CertificateCredential, CertificateCredentialOptions,
    ClientCertificate, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    ManagedIdentityId, Options, Result, TokenCache, TokenCredential,
};

use self::world::World;

const SCOPE: &str = "https://r.example/.default";

fn managed(
    identity: Option<ManagedIdentityId>,
    options: &Options,
) -> Result<ManagedIdentityCredential> {
    let options = options.clone();
    ManagedIdentityCredential::with_options(ManagedIdentityCredentialOptions {
        identity,
        options,
        ..Default::default()
    })
}

/// The programs of a machine with every tool, which counts their runs.
#[derive(Debug, Default)]
struct Tools(AtomicUsize);

impl Tools {
    fn runs(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Processes for Tools {
    fn find<'a>(&'a self, name: &'a str, _: &'a str) -> BoxFuture<'a, Option<PathBuf>> {
        future::ready(Some(name.into())).boxed()
    }

    fn run(&self, command: Command) -> BoxFuture<'_, io::Result<Output>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let said = match command.program.to_str().unwrap() {
            "az" => r#"{"accessToken":"t","expires_on":4102444800}"#,
            "azd" => r#"{"token":"t","expiresOn":"2100-01-01T00:00:00Z"}"#,
            _ => "azsdk%t%4102444800",
        };
        let output = Output {
            code: Some(0),
            stdout: said.into(),
            stderr: Vec::new(),
        };
        future::ready(Ok(output)).boxed()
    }
}

#[tokio::test]
async fn a_programs_name_reaches_the_managed_identity_host() {
    let world = World::giving_tokens();
    let options = Options {
        user_agent: Some("my-program/1.0".to_owned()),
        ..world.options()
    };
    let credential = managed(None, &options).unwrap();
    world.drive(credential.get_token(&[SCOPE])).await.unwrap();
    let agent = world.seen()[0].headers["user-agent"].clone();
    let agent = agent.to_str().unwrap();
    assert!(agent.starts_with("my-program/1.0 azsdk-rust"), "{agent}");
    let bad = Options {
        user_agent: Some("a\nb".to_owned()),
        ..world.options()
    };
    assert!(managed(None, &bad).is_err());
}

#[tokio::test]
async fn managed_identities_share_tokens_by_host_and_identity() {
    let world = World::giving_tokens();
    let options = Options {
        token_cache: Some(TokenCache::new()),
        ..world.options()
    };
    let by_client = |id: &str| Some(ManagedIdentityId::ClientId(id.to_owned()));
    let ask = async |identity, options: &Options| {
        let credential = managed(identity, options).unwrap();
        world.drive(credential.get_token(&[SCOPE])).await.unwrap();
        world.seen().len()
    };
    assert_eq!(ask(None, &options).await, 1);
    assert_eq!(ask(None, &options).await, 1, "another instance, one token");
    assert_eq!(ask(by_client("a"), &options).await, 2);
    assert_eq!(ask(by_client("b"), &options).await, 3);
    assert_eq!(ask(by_client("a"), &options).await, 3);
    let by_object = Some(ManagedIdentityId::ObjectId("a".to_owned()));
    assert_eq!(ask(by_object, &options).await, 4, "another kind of id");
    assert_eq!(ask(None, &world.options()).await, 5, "not asked to share");

    world.set("IDENTITY_ENDPOINT", "https://127.0.0.1:1/token");
    world.set("IDENTITY_HEADER", "one");
    assert_eq!(ask(None, &options).await, 6, "another host");
    world.set("IDENTITY_HEADER", "two");
    assert_eq!(ask(None, &options).await, 7, "another proof");
    assert_eq!(ask(None, &options).await, 7);
    world.set("IDENTITY_SERVER_THUMBPRINT", &"00".repeat(20));
    assert_eq!(ask(None, &options).await, 8);
    assert_eq!(ask(None, &options).await, 9, "Service Fabric's never");
}

#[tokio::test]
async fn developer_tools_share_tokens_by_tool_tenant_and_subscription() {
    let tools = Arc::new(Tools::default());
    let options = Options {
        token_cache: Some(TokenCache::new()),
        context: Context {
            processes: Arc::clone(&tools) as _,
            ..Context::system()
        },
        ..Options::default()
    };
    let az = |tenant: Option<&str>, subscription: Option<&str>| {
        let options = AzureCliCredentialOptions {
            tenant_id: tenant.map(str::to_owned),
            subscription: subscription.map(str::to_owned),
            options: options.clone(),
            ..Default::default()
        };
        Arc::new(AzureCliCredential::with_options(options).unwrap()) as Arc<dyn TokenCredential>
    };
    let azd = || {
        let options = AzureDeveloperCliCredentialOptions {
            options: options.clone(),
            ..Default::default()
        };
        let made = AzureDeveloperCliCredential::with_options(options);
        Arc::new(made.unwrap()) as Arc<dyn TokenCredential>
    };
    let pwsh = || {
        let options = AzurePowerShellCredentialOptions {
            options: options.clone(),
            ..Default::default()
        };
        let made = AzurePowerShellCredential::with_options(options);
        Arc::new(made.unwrap()) as Arc<dyn TokenCredential>
    };
    for (credential, runs) in [
        (az(None, None), 1),
        (az(None, None), 1),
        (az(Some("contoso"), None), 2),
        (az(None, Some("mine")), 3),
        (azd(), 4),
        (azd(), 4),
        (pwsh(), 5),
        (pwsh(), 5),
    ] {
        credential.get_token(&[SCOPE]).await.unwrap();
        assert_eq!(tools.runs(), runs, "{credential:?}");
    }
}

/// A spawner that counts the work handed to it.
#[derive(Debug, Default)]
struct CountingSpawn(AtomicUsize);

impl Spawn for CountingSpawn {
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Option<BoxFuture<'static, ()>> {
        Some(task)
    }

    fn compute(&self, work: Box<dyn FnOnce() + Send>) -> BoxFuture<'static, ()> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let done = tokio::task::spawn_blocking(work);
        async { done.await.unwrap() }.boxed()
    }
}

#[tokio::test]
async fn a_certificate_file_is_parsed_where_no_task_waits_and_once() {
    let world = World::giving_tokens();
    world.write("app.pem", include_str!("certificates/aes.pem"));
    let elsewhere = Arc::new(CountingSpawn::default());
    let options = CertificateCredentialOptions {
        options: Options {
            context: Context {
                spawn: Arc::clone(&elsewhere) as _,
                ..world.options().context
            },
            ..world.options()
        },
    };
    let certificate = ClientCertificate {
        password: Some("hush-hush".to_owned()),
        ..ClientCertificate::from_path("app.pem")
    };
    let made = CertificateCredential::with_options("t", "app", certificate, options);
    let credential = made.unwrap();
    for scope in ["a", "b"] {
        world.drive(credential.get_token(&[scope])).await.unwrap();
    }
    assert_eq!(elsewhere.0.load(Ordering::SeqCst), 1);
    world.write("app.pem", include_str!("certificates/plain.pem"));
    world.drive(credential.get_token(&["c"])).await.unwrap();
    assert_eq!(elsewhere.0.load(Ordering::SeqCst), 2, "it has changed");
}
