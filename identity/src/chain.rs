//! Chains: several credentials that are tried in order.

mod default;

use std::fmt;
use std::sync::{Arc, OnceLock};

pub use self::default::{DefaultAzureCredential, DefaultAzureCredentialOptions};
use crate::error::{Attempt, Error, ErrorKind, Result};
use crate::token::{AccessToken, TokenRequest};
use crate::token_credential::{TokenCredential, impl_token_credential};

/// Tries credentials in order and returns the first token.
///
/// A member that is unavailable is passed over. Any other error ends the search, so that a mistake
/// in one credential does not make the program act as another identity. The error lists every
/// member that was asked ([`Error::attempts`]): it is `CredentialUnavailable` when all are
/// unavailable, so that a chain of chains goes on, and otherwise of the kind of the error that
/// ended the search. By default every call begins with the first member: see
/// [`ChainedTokenCredentialOptions::remember_winner`].
///
/// Source:
/// <https://learn.microsoft.com/python/api/azure-identity/azure.identity.chainedtokencredential>.
#[derive(Clone, Debug)]
pub struct ChainedTokenCredential(Arc<Chain>);

/// Options of a [`ChainedTokenCredential`].
#[derive(Clone, Debug, Default)]
pub struct ChainedTokenCredentialOptions {
    /// Whether the first member that gave a token is the only one asked from then on, as in
    /// [`DefaultAzureCredential`]. Off by default.
    pub remember_winner: bool,
}

impl ChainedTokenCredential {
    /// Creates a chain of `members`, in this order.
    ///
    /// # Errors
    /// `InvalidArgument` when there are none.
    pub fn new(members: Vec<Arc<dyn TokenCredential>>) -> Result<Self> {
        Self::with_options(members, ChainedTokenCredentialOptions::default())
    }

    /// Creates a chain of `members` with `options`.
    ///
    /// # Errors
    /// As [`ChainedTokenCredential::new`].
    pub fn with_options(
        members: Vec<Arc<dyn TokenCredential>>,
        options: ChainedTokenCredentialOptions,
    ) -> Result<Self> {
        let members = members
            .into_iter()
            .map(|member| member.within_chain().unwrap_or(member))
            .collect();
        let chain = Chain::new("ChainedTokenCredential", members, options.remember_winner)?;
        Ok(Self(Arc::new(chain)))
    }
}

impl_token_credential!(ChainedTokenCredential, |this| this.0);

/// The members in order, and the search through them.
struct Chain {
    name: &'static str,
    members: Vec<Arc<dyn TokenCredential>>,
    remember_winner: bool,
    /// The index of the member that gave the first token, if it is to be remembered.
    winner: OnceLock<usize>,
}

impl Chain {
    fn new(
        name: &'static str,
        members: Vec<Arc<dyn TokenCredential>>,
        remember_winner: bool,
    ) -> Result<Self> {
        if members.is_empty() {
            return Err(Error::invalid(format!(
                "{name}: at least one credential is required"
            )));
        }
        Ok(Self {
            name,
            members,
            remember_winner,
            winner: OnceLock::new(),
        })
    }

    async fn get_token(&self, scopes: &[&str]) -> Result<AccessToken> {
        match self.winner() {
            Some(winner) => winner.get_token(scopes).await,
            // The search is boxed, so that the future of a warm call stays small.
            None => Box::pin(self.search(&TokenRequest::new(scopes)?)).await,
        }
    }

    async fn get_token_with(&self, request: &TokenRequest) -> Result<AccessToken> {
        match self.winner() {
            Some(winner) => winner.get_token_with(request).await,
            None => Box::pin(self.search(request)).await,
        }
    }

    fn winner(&self) -> Option<&dyn TokenCredential> {
        self.winner.get().map(|&index| &*self.members[index])
    }

    async fn search(&self, request: &TokenRequest) -> Result<AccessToken> {
        let mut attempts = Vec::new();
        for (index, member) in self.members.iter().enumerate() {
            match member.get_token_with(request).await {
                Ok(token) => {
                    self.acquired(index);
                    return Ok(token);
                }
                Err(error) => {
                    self.failed(index, &error);
                    let ends_search = error.kind() != ErrorKind::CredentialUnavailable;
                    attempts.push(Attempt::new(member.name(), error));
                    if ends_search {
                        break;
                    }
                }
            }
        }
        Err(failure(self.name, attempts))
    }

    /// Logs that a member gave no token, and why.
    fn failed(&self, index: usize, error: &Error) {
        let (chain, member) = (self.name, self.members[index].name());
        let kind = error.kind();
        tracing::debug!(name: "identity.chain.failed", chain, member, ?kind, %error, "no token");
    }

    /// Logs, and remembers if that is wanted, which member gave a token.
    fn acquired(&self, index: usize) {
        let (chain, member) = (self.name, self.members[index].name());
        tracing::debug!(name: "identity.chain.acquired", chain, member, "acquired a token");
        if self.remember_winner {
            self.winner.get_or_init(|| index);
        }
    }
}

/// Returns the error of a chain. Its text begins like that of the reference library, and its status
/// and codes are those of the error that ended the search.
fn failure(chain: &str, attempts: Vec<Attempt>) -> Error {
    let mut message = format!(
        "{chain} failed to retrieve a token from the included credentials.\nAttempted credentials:"
    );
    for attempt in &attempts {
        message.push_str(&format!("\n\t{}: {}", attempt.name(), attempt.error()));
    }
    let last = attempts.last();
    let last = last.filter(|last| last.error().kind() != ErrorKind::CredentialUnavailable);
    let error = match last {
        Some(last) => {
            message.push_str(&format!(
                "\n{} is set up here and failed: correct what its text says. Credentials after it \
                 were not asked, so that no other identity takes its place.",
                last.name()
            ));
            last.error().clone().restated(last.error().kind(), message)
        }
        None => {
            message.push_str(
                "\nTo mitigate this issue, set up one of the credentials above; the text after its \
                 name says what it misses.",
            );
            Error::unavailable(message)
        }
    };
    error.with_attempts(attempts)
}

/// Shows the names of the members and not all that is in them: that would be several pages.
impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members: Vec<_> = self.members.iter().map(|member| member.name()).collect();
        f.debug_struct("Chain")
            .field("members", &members)
            .field("winner", &self.winner().map(TokenCredential::name))
            .finish_non_exhaustive()
    }
}
