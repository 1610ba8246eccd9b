//! Managed identity hosts other than the metadata service, asked as programs there ask them: at
//! the address, and with the secret, of their environment.

pub(crate) mod app_service;
pub(crate) mod arc;
pub(crate) mod azure_ml;
pub(crate) mod cloud_shell;
pub(crate) mod container_instances;
pub(crate) mod service_fabric;

use std::collections::HashMap;

use identity_emulator::{Emulator, IdentityHost};
use serde_json::Value;

use super::support::{Answer, encoded, send, start, verified};

const USER_A: &str = "cccccccc-0000-4000-8000-000000000002";
const USER_A_OBJECT: &str = "cccccccc-0000-4000-8000-100000000002";
const NOBODY: &str = "cccccccc-0000-4000-8000-0000000000ff";
const VAULT: (&str, &str) = ("resource", "https://vault.azure.net");

/// A program on one of the hosts.
struct Program {
    emulator: Emulator,
    environment: HashMap<&'static str, String>,
}

impl Program {
    async fn on(host: &str) -> Self {
        Self::of(start().await, host)
    }

    fn of(emulator: Emulator, host: &str) -> Self {
        let host: IdentityHost = host.parse().unwrap();
        let environment = emulator.environment(host).into_iter().collect();
        Self {
            emulator,
            environment,
        }
    }

    fn variable(&self, name: &str) -> &str {
        &self.environment[name]
    }

    /// Asks the endpoint in a variable.
    async fn get(&self, variable: &str, headers: &[&str], query: &[(&str, &str)]) -> Answer {
        let url = url::Url::parse(self.variable(variable)).unwrap();
        let line = format!("GET {}?{}", url.path(), encoded(query));
        send(&self.emulator, &line, headers, "").await
    }

    /// The claims of the token in an answer.
    async fn claims(&self, answer: &Answer) -> Value {
        assert_eq!(answer.status, 200, "{answer:?}");
        verified(&self.emulator, &answer.text("access_token"))
            .await
            .1
    }
}

/// Where a token's `xms_mirid` points.
fn ends_with(claims: &Value, end: &str) -> bool {
    claims["xms_mirid"].as_str().unwrap().ends_with(end)
}

#[tokio::test]
async fn the_emulator_lists_its_hosts_with_their_variables() {
    let emulator = start().await;
    let listed = super::support::get(&emulator, "/_emulator/hosts")
        .await
        .json();
    for host in IdentityHost::all() {
        for (name, value) in emulator.environment(host) {
            assert_eq!(listed[host.name()]["environment"][name], value, "{host}");
        }
        assert!(!host.about().is_empty());
    }
    assert_eq!(
        listed.as_object().unwrap().len(),
        IdentityHost::all().count()
    );
}

#[tokio::test]
async fn secrets_of_hosts_are_nowhere_in_the_journal() {
    let app = Program::on("app-service").await;
    let secret = app.variable("IDENTITY_HEADER").to_owned();
    let proof = format!("X-IDENTITY-HEADER: {secret}");
    app.get("IDENTITY_ENDPOINT", &[&proof], &[("x", &secret)])
        .await;
    let journal = format!("{:?}", app.emulator.journal().entries());
    assert!(journal.contains("app_service.token") && !journal.contains(&secret));
}
