//! The world a run starts from: what `world.toml` says, as data.

mod app;
mod check;
mod federation;
pub(crate) mod host_secret;
mod managed_identity;
mod tenant;
mod user;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::script::{Rule, Rules};

pub use crate::base::config_error::ConfigError;
pub use app::{
    App, AppCertificate, AppSecret, FederatedCredential, GroupClaims, Implicit, OptionalClaims,
    Permission, Preauthorized, RedirectUris, RoleGrant, Scope, TrustedSubject,
};
pub use federation::{Pipeline, ServiceConnection, Workflow, Workload};
pub use managed_identity::{
    AppServiceHost, ArcHost, CloudShellHost, Host, Hosts, IdentityKind, ImdsHost, ManagedIdentity,
};
pub use tenant::{FederatedDomain, FederationProtocol, NationalCloud, Tenant};
pub use user::{Assignment, Consent, Issuer, User};

/// Tenants, users, applications, managed identities and scripted answers of one emulator.
///
/// Start from [`World::basic`] or a file and change what a test needs; the whole is checked when
/// the emulator starts. `emulator/worlds/basic.toml` shows every key with a comment.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// The name in the banner.
    #[serde(default)]
    pub name: String,
    /// Name of the application the ready line and `env` show; default: the first with a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_app: Option<String>,
    /// Tenants (`[[tenant]]`).
    #[serde(default, rename = "tenant")]
    pub tenants: Vec<Tenant>,
    /// Application registrations (`[[app]]`).
    #[serde(default, rename = "app")]
    pub apps: Vec<App>,
    /// Users (`[[user]]`).
    #[serde(default, rename = "user")]
    pub users: Vec<User>,
    /// Delegated permissions consented to (`[[consent]]`).
    #[serde(default, rename = "consent")]
    pub consents: Vec<Consent>,
    /// Other token services whose tokens federated credentials trust (`[[issuer]]`).
    #[serde(default, rename = "issuer")]
    pub issuers: Vec<Issuer>,
    /// Pods of Kubernetes clusters (`[[workload]]`).
    #[serde(default, rename = "workload")]
    pub workloads: Vec<Workload>,
    /// Jobs of Azure Pipelines (`[[pipeline]]`).
    #[serde(default, rename = "pipeline")]
    pub pipelines: Vec<Pipeline>,
    /// Jobs of GitHub Actions (`[[workflow]]`).
    #[serde(default, rename = "workflow")]
    pub workflows: Vec<Workflow>,
    /// Devices that poll faster than they were told get `slow_down`; the real service seldom minds.
    #[serde(default)]
    pub device_slow_down: bool,
    /// How often a client may ask for the same token of the same user within two minutes before it
    /// is taken for a loop, AADSTS50196; default: as often as it likes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loop_limit: Option<u32>,
    /// Managed identities (`[[managed_identity]]`).
    #[serde(default, rename = "managed_identity")]
    pub managed_identities: Vec<ManagedIdentity>,
    /// Managed identity hosts and what is assigned to them (`[host.…]`).
    #[serde(default, rename = "host")]
    pub hosts: Hosts,
    /// Scripted answers in place from the start (`[[script]]`): rules, or `preset = "…"`.
    #[serde(
        default,
        rename = "script",
        skip_serializing,
        deserialize_with = "Rules::list"
    )]
    pub scripts: Vec<Rule>,
}

impl World {
    /// Certificate and private key of the application `daemon` of [`World::basic`], in PEM.
    pub const DAEMON_PEM: &str = include_str!("../../worlds/daemon.pem");

    /// The built-in world; its ids and secrets never change.
    pub fn basic() -> Self {
        Self::from_toml(include_str!("../../worlds/basic.toml"), "basic.toml")
            .expect("the built-in world is well formed")
    }

    /// Reads a world; `name` is what errors call it, usually the file's name.
    ///
    /// # Errors
    /// A key that does not exist (with its line and the keys that do), a wrong type, or a reference
    /// to something that is not there.
    pub fn from_toml(text: &str, name: &str) -> Result<Self, ConfigError> {
        let world: Self = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let line = text
                .bytes()
                .take(start)
                .filter(|byte| *byte == b'\n')
                .count()
                + 1;
            ConfigError::new(format!(
                "{name}, line {line}: {}",
                one_line(error.message())
            ))
        })?;
        world
            .check()
            .map_err(|problem| ConfigError::new(format!("{name}: {problem}")))?;
        Ok(world)
    }

    /// Reads a world from a file.
    ///
    /// # Errors
    /// As [`from_toml`](Self::from_toml), and if the file cannot be read.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            ConfigError::new(format!("cannot read {}: {error}", path.display()))
        })?;
        Self::from_toml(&text, &path.display().to_string())
    }

    /// Refuses what contradicts itself or refers to nothing.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        check::check(self).map_err(ConfigError::new)
    }

    /// The application shown to people and scripts, with the first of its secrets.
    pub(crate) fn showcase(&self) -> Option<&App> {
        match &self.default_app {
            Some(name) => self.apps.iter().find(|app| app.name == *name),
            None => self.apps.iter().find(|app| !app.secrets.is_empty()),
        }
    }
}

fn one_line(message: &str) -> String {
    message
        .split('\n')
        .map(str::trim)
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        World::from_toml(text, "world.toml")
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_typo_names_the_key_the_line_and_the_valid_keys() {
        let text = "[[tenant]]\nname = \"a\"\nid = \"aaaaaaaa-0000-4000-8000-000000000001\"\ndomain = []\n";
        let refusal = refusal(text);
        for part in ["world.toml, line 4", "`domain`", "`domains`", "`region`"] {
            assert!(refusal.contains(part), "{part} is missing in: {refusal}");
        }
        assert!(!refusal.contains('\n'), "{refusal}");
    }

    #[test]
    fn a_reference_to_nothing_is_refused_by_name() {
        let refusal = refusal(
            "[[app]]\nname = \"a\"\ntenant = \"nowhere\"\nclient_id = \"bbbbbbbb-0000-4000-8000-000000000001\"\n",
        );
        assert!(
            refusal.contains("nowhere") && refusal.contains("app `a`"),
            "{refusal}"
        );
    }

    #[test]
    fn the_debug_of_a_world_shows_no_secret() {
        assert!(!format!("{:?}", World::basic()).contains("secret-for-tests-only"));
    }

    #[test]
    fn a_moment_that_is_none_says_what_one_looks_like() {
        let refusal = refusal(
            "[[tenant]]\nname=\"a\"\nid=\"aaaaaaaa-0000-4000-8000-000000000001\"\ncreated=\"soon\"\n",
        );
        assert!(
            refusal.contains("line 4") && refusal.contains("2030-01-01"),
            "{refusal}"
        );
    }
}
