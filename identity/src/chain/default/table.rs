//! The table of all members of the default chain.

use std::sync::Arc;

use super::options::DefaultAzureCredentialOptions;
use super::{deployed, tools, users};
use crate::error::Result;
use crate::token_credential::TokenCredential;

/// A possible member of the default chain.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) group: Group,
    pub(super) make: fn(&DefaultAzureCredentialOptions) -> Result<Arc<dyn TokenCredential>>,
}

/// The groups by which `AZURE_TOKEN_CREDENTIALS` selects members.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// Members for deployed programs.
    Prod,
    /// Members for developers' machines.
    Dev,
    /// Members that are in the chain only when they are named.
    Named,
}

/// All members, in the order in which they are asked. Exclusion, `AZURE_TOKEN_CREDENTIALS` and the
/// documentation follow this table.
pub(super) const MEMBERS: &[Member] = &[
    Member {
        name: "EnvironmentCredential",
        group: Group::Prod,
        make: deployed::environment,
    },
    Member {
        name: "WorkloadIdentityCredential",
        group: Group::Prod,
        make: deployed::workload_identity,
    },
    Member {
        name: "ManagedIdentityCredential",
        group: Group::Prod,
        make: deployed::managed_identity,
    },
    Member {
        name: "SharedTokenCacheCredential",
        group: Group::Dev,
        make: users::shared_token_cache,
    },
    Member {
        name: "VisualStudioCodeCredential",
        group: Group::Dev,
        make: users::visual_studio_code,
    },
    Member {
        name: "AzureCliCredential",
        group: Group::Dev,
        make: tools::azure_cli,
    },
    Member {
        name: "AzurePowerShellCredential",
        group: Group::Dev,
        make: tools::azure_powershell,
    },
    Member {
        name: "AzureDeveloperCliCredential",
        group: Group::Dev,
        make: tools::azure_developer_cli,
    },
    Member {
        name: "InteractiveBrowserCredential",
        group: Group::Named,
        make: users::interactive_browser,
    },
];

/// Returns the member of this name; upper and lower case do not matter.
pub(super) fn member(name: &str) -> Option<&'static Member> {
    MEMBERS
        .iter()
        .find(|member| member.name.eq_ignore_ascii_case(name))
}
