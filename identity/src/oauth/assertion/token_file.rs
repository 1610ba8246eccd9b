//! Client assertions from a file in which Kubernetes keeps a pod's token and renews it.

use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::{self, BoxFuture, FutureExt};

use crate::context::{CachedFile, Context};
use crate::error::{Error, Result};
use crate::isolation::ProofIdentity;
use crate::oauth::client_auth::Assertions;
use crate::oauth::endpoint::Endpoint;
use crate::secret::Secret;

/// The largest token file that is read, in bytes. Real ones have a few thousand.
const LIMIT: u64 = 1 << 16;
/// The age at which the file is read again where its changes cannot be seen. The token lives an
/// hour or more and is renewed at 80 % of that, so ten minutes are soon enough.
const MAX_AGE: Duration = Duration::from_secs(600);

/// A file that holds a federated token.
#[derive(Debug)]
pub(crate) struct TokenFile(CachedFile<Secret>);

impl TokenFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(CachedFile::new(path, LIMIT))
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
        // A file that is no text counts as empty: the advice for both is the same.
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
