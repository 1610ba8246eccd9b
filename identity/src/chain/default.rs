//! The default chain, which works unchanged on a developer's machine and in Azure.

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
use crate::msi::ImdsProbeOptions;
use crate::token_credential::impl_token_credential;

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
/// The environment variable `AZURE_TOKEN_CREDENTIALS` (`dev`, `prod`, or a member's name; in upper
/// or lower case) selects members; [`exclude`](DefaultAzureCredentialOptions::exclude) and
/// [`include`](DefaultAzureCredentialOptions::include) take precedence over it. Order and errors
/// are those of [`ChainedTokenCredential`](crate::ChainedTokenCredential), except that the member
/// that gave the first token is the only one asked from then on.
///
/// A malformed variable of a member of the group `prod` is that member's error when a token is
/// requested, and ends the search. Members of the group `dev` never end the search: until one of
/// them has given a token, each of its errors only makes it unavailable.
///
/// The tenant of a request is passed to every member. When the application in the environment is
/// not allowed to ask for that tenant, the search ends. Where nothing is configured and nothing
/// answers, a call fails within 1.1 s.
///
/// Source:
/// <https://learn.microsoft.com/python/api/azure-identity/azure.identity.defaultazurecredential>.
#[derive(Clone, Debug)]
pub struct DefaultAzureCredential(Arc<Chain>);

impl DefaultAzureCredential {
    /// Creates the chain with its defaults.
    ///
    /// # Errors
    /// As [`DefaultAzureCredential::with_options`].
    pub fn new() -> Result<Self> {
        Self::with_options(DefaultAzureCredentialOptions::default())
    }

    /// Creates the chain with `options`.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed option, a name that is no member's, a bad
    /// `AZURE_TOKEN_CREDENTIALS`, or when nothing is left of the chain.
    pub fn with_options(mut options: DefaultAzureCredentialOptions) -> Result<Self> {
        options.options.authority()?;
        let selection = Selection::read(&options)?;
        if !matches!(selection, Selection::Group(Group::Prod)) {
            // There are other members to go on to, and a developer waits.
            let answer_timeout = &mut options.imds_probe.answer_timeout;
            answer_timeout.get_or_insert(ImdsProbeOptions::SHORT_ANSWER);
        }
        let members = MEMBERS
            .iter()
            .filter(|member| selection.keeps(member, &options));
        let members = members.map(|member| {
            let made = (member.make)(&options)
                .unwrap_or_else(|error| Misconfigured::member(member.name, error));
            // A program that selects one member means it: there is no need to check first that the
            // member's host exists, as in a chain that has others to go on to.
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

impl_token_credential!(DefaultAzureCredential, |this| this.0);

#[cfg(test)]
mod tests;
