//! Wrappers of members of the default chain.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::{self, BoxFuture, FutureExt};

use crate::error::{Error, ErrorKind, Result};
use crate::token::{AccessToken, TokenRequest};
use crate::token_credential::TokenCredential;

/// A member that could not be created. It returns the error when a token is requested, because
/// other members before it may give one.
#[derive(Debug)]
pub(super) struct Misconfigured {
    name: &'static str,
    error: Error,
}

impl Misconfigured {
    pub(super) fn member(name: &'static str, error: Error) -> Arc<dyn TokenCredential> {
        Arc::new(Self { name, error })
    }
}

impl TokenCredential for Misconfigured {
    fn name(&self) -> &str {
        self.name
    }

    fn get_token_with<'a>(&'a self, _: &'a TokenRequest) -> BoxFuture<'a, Result<AccessToken>> {
        future::ready(Err(self.error.clone())).boxed()
    }
}

/// A member whose errors only make it unavailable until it has given a token: a developer has many
/// tools and is signed in to some of them.
#[derive(Debug)]
pub(super) struct Optional {
    member: Arc<dyn TokenCredential>,
    /// Whether the member has given a token. Its errors are then returned as they are.
    has_succeeded: AtomicBool,
}

impl Optional {
    pub(super) fn new(member: Arc<dyn TokenCredential>) -> Self {
        Self {
            member,
            has_succeeded: AtomicBool::new(false),
        }
    }

    /// Asks the member, and makes any error `CredentialUnavailable`.
    async fn try_member(&self, request: &TokenRequest) -> Result<AccessToken> {
        let outcome = self.member.get_token_with(request).await;
        outcome
            .inspect(|_| self.has_succeeded.store(true, Ordering::Relaxed))
            .map_err(|error| match error.kind() {
                // A bug says nothing of what the developer is signed in to: it ends the search.
                ErrorKind::Panicked => error,
                _ => {
                    let message = error.to_string();
                    error.restated(ErrorKind::CredentialUnavailable, message)
                }
            })
    }
}

impl TokenCredential for Optional {
    fn name(&self) -> &str {
        self.member.name()
    }

    fn get_token_with<'a>(
        &'a self,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken>> {
        match self.has_succeeded.load(Ordering::Relaxed) {
            true => self.member.get_token_with(request),
            false => self.try_member(request).boxed(),
        }
    }

    fn get_token<'a>(&'a self, scopes: &'a [&'a str]) -> BoxFuture<'a, Result<AccessToken>> {
        match self.has_succeeded.load(Ordering::Relaxed) {
            true => self.member.get_token(scopes),
            false => async move { self.try_member(&TokenRequest::new(scopes)?).await }.boxed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_after(kind: ErrorKind) -> ErrorKind {
        let member = Misconfigured::member("Member", Error::new(kind, "no"));
        let member = Optional::new(member);
        let outcome = member.get_token(&["s"]).now_or_never().expect("no waiting");
        outcome.expect_err("it has no token").kind()
    }

    #[test]
    fn a_failure_of_a_developers_tool_lets_the_chain_go_on_and_a_panic_does_not() {
        let unavailable = ErrorKind::CredentialUnavailable;
        assert_eq!(kind_after(ErrorKind::ClientAuthentication), unavailable);
        assert_eq!(kind_after(ErrorKind::Panicked), ErrorKind::Panicked);
    }
}
