//! The world a run starts from: what `world.toml` says, as data.

mod check;

use std::path::Path;

use serde::{Deserialize, Deserializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use crate::script::Rule;
use crate::secret::Secret;

/// Tenants, applications, managed identities and scripted answers of one emulator.
///
/// Start from [`World::basic`] or a file and change what a test needs; the whole is checked when
/// the emulator starts. `emulator/worlds/basic.toml` shows every key with a comment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// What the banner calls it.
    #[serde(default)]
    pub name: String,
    /// Name of the application the ready line and `env` show; default: the first with a secret.
    #[serde(default)]
    pub default_app: Option<String>,
    /// Tenants (`[[tenant]]`).
    #[serde(default, rename = "tenant")]
    pub tenants: Vec<Tenant>,
    /// Application registrations (`[[app]]`).
    #[serde(default, rename = "app")]
    pub apps: Vec<App>,
    /// Managed identities (`[[managed_identity]]`).
    #[serde(default, rename = "managed_identity")]
    pub managed_identities: Vec<ManagedIdentity>,
    /// Managed identity hosts and what is assigned to them (`[host.…]`).
    #[serde(default, rename = "host")]
    pub hosts: Hosts,
    /// Scripted answers in place from the start (`[[script]]`).
    #[serde(default, rename = "script")]
    pub scripts: Vec<Rule>,
}

/// One directory.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// How applications and identities refer to it.
    pub name: String,
    /// Its name in error texts; default: `name`.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Its id.
    pub id: Uuid,
    /// Verified domains, any of which may stand for the id in a URL.
    #[serde(default)]
    pub domains: Vec<String>,
    /// `tenant_region_scope` of its discovery document; default "NA".
    #[serde(default = "north_america")]
    pub region: String,
    /// When it was made (claim `xms_tcdt`); default 2020-01-01.
    #[serde(default = "start_of_2020", deserialize_with = "moment")]
    pub created: OffsetDateTime,
}

/// One application registration with its service principals.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// How grants refer to it, and its name in error texts.
    pub name: String,
    /// Name of its home tenant.
    pub tenant: String,
    /// Names of further tenants that have a service principal of it.
    #[serde(default)]
    pub also_in: Vec<String>,
    /// Its application (client) id.
    pub client_id: Uuid,
    /// Object id of its service principal at home; default: derived from the client id, as the
    /// ids of its other service principals are.
    #[serde(default)]
    pub object_id: Option<Uuid>,
    /// A disabled application gets AADSTS7000112.
    #[serde(default)]
    pub disabled: bool,
    /// A public client may present no secret.
    #[serde(default)]
    pub public: bool,
    /// Client secrets (`[[app.secret]]`).
    #[serde(default, rename = "secret")]
    pub secrets: Vec<AppSecret>,
    /// Names by which it can be asked for as a resource; its client id always works.
    #[serde(default)]
    pub identifier_uris: Vec<String>,
    /// Version of the access tokens made for it as a resource: 1 (default) or 2.
    #[serde(default = "version_one")]
    pub access_token_version: u8,
    /// App roles it defines.
    #[serde(default)]
    pub roles: Vec<String>,
    /// App roles of other applications granted to it (`[[app.grant]]`).
    #[serde(default, rename = "grant")]
    pub grants: Vec<RoleGrant>,
}

/// One client secret of an application.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppSecret {
    /// The secret; must not be empty.
    pub value: Secret,
    /// From when on it is refused with AADSTS7000222; default: never.
    #[serde(default, deserialize_with = "some_moment")]
    pub expires: Option<OffsetDateTime>,
}

/// App roles of a resource, granted to an application.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleGrant {
    /// Name of the application that defines the roles.
    pub resource: String,
    /// The roles, all defined there.
    pub roles: Vec<String>,
}

/// One managed identity.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagedIdentity {
    /// How hosts refer to it.
    pub name: String,
    /// Whether it belongs to one machine or stands by itself.
    pub kind: IdentityKind,
    /// Name of its tenant.
    pub tenant: String,
    /// Its client id.
    pub client_id: Uuid,
    /// Object id of its service principal.
    pub object_id: Uuid,
    /// Azure resource id: of the machine (system-assigned) or of the identity (user-assigned).
    pub resource_id: String,
}

/// Kinds of managed identities.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// System-assigned.
    System,
    /// User-assigned.
    User,
}

/// The managed identity hosts of the world; a host without a table has no identity.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hosts {
    /// Instance metadata service of a virtual machine (`[host.imds]`).
    #[serde(default)]
    pub imds: Host,
}

/// What is assigned to one host.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Names of managed identities; at most one system-assigned.
    #[serde(default)]
    pub identities: Vec<String>,
}

/// Why a world was refused: one sentence that names the place and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl World {
    /// The built-in world; its ids and secrets never change.
    pub fn basic() -> Self {
        Self::from_toml(include_str!("../worlds/basic.toml"), "basic.toml")
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
            ConfigError(format!(
                "{name}, line {line}: {}",
                one_line(error.message())
            ))
        })?;
        world
            .check()
            .map_err(|problem| ConfigError(format!("{name}: {problem}")))?;
        Ok(world)
    }

    /// Reads a world from a file.
    ///
    /// # Errors
    /// As [`from_toml`](Self::from_toml), and if the file cannot be read.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError(format!("cannot read {}: {error}", path.display())))?;
        Self::from_toml(&text, &path.display().to_string())
    }

    /// Refuses what contradicts itself or refers to nothing.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        check::check(self).map_err(ConfigError)
    }

    /// The application shown to people and scripts, with the first of its secrets.
    pub(crate) fn showcase(&self) -> Option<&App> {
        match &self.default_app {
            Some(name) => self.apps.iter().find(|app| app.name == *name),
            None => self.apps.iter().find(|app| !app.secrets.is_empty()),
        }
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl ConfigError {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

fn one_line(message: &str) -> String {
    message
        .split('\n')
        .map(str::trim)
        .collect::<Vec<_>>()
        .join("; ")
}

fn north_america() -> String {
    "NA".to_owned()
}

fn start_of_2020() -> OffsetDateTime {
    time::macros::datetime!(2020-01-01 0:00 UTC)
}

fn version_one() -> u8 {
    1
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OffsetDateTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| {
        serde::de::Error::custom(format!(
            "`{text}` is no moment such as \"2030-01-01T00:00:00Z\""
        ))
    })
}

fn some_moment<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<OffsetDateTime>, D::Error> {
    moment(deserializer).map(Some)
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
