//! Managed identities of a world and the hosts they are assigned to.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One managed identity.
#[derive(Clone, Debug, Deserialize, Serialize)]
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
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// System-assigned.
    System,
    /// User-assigned.
    User,
}

/// The managed identity hosts of the world; a host without a table has no identity.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Hosts {
    /// Instance metadata service of a virtual machine (`[host.imds]`).
    #[serde(default)]
    pub imds: Host,
}

/// What is assigned to one host.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Names of managed identities; at most one system-assigned.
    #[serde(default)]
    pub identities: Vec<String>,
}
