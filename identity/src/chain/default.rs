//! The chain that works unchanged on a developer's machine and in Azure.

mod member;
mod users;

use std::sync::Arc;
use std::time::Duration;

use self::member::{Misconfigured, Optional};
use super::Chain;
use crate::credential::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, AzurePowerShellCredential,
    AzurePowerShellCredentialOptions, EnvironmentCredential, EnvironmentCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};
use crate::error::{Error, Result};
use crate::msi::ManagedIdentityId;
use crate::options::Options;
use crate::token_credential::{TokenCredential, faces};

/// Authenticates with the first of these that is available:
///
/// | member | group |
/// |---|---|
/// | `EnvironmentCredential` | prod |
/// | `WorkloadIdentityCredential` | prod |
/// | `ManagedIdentityCredential` | prod |
/// | `SharedTokenCacheCredential` | dev |
/// | `VisualStudioCodeCredential` | dev |
/// | `AzureCliCredential` | dev |
/// | `AzurePowerShellCredential` | dev |
/// | `AzureDeveloperCliCredential` | dev |
/// | `InteractiveBrowserCredential` | only when it is named or included |
///
/// The environment variable `AZURE_TOKEN_CREDENTIALS` (`dev`, `prod`, or a member's name; in any
/// case) narrows the chain; [`exclude`](DefaultAzureCredentialOptions::exclude) and
/// [`include`](DefaultAzureCredentialOptions::include) go above it. Order and errors are those of
/// [`ChainedTokenCredential`](crate::ChainedTokenCredential), except that the member that first
/// gave a token is the only one asked from then on.
///
/// What is malformed in a member's environment is its error when a token is asked for: the search
/// ends there and says so. The others never end the search: until one of them has
/// given a token, whatever goes wrong with it makes it unavailable.
///
/// The tenant of a request reaches every member; one the environment's application may not ask for
/// ends the search. Where nothing is configured and nothing answers, a call fails within 1.1 s.
///
/// Source: <https://learn.microsoft.com/python/api/azure-identity/azure.identity.defaultazurecredential>.
#[derive(Clone, Debug)]
pub struct DefaultAzureCredential(Arc<Chain>);

/// Options of a [`DefaultAzureCredential`].
#[derive(Clone, Debug, Default)]
pub struct DefaultAzureCredentialOptions {
    /// Members left out, by name (`"ManagedIdentityCredential"`, in any case), whatever
    /// `AZURE_TOKEN_CREDENTIALS` says.
    pub exclude: Vec<String>,
    /// Members kept, by name, whatever `AZURE_TOKEN_CREDENTIALS` says.
    pub include: Vec<String>,
    /// The client id of a user-assigned managed identity. `None`: the environment variable
    /// `AZURE_CLIENT_ID`, else the system-assigned identity; an empty text is always the latter.
    pub managed_identity_client_id: Option<String>,
    /// A user-assigned managed identity by any of its ids; goes above
    /// [`managed_identity_client_id`](Self::managed_identity_client_id).
    pub managed_identity: Option<ManagedIdentityId>,
    /// How long each developer tool may take; `None`, the default, is 10 s.
    pub process_timeout: Option<Duration>,
    /// The client id of a Kubernetes workload. `None`: `managed_identity_client_id`, else the
    /// environment variable `AZURE_CLIENT_ID`.
    pub workload_identity_client_id: Option<String>,
    /// The tenant of a Kubernetes workload. `None`: the environment variable `AZURE_TENANT_ID`.
    pub workload_identity_tenant_id: Option<String>,
    /// The name of the user whose tokens are taken from the cache that developer tools share.
    /// `None`: the environment variable `AZURE_USERNAME`, else whoever is the only one there.
    pub shared_cache_username: Option<String>,
    /// The id of that user's home tenant. `None`: the environment variable `AZURE_TENANT_ID`.
    pub shared_cache_tenant_id: Option<String>,
    /// The tenant of the user of Visual Studio Code. `None`: the environment variable
    /// `AZURE_TENANT_ID`, else the one that user is signed in to.
    pub visual_studio_code_tenant_id: Option<String>,
    /// The public client users sign in to in a browser; see
    /// [`InteractiveBrowserCredentialOptions::client_id`](crate::InteractiveBrowserCredentialOptions::client_id).
    pub interactive_browser_client_id: Option<String>,
    /// The tenant of these users. `None`: the environment variable `AZURE_TENANT_ID`, else
    /// `organizations`.
    pub interactive_browser_tenant_id: Option<String>,
    /// Refuse to work unless `AZURE_TOKEN_CREDENTIALS` is set, so that no machine runs on a
    /// credential nobody chose. Off by default.
    pub require_envvar: bool,
    /// What every credential can be told; all members get it.
    pub options: Options,
}

