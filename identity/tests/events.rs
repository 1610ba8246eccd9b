//! The log events: they have documented names and never hold a secret.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sources;
mod world;

use std::collections::BTreeSet;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use identity::context::Response;
use identity::{
    ChainedTokenCredential, ClientSecretCredential, ClientSecretCredentialOptions,
    DefaultAzureCredential, DefaultAzureCredentialOptions, Error, ErrorKind, Options, TokenRequest,
    TokenRequestOptions,
};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use self::sources::sources;
use self::world::World;

const SECRET: &str = "hush-hush";

/// The names and values of all spans and events of one thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(&'static str, String)>>>);

impl Log {
    fn note(&self, metadata: &'static Metadata<'static>, record: impl FnOnce(&mut Values)) {
        if !metadata.target().starts_with("identity") {
            return;
        }
        let mut values = Values(String::new());
        record(&mut values);
        self.0.lock().unwrap().push((metadata.name(), values.0));
    }

    fn names(&self) -> BTreeSet<&'static str> {
        self.0
            .lock()
            .unwrap()
            .iter()
            .map(|(name, _)| *name)
            .collect()
    }
}

struct Values(String);

impl Visit for Values {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.note(span.metadata(), |values| span.record(values));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.note(event.metadata(), |values| event.record(values));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Returns a service that repeats secrets: it answers with an outage, a broken connection, a token,
/// and refusals from then on.
fn service() -> World {
    World::answering(|number, _| match number {
        0 => Ok(Response::new(503, format!("not now, {SECRET}"))),
        1 => Err(Error::new(ErrorKind::Transport, "connection reset")),
        2 => Ok(Response::new(
            200,
            format!(r#"{{"access_token":"{SECRET}","expires_in":3600}}"#),
        )),
        _ => Ok(Response::new(
            400,
            format!(r#"{{"error":"no","error_description":"{SECRET}"}}"#),
        )),
    })
}

fn credential(options: Options) -> ClientSecretCredential {
    let options = ClientSecretCredentialOptions { options };
    ClientSecretCredential::with_options("contoso", "app", SECRET, options).unwrap()
}

async fn call_all(world: &World) {
    world.set("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH", "true");
    let options = Options {
        additionally_allowed_tenants: vec!["*".into()],
        ..world.options()
    };
    let chain = ChainedTokenCredential::new(vec![Arc::new(credential(options.clone()))]).unwrap();
    let token = world.drive(chain.get_token(&["https://r/.default"])).await;
    assert_eq!(token.unwrap().token(), SECRET);
    let elsewhere = TokenRequestOptions {
        tenant_id: Some("fabrikam".into()),
        ..Default::default()
    };
    let request = TokenRequest::with_options(&["https://r/.default"], elsewhere).unwrap();
    let refused = world
        .drive(credential(options).get_token_with(&request))
        .await;
    assert_eq!(refused.expect_err("refused").status(), Some(400));
}

/// Fails with a default chain in whose environment the token service refuses the secret, and with
/// one of a virtual machine.
async fn call_default_chains(world: &World) {
    let chain = |options| {
        DefaultAzureCredential::with_options(DefaultAzureCredentialOptions {
            options,
            ..Default::default()
        })
    };
    world.set("AZURE_TOKEN_CREDENTIALS", "prod");
    let machine = chain(world.options()).unwrap();
    let token = world
        .drive(machine.get_token(&["https://r/.default"]))
        .await;
    assert_eq!(token.unwrap().token(), SECRET);
    for (name, value) in [
        ("AZURE_TENANT_ID", "contoso"),
        ("AZURE_CLIENT_ID", "app"),
        ("AZURE_CLIENT_SECRET", SECRET),
    ] {
        world.set(name, value);
    }
    chain(world.options()).unwrap();
}

#[test]
fn the_log_says_what_was_chosen_and_why_the_members_before_were_not() {
    let world = World::answering(|_, _| {
        Ok(Response::new(
            200,
            format!(r#"{{"access_token":"{SECRET}","expires_in":3600}}"#),
        ))
    });
    let log = Log::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let calls = call_default_chains(&world);
    tracing::subscriber::with_default(log.clone(), || runtime.block_on(calls));
    let entries = log.0.lock().unwrap().clone();
    for (name, parts) in [
        ("identity.host.detected", &["host=\"IMDS\""][..]),
        (
            "identity.chain.failed",
            &[
                "member=\"EnvironmentCredential\"",
                "kind=CredentialUnavailable",
                "Missing (unset or empty): AZURE_TENANT_ID",
            ],
        ),
        (
            "identity.chain.failed",
            &[
                "member=\"WorkloadIdentityCredential\"",
                "AZURE_FEDERATED_TOKEN_FILE",
            ],
        ),
        (
            "identity.chain.acquired",
            &["member=\"ManagedIdentityCredential\""],
        ),
        (
            "identity.environment.configured",
            &["proof=\"client secret\""],
        ),
    ] {
        let is_it = |(entry, values): &(&str, String)| {
            *entry == name && parts.iter().all(|part| values.contains(part))
        };
        assert!(
            entries.iter().any(is_it),
            "{name} with {parts:?}: {entries:#?}"
        );
    }
    assert!(entries.iter().all(|(_, values)| !values.contains(SECRET)));
}

#[test]
fn events_describe_what_happens_and_hold_no_secret() {
    let (log, world) = (Log::default(), service());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    tracing::subscriber::with_default(log.clone(), || runtime.block_on(call_all(&world)));
    let expected = [
        "identity.chain.acquired",
        "identity.http.failed",
        "identity.http.response",
        "identity.http.retry",
        "identity.tenant.ignored",
        "identity.token.acquired",
        "identity.token.failed",
        "identity.token.fetch",
    ];
    assert_eq!(log.names(), BTreeSet::from(expected));
    for (name, values) in &*log.0.lock().unwrap() {
        assert!(!values.contains(SECRET), "{name}: {values}");
    }
    for request in world.seen() {
        assert!(
            request.url.path().starts_with("/contoso/"),
            "one tenant only: {}",
            request.url
        );
    }
}

/// Returns the names in backquotes of the section "Events" of the crate's documentation.
fn documented() -> BTreeSet<String> {
    let documentation = include_str!("../src/lib.rs");
    let section = documentation.split("//! # Events").nth(1).unwrap();
    let section = section.split("//! # ").next().unwrap();
    let names = section.split('`').skip(1).step_by(2);
    names
        .filter(|name| name.starts_with("identity."))
        .map(str::to_owned)
        .collect()
}

/// Returns the event names in a source file.
fn named(source: &str) -> impl Iterator<Item = String> {
    let starts = source
        .match_indices("\"identity.")
        .map(|(start, _)| start + 1);
    let names = starts.map(|start| source[start..].split('"').next().unwrap().to_owned());
    names.filter(|name| {
        name.chars()
            .all(|c| c.is_ascii_lowercase() || matches!(c, '.' | '_'))
    })
}

#[test]
fn every_name_is_documented_and_every_documented_name_is_used() {
    let sources = sources();
    let used: BTreeSet<_> = sources.iter().flat_map(|(_, text)| named(text)).collect();
    assert_eq!(used, documented());
}
