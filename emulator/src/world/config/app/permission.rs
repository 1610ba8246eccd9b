//! The permissions that applications expose, and those they have of others.

use serde::{Deserialize, Serialize};

/// A delegated permission that an application exposes.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Its value in `scp`, such as `Orders.Read`.
    pub value: String,
    /// Only an administrator may consent to it.
    #[serde(default)]
    pub admin_only: bool,
    /// The text on the consent page; default: the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// App roles of a resource, granted to an application.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RoleGrant {
    /// Name of the application that defines the roles.
    pub resource: String,
    /// The roles, all defined there.
    pub roles: Vec<String>,
}

/// Delegated permissions of a resource that an application needs.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// Name of the application that exposes them, or a name of one of Microsoft's resources.
    pub resource: String,
    /// Their values.
    pub scopes: Vec<String>,
}

/// A client that an application trusts without anybody's consent.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Preauthorized {
    /// Name of the client, or its id if it is Microsoft's own.
    pub client: String,
    /// The permissions it has.
    pub scopes: Vec<String>,
}
