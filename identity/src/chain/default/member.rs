//! Forms a member takes in the default chain.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::{self, BoxFuture, FutureExt};

use crate::error::{Error, ErrorKind, Result};
use crate::token::{AccessToken, TokenRequest};
use crate::token_credential::TokenCredential;

/// A member that could not be made; it says why when it is asked.
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

/// A member whose failures, until it first gives a token, only mean that it is not available: a
/// developer has many tools and is signed in to some.
#[derive(Debug)]
pub(super) struct Optional {
    member: Arc<dyn TokenCredential>,
    proven: AtomicBool,
}

impl Optional {
    pub(super) fn new(member: Arc<dyn TokenCredential>) -> Self {
        Self {
            member,
            proven: AtomicBool::new(false),
        }
    }

    async fn tried(&self, request: &TokenRequest) -> Result<AccessToken> {
        let outcome = self.member.get_token_with(request).await;
        outcome
            .inspect(|_| self.proven.store(true, Ordering::Relaxed))
            .map_err(|error| match error.kind() {
                // A bug says nothing of what the developer is signed in to: it ends the search.
                ErrorKind::Panicked => error,
                _ => {
                    let message = error.to_string();
                    error.retold(ErrorKind::CredentialUnavailable, message)
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
        match self.proven.load(Ordering::Relaxed) {
            true => self.member.get_token_with(request),
            false => self.tried(request).boxed(),
        }
    }

    fn get_token<'a>(&'a self, scopes: &'a [&'a str]) -> BoxFuture<'a, Result<AccessToken>> {
        match self.proven.load(Ordering::Relaxed) {
            true => self.member.get_token(scopes),
            false => async move { self.tried(&TokenRequest::new(scopes)?).await }.boxed(),
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