/// A possible member: everything that has to be known about one.
struct Member {
    name: &'static str,
    group: Group,
    make: fn(&DefaultAzureCredentialOptions) -> Result<Arc<dyn TokenCredential>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    /// For deployed programs.
    Prod,
    /// For developers' machines.
    Dev,
    /// For nobody who did not ask for it.
    Named,
}

/// In order. Exclusion, `AZURE_TOKEN_CREDENTIALS` and the documentation follow this table.
const MEMBERS: &[Member] = &[
    Member {
        name: "EnvironmentCredential",
        group: Group::Prod,
        make: environment,
    },
    Member {
        name: "WorkloadIdentityCredential",
        group: Group::Prod,
        make: workload_identity,
    },
    Member {
        name: "ManagedIdentityCredential",
        group: Group::Prod,
        make: managed_identity,
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
        make: azure_cli,
    },
    Member {
        name: "AzurePowerShellCredential",
        group: Group::Dev,
        make: azure_powershell,
    },
    Member {
        name: "AzureDeveloperCliCredential",
        group: Group::Dev,
        make: azure_developer_cli,
    },
    Member {
        name: "InteractiveBrowserCredential",
        group: Group::Named,
        make: users::interactive_browser,
    },
];

const SELECTION: &str = "AZURE_TOKEN_CREDENTIALS";

impl DefaultAzureCredential {
    /// The chain with its defaults.
    ///
    /// # Errors
    /// As [`DefaultAzureCredential::with_options`].
    pub fn new() -> Result<Self> {
        Self::with_options(DefaultAzureCredentialOptions::default())
    }

    /// The same, with options.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed option, a name that is no member's, a bad
    /// `AZURE_TOKEN_CREDENTIALS`, or when nothing is left of the chain.
    pub fn with_options(options: DefaultAzureCredentialOptions) -> Result<Self> {
        options.options.authority()?;
        let selection = Selection::read(&options)?;
        let members = MEMBERS
            .iter()
            .filter(|member| selection.keeps(member, &options));
        let members = members.map(|member| {
            let made = (member.make)(&options)
                .unwrap_or_else(|error| Misconfigured::member(member.name, error));
            // Somebody who names one member means it: it need not find out whether it is there.
            let probes = !matches!(selection, Selection::One(_));
            let made = made.within_chain().filter(|_| probes).unwrap_or(made);
            match member.group {
                Group::Prod => made,
                Group::Dev | Group::Named => Arc::new(Optional::new(made)),
            }
        });
        let chain = Chain::new("DefaultAzureCredential", members.collect(), true)?;
        Ok(Self(Arc::new(chain)))
    }
}

faces!(DefaultAzureCredential, |this| this.0);

/// What `AZURE_TOKEN_CREDENTIALS` asks for.
enum Selection {
    All,
    Group(Group),
    One(&'static str),
}

impl Selection {
    fn read(options: &DefaultAzureCredentialOptions) -> Result<Self> {
        for name in options.exclude.iter().chain(&options.include) {
            member(name).ok_or_else(|| unknown("member", name))?;
        }
        let value = options.options.env().var(SELECTION).unwrap_or_default();
        let value = value.trim().to_lowercase();
        match &*value {
            "" if options.require_envvar => Err(Error::invalid(format!(
                "{SELECTION} environment variable is required but is not set or is empty. {}",
                valid_values()
            ))),
            "" => Ok(Self::All),
            "dev" => Ok(Self::Group(Group::Dev)),
            "prod" => Ok(Self::Group(Group::Prod)),
            name => match member(name) {
                Some(member) => Ok(Self::One(member.name)),
                None => Err(unknown(&format!("value for {SELECTION}"), name)),
            },
        }
    }

