//! The credentials that find most of what they need on the driver's machine.

use serde::{Deserialize, Serialize};

/// The account that is signed in to a tool on the driver's PATH.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Tenant to ask the tool for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Tenants besides its own that it may be asked for; `*` is all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additionally_allowed_tenants: Vec<String>,
    /// How long the tool may take, in seconds; the library's default if missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_timeout_s: Option<u32>,
}

/// A workload of Kubernetes; members that are missing are in the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Tenant, by id or domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Application id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// File with the service account's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_file_path: Option<String>,
    /// Tenants besides its own that it may be asked for; `*` is all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additionally_allowed_tenants: Vec<String>,
    /// Whether to ask through the token proxy that the environment names.
    #[serde(default, skip_serializing_if = "crate::protocol::is_false")]
    pub token_proxy: bool,
    /// PEM file with the certificate authority to trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// Always true in a run.
    #[serde(default, skip_serializing_if = "crate::protocol::is_false")]
    pub disable_instance_discovery: bool,
}

/// A user who is signed in to other programs of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeveloperCache {
    /// The user's name, where several are signed in; for `shared_token_cache` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Tenant: the home of the user for `shared_token_cache`, the one to ask for
    /// `visual_studio_code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Tenants besides its own that it may be asked for; `*` is all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additionally_allowed_tenants: Vec<String>,
    /// The address of the authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// PEM file with the certificate authority to trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// Always true in a run.
    #[serde(default, skip_serializing_if = "crate::protocol::is_false")]
    pub disable_instance_discovery: bool,
}
