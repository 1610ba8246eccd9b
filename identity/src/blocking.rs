//! Credentials for programs without an async runtime.
//!
//! ```no_run
//! use identity::DefaultAzureCredential;
//! use identity::blocking::BlockingCredential;
//!
//! let credential = BlockingCredential::new(DefaultAzureCredential::new()?);
//! let token = credential.get_token(&["https://vault.azure.net/.default"])?;
//! println!("valid until {}", token.expires_on());
//! # Ok::<_, identity::Error>(())
//! ```
//!
//! All of them share one runtime with one thread of its own (`identity-blocking`), which starts
//! with the first call and stays: so connections are kept between calls, refreshes go on in the
//! background, and a credential may be dropped anywhere.

use std::io;
use std::sync::OnceLock;
use std::task::{Context as Task, Poll, Waker};

use futures_util::future::BoxFuture;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::authentication_record::AuthenticationRecord;
use crate::error::{Error, ErrorKind, Result};
use crate::token::{AccessToken, TokenRequest};
use crate::token_credential::TokenCredential;
use crate::user::authenticate::Authenticate;

/// A credential whose calls block until there is a token.
///
/// Wraps any credential, an `Arc<dyn TokenCredential>` included; cache, errors and all else are
/// those of the credential within. Threads may share it by reference, and share its requests as
/// async callers do. A token that is still fresh is given at once, on the calling thread.
#[derive(Clone, Debug)]
pub struct BlockingCredential<C>(C);

impl<C: TokenCredential> BlockingCredential<C> {
    /// `credential` for synchronous programs.
    pub const fn new(credential: C) -> Self {
        Self(credential)
    }

    /// The credential within.
    pub fn into_inner(self) -> C {
        self.0
    }

    /// A token for `scopes`, from the cache while it is fresh.
    ///
    /// # Errors
    /// See [`ErrorKind`]. `InvalidArgument` also on a thread of an async runtime
    /// (tokio's `spawn_blocking` included), which a blocked call would take away from its other
    /// tasks: await the credential's own `get_token` there. `Transport` when the system cannot
    /// start a thread.
    pub fn get_token(&self, scopes: &[&str]) -> Result<AccessToken> {
        finish(|| self.0.get_token(scopes))
    }

    /// A token for `request`, from the cache while it is fresh.
    ///
    /// # Errors
    /// As [`BlockingCredential::get_token`].
    pub fn get_token_with(&self, request: &TokenRequest) -> Result<AccessToken> {
        finish(|| self.0.get_token_with(request))
    }
}

impl<C: Authenticate> BlockingCredential<C> {
    /// Has a user sign in now, and says who it was; see [`Authenticate::authenticate`].
    ///
    /// # Errors
    /// As there, and as [`BlockingCredential::get_token`].
    pub fn authenticate(&self) -> Result<AuthenticationRecord> {
        finish(|| self.0.authenticate())
    }

    /// The same for `request`.
    ///
    /// # Errors
    /// As [`BlockingCredential::authenticate`].
    pub fn authenticate_with(&self, request: &TokenRequest) -> Result<AuthenticationRecord> {
        finish(|| self.0.authenticate_with(request))
    }
}

/// What the call `begin` makes comes to.
fn finish<'a, T>(begin: impl FnOnce() -> BoxFuture<'a, Result<T>>) -> Result<T> {
    if Handle::try_current().is_ok() {
        return Err(Error::invalid(
            "a blocking credential was called on a thread of an async runtime. Await get_token of \
             the credential within, or call from a thread of your own",
        ));
    }
    let runtime = runtime()?.handle();
    // The runtime's timers and connections are found through this guard; no thread is woken.
    let within = runtime.enter();
    let mut call = begin();
    let first = call.as_mut().poll(&mut Task::from_waker(Waker::noop()));
    drop(within);
    match first {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => runtime.block_on(call),
    }
}

fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<io::Result<Runtime>> = OnceLock::new();
    let started = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("identity-blocking")
            .enable_all()
            .build()
    });
    started.as_ref().map_err(|error| {
        let text = format!("the runtime of the blocking credentials did not start: {error}");
        Error::new(ErrorKind::Transport, text).with_transient(false)
    })
}