    fn keeps(&self, member: &Member, options: &DefaultAzureCredentialOptions) -> bool {
        if listed(&options.exclude, member.name) {
            return false;
        }
        let selected = match self {
            Self::All => member.group != Group::Named,
            Self::Group(group) => *group == member.group,
            Self::One(name) => *name == member.name,
        };
        selected || listed(&options.include, member.name)
    }
}

fn listed(names: &[String], name: &str) -> bool {
    names.iter().any(|listed| listed.eq_ignore_ascii_case(name))
}

fn member(name: &str) -> Option<&'static Member> {
    MEMBERS
        .iter()
        .find(|member| member.name.eq_ignore_ascii_case(name))
}

fn unknown(what: &str, value: &str) -> Error {
    Error::invalid(format!("Invalid {what}: {value}. {}", valid_values()))
}

fn valid_values() -> String {
    let mut names: Vec<_> = MEMBERS
        .iter()
        .map(|member| member.name.to_lowercase())
        .collect();
    names.sort();
    format!("Valid values are: dev, prod, {}.", names.join(", "))
}

fn environment(options: &DefaultAzureCredentialOptions) -> Result<Arc<dyn TokenCredential>> {
    let options = EnvironmentCredentialOptions {
        options: options.options.clone(),
    };
    Ok(Arc::new(EnvironmentCredential::with_options(options)?))
}

fn workload_identity(options: &DefaultAzureCredentialOptions) -> Result<Arc<dyn TokenCredential>> {
    let given = [
        &options.workload_identity_client_id,
        &options.managed_identity_client_id,
    ];
    let client_id = given.into_iter().flatten().find(|id| !id.is_empty());
    let options = WorkloadIdentityCredentialOptions {
        client_id: client_id.cloned(),
        tenant_id: options.workload_identity_tenant_id.clone(),
        options: options.options.clone(),
        ..Default::default()
    };
    Ok(Arc::new(WorkloadIdentityCredential::with_options(options)?))
}

fn managed_identity(options: &DefaultAzureCredentialOptions) -> Result<Arc<dyn TokenCredential>> {
    let identity = options.managed_identity.clone().or_else(|| {
        let given = options.managed_identity_client_id.clone();
        let client_id = given.or_else(|| options.options.env().non_empty("AZURE_CLIENT_ID"));
        let client_id = client_id.filter(|id| !id.is_empty());
        client_id.map(ManagedIdentityId::ClientId)
    });
    let unwanted = listed(&options.exclude, "WorkloadIdentityCredential");
    let options = options.options.clone();
    let options = ManagedIdentityCredentialOptions { identity, options };
    // Whoever excludes workload identity means it, by whatever way it would come.
    Ok(Arc::new(match unwanted {
        true => ManagedIdentityCredential::of_host(options)?,
        false => ManagedIdentityCredential::with_options(options)?,
    }))
}

fn azure_cli(options: &DefaultAzureCredentialOptions) -> Result<Arc<dyn TokenCredential>> {
    let defaults = AzureCliCredentialOptions::default();
    let options = AzureCliCredentialOptions {
        process_timeout: options.process_timeout.unwrap_or(defaults.process_timeout),
        options: options.options.clone(),
        ..defaults
    };
    Ok(Arc::new(AzureCliCredential::with_options(options)?))
}

fn azure_powershell(options: &DefaultAzureCredentialOptions) -> Result<Arc<dyn TokenCredential>> {
    let defaults = AzurePowerShellCredentialOptions::default();
    let options = AzurePowerShellCredentialOptions {
        process_timeout: options.process_timeout.unwrap_or(defaults.process_timeout),
        options: options.options.clone(),
        ..defaults
    };
    Ok(Arc::new(AzurePowerShellCredential::with_options(options)?))
}

fn azure_developer_cli(
    options: &DefaultAzureCredentialOptions,
) -> Result<Arc<dyn TokenCredential>> {
    let defaults = AzureDeveloperCliCredentialOptions::default();
    let options = AzureDeveloperCliCredentialOptions {
        process_timeout: options.process_timeout.unwrap_or(defaults.process_timeout),
        options: options.options.clone(),
        ..defaults
    };
    Ok(Arc::new(AzureDeveloperCliCredential::with_options(
        options,
    )?))
}

#[cfg(test)]
mod tests;
