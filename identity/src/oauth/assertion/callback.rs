//! Client assertions that the program makes itself.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::{BoxFuture, FutureExt};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::isolation::ProofIdentity;
use crate::oauth::client_auth::{Assertions, ClientAuth};
use crate::oauth::endpoint::Endpoint;
use crate::secret::Secret;

/// A function that makes client assertions: signed JWTs in which an issuer that the tenant trusts
/// states that this program is the application.
///
/// It is called for every token request (not for tokens from the cache, and not again when a
/// connection broke), any number of times at once for different scopes. Its error is the
/// credential's; [`Error::new`] makes one.
///
/// ```
/// use identity::ClientAssertion;
///
/// let assertion = ClientAssertion::new(|| async { Ok(String::from("eyJ…")) });
/// ```
#[derive(Clone)]
pub struct ClientAssertion {
    make: Arc<dyn Fn() -> BoxFuture<'static, Result<String>> + Send + Sync>,
    /// Different in each, for functions cannot be compared. A clone keeps the number.
    number: u64,
}

impl ClientAssertion {
    /// Returns the assertions that `make` makes.
    pub fn new<F, A>(make: F) -> Self
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = Result<String>> + Send + 'static,
    {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            make: Arc::new(move || make().boxed()),
            // Relaxed: the numbers only have to differ.
            number: NEXT.fetch_add(1, Ordering::Relaxed),
        }
    }

    pub(crate) fn into_client_auth(self) -> ClientAuth {
        ClientAuth::Assertion(Arc::new(self))
    }
}

impl fmt::Debug for ClientAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientAssertion")
    }
}

impl Assertions for ClientAssertion {
    fn assertion<'a>(
        &'a self,
        _: &'a str,
        _: &'a Endpoint,
        _: &'a Context,
    ) -> BoxFuture<'a, Result<Secret>> {
        async {
            let assertion = Secret::new((self.make)().await?);
            // Assertions that were read from a file end with a line break.
            match assertion.expose().trim() {
                "" => Err(Error::rejected(
                    "the client assertion is empty: the function that makes it has to return a \
                     signed JWT, or an error",
                )),
                trimmed => Ok(Secret::new(trimmed)),
            }
        }
        .boxed()
    }

    fn identity(&self) -> ProofIdentity {
        ProofIdentity::Function(self.number)
    }
}
