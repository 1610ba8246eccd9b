//! Options of the default chain.

use std::time::Duration;

use crate::msi::{ImdsProbeOptions, ManagedIdentityId};
use crate::options::Options;

/// Options of a [`DefaultAzureCredential`](crate::DefaultAzureCredential).
#[derive(Clone, Debug, Default)]
pub struct DefaultAzureCredentialOptions {
    /// The names of members to leave out, such as `"ManagedIdentityCredential"`, in upper or lower
    /// case, whatever `AZURE_TOKEN_CREDENTIALS` selects.
    pub exclude: Vec<String>,
    /// The names of members to have in the chain, whatever `AZURE_TOKEN_CREDENTIALS` selects.
    pub include: Vec<String>,
    /// The client id of a user-assigned managed identity. `None`: the environment variable
    /// `AZURE_CLIENT_ID`, else the system-assigned identity; an empty text is always the latter.
    pub managed_identity_client_id: Option<String>,
    /// The user-assigned managed identity, by any of its ids. It takes precedence over
    /// [`managed_identity_client_id`](Self::managed_identity_client_id).
    pub managed_identity: Option<ManagedIdentityId>,
    /// The options of the check whether IMDS is there.
    pub imds_probe: ImdsProbeOptions,
    /// How long each developer tool may take; `None`, the default, is 10 s.
    pub process_timeout: Option<Duration>,
    /// The client id of a Kubernetes workload. `None`: `managed_identity_client_id`, else the
    /// environment variable `AZURE_CLIENT_ID`.
    pub workload_identity_client_id: Option<String>,
    /// The tenant of a Kubernetes workload. `None`: the environment variable `AZURE_TENANT_ID`.
    pub workload_identity_tenant_id: Option<String>,
    /// The name of the user whose tokens are taken from the cache that developer tools share.
    /// `None`: the environment variable `AZURE_USERNAME`, else the only user in the cache.
    pub shared_cache_username: Option<String>,
    /// The id of that user's home tenant. `None`: the environment variable `AZURE_TENANT_ID`.
    pub shared_cache_tenant_id: Option<String>,
    /// The tenant of the user of Visual Studio Code. `None`: the environment variable
    /// `AZURE_TENANT_ID`, else the one that user is signed in to.
    pub visual_studio_code_tenant_id: Option<String>,
    /// The client id of the public client that users sign in to in a browser. `None`: that of the
    /// Azure CLI.
    pub interactive_browser_client_id: Option<String>,
    /// The tenant of these users. `None`: the environment variable `AZURE_TENANT_ID`, else
    /// `organizations`.
    pub interactive_browser_tenant_id: Option<String>,
    /// Whether creating the chain fails unless `AZURE_TOKEN_CREDENTIALS` is set, so that no machine
    /// uses a credential that was not chosen on purpose. Off by default.
    pub require_envvar: bool,
    /// The options that all credentials share. Every member gets them.
    pub options: Options,
}

impl DefaultAzureCredentialOptions {
    /// Whether the member of this name is left out, whatever else asks for it.
    pub(super) fn excludes(&self, name: &str) -> bool {
        listed(&self.exclude, name)
    }

    /// Whether the member of this name is kept, whatever the environment asks for.
    pub(super) fn includes(&self, name: &str) -> bool {
        listed(&self.include, name)
    }
}

fn listed(names: &[String], name: &str) -> bool {
    names.iter().any(|listed| listed.eq_ignore_ascii_case(name))
}
