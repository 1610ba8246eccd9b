//! The chain that works unchanged on a developer's machine and in Azure.

mod deployed;
mod member;
mod options;
mod selection;
mod table;
mod tools;
mod users;

use std::sync::Arc;

use self::member::{Misconfigured, Optional};
pub use self::options::DefaultAzureCredentialOptions;
use self::selection::Selection;
use self::table::{Group, MEMBERS};
use super::Chain;
use crate::error::Result;
use crate::token_credential::faces;

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

#[cfg(test)]
mod tests;
