//! A token cache that two thousand users have filled.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use identity::context::{Context, NoEncryption, Request, Response, StaticEnv, Transport};
use identity::{Options, Result, TokenCachePersistenceOptions};
use identity_benches::{CLIENT_ID, SCOPE, TENANT_ID};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

const OTHER_SCOPE: &str = "https://graph.microsoft.com/.default";
const HOST: &str = "login.microsoftonline.com";
/// The application whose users share their tokens with those of other developer tools.
const TOOLS: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const USERS: usize = 2_000;
/// The length of each secret, chosen so that the file has 5 MB.
const SECRET: usize = 20;

pub(crate) struct FullCache {
    home: TempDir,
}

impl FullCache {
    /// A cache with five entries for each user; the last user's second token is the application's.
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let directory = home.path().join(".IdentityService");
        std::fs::create_dir(&directory).expect("a directory");
        let text = document().to_string();
        assert!(
            text.len() > 5_000_000,
            "the figures are about five megabytes"
        );
        std::fs::write(directory.join("msal.cache.nocae"), text).expect("a file");
        Self { home }
    }

    pub(crate) fn user(number: usize) -> String {
        format!("user{number}@contoso.example")
    }

    pub(crate) fn options(&self) -> Options {
        let home = self.home.path().to_str().expect("a plain name");
        Options {
            token_cache_persistence_options: Some(TokenCachePersistenceOptions {
                allow_unencrypted_storage: true,
                ..Default::default()
            }),
            context: Context {
                transport: Arc::new(NoNetwork),
                encryption: Arc::new(NoEncryption),
                env: Arc::new(StaticEnv::from_iter([
                    ("HOME", home),
                    ("LOCALAPPDATA", home),
                ])),
                ..Context::system()
            },
            ..Options::default()
        }
    }
}

fn document() -> Value {
    let mut sections: [Map<String, Value>; 4] = Default::default();
    for number in 0..USERS {
        let home = format!("{number:08}-0000-4000-8000-000000000000.{TENANT_ID}");
        let [tokens, accounts, refresh, ids] = &mut sections;
        let owner = json!({
            "home_account_id": home, "environment": HOST, "client_id": TOOLS,
            "realm": "organizations", "secret": secret(number),
        });
        for scope in [SCOPE, OTHER_SCOPE] {
            // The last token is the application's.
            let is_last = number + 1 == USERS && scope == OTHER_SCOPE;
            let token = if is_last {
                of_application()
            } else {
                access_token(&owner, scope)
            };
            tokens.insert(token.0, token.1);
        }
        let account = json!({ "username": FullCache::user(number), "local_account_id": "local", "authority_type": "MSSTS" });
        accounts.insert(
            format!("{home}-{HOST}-organizations"),
            with(&owner, account, &["client_id", "secret"]),
        );
        let token = json!({ "credential_type": "RefreshToken", "family_id": "1", "target": "", "last_modification_time": "1" });
        refresh.insert(
            format!("{home}-{HOST}-refreshtoken-{TOOLS}--"),
            with(&owner, token, &["realm"]),
        );
        let token = json!({ "credential_type": "IdToken" });
        ids.insert(
            format!("{home}-{HOST}-idtoken-{TOOLS}-organizations-"),
            with(&owner, token, &[]),
        );
    }
    let [tokens, accounts, refresh, ids] = sections;
    json!({ "AccessToken": tokens, "Account": accounts, "RefreshToken": refresh, "IdToken": ids })
}

fn access_token(owner: &Value, scope: &str) -> (String, Value) {
    let tomorrow = (seconds() + 86_400).to_string();
    let text = |name: &str| owner[name].as_str().unwrap_or_default();
    let key = [
        text("home_account_id"),
        HOST,
        "accesstoken",
        text("client_id"),
        text("realm"),
        scope,
    ];
    let token = json!({
        "credential_type": "AccessToken", "target": scope, "token_type": "Bearer",
        "cached_at": seconds().to_string(), "expires_on": tomorrow,
        "extended_expires_on": tomorrow,
    });
    (key.join("-"), with(owner, token, &[]))
}

fn of_application() -> (String, Value) {
    let owner = json!({
        "environment": HOST, "client_id": CLIENT_ID, "realm": TENANT_ID, "secret": secret(USERS),
    });
    access_token(&owner, SCOPE)
}

/// The members of `owner` but those `without`, and those of `more`.
fn with(owner: &Value, more: Value, without: &[&str]) -> Value {
    let mut members = owner.as_object().cloned().unwrap_or_default();
    members.retain(|name, _| !without.contains(&name.as_str()));
    if let Value::Object(more) = more {
        members.extend(more);
    }
    Value::Object(members)
}

fn secret(number: usize) -> String {
    format!("{number:0>SECRET$}")
}

fn seconds() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("a clock that goes").as_secs()
}

/// A transport that fails the benchmark when it is used.
#[derive(Debug)]
struct NoNetwork;

impl Transport for NoNetwork {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response>> {
        panic!("all that is asked for is in the cache");
    }
}
