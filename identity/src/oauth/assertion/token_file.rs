//! Assertions somebody else keeps in a file: Kubernetes renews a pod's token there.

use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::{self, BoxFuture, FutureExt};

use crate::context::{Context, WatchedFile};
use crate::error::{Error, Result};
use crate::isolation::ProofIdentity;
use crate::oauth::client_auth::Assertions;
use crate::oauth::endpoint::Endpoint;
use crate::secret::Secret;

/// Real ones have a few thousand bytes.
const LIMIT: u64 = 1 << 16;
/// The token lives an hour or more and is renewed at 80 % of that; where changes of a file cannot
/// be seen, ten minutes are soon enough.
const MAX_AGE: Duration = Duration::from_secs(600);

/// A file that holds a federated token.
#[derive(Debug)]
pub(crate) struct TokenFile(WatchedFile<Secret>);

impl TokenFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(WatchedFile::new(path, LIMIT))
    }

    fn problem(&self, what: &str) -> Error {
        Error::unavailable(format!(
            "WorkloadIdentityCredential authentication unavailable. The token file {} {what}. Is \
             the pod labelled azure.workload.identity/use: \"true\", and its service account \
             annotated?",
            self.0.path().display()
        ))
    }

    fn parse(&self, content: Vec<u8>) -> Result<Secret> {
        let text = Secret::new(String::from_utf8(content).unwrap_or_default());
        match text.expose().trim() {
            "" => Err(self.problem("is empty or not text")),
            token => Ok(Secret::new(token)),
        }
    }
}

impl Assertions for TokenFile {
    fn assertion<'a>(
        &'a self,
        _: &'a str,
        _: &'a Endpoint,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Secret>> {
        async move {
            let parse = |content| future::ready(self.parse(content));
            let loaded = self.0.load(context, MAX_AGE, parse);
            match loaded.await {
                Ok(token) => Ok(Secret::clone(&token)),
                Err(unread) => {
                    Err(unread
                        .into_error(|error| self.problem(&format!("cannot be read: {error}"))))
                }
            }
        }
        .boxed()
    }

    fn identity(&self) -> ProofIdentity {
        ProofIdentity::TokenFile(self.0.path().to_owned())
    }
}
