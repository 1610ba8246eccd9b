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
//! All blocking credentials share one runtime with one thread (`identity-blocking`). It starts with
//! the first call and runs until the program ends, so that connections are kept between calls,
//! tokens are refreshed in the background, and a credential may be dropped on any thread.

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
/// It wraps any credential, an `Arc<dyn TokenCredential>` included, and has that credential's cache
/// and errors. Threads may use it at the same time by reference: calls for the same token share one
/// request. A token that is still fresh is returned at once, on the calling thread.
#[derive(Clone, Debug)]
pub struct BlockingCredential<C>(C);

impl<C: TokenCredential> BlockingCredential<C> {
    /// Wraps `credential` for programs without an async runtime.
    pub const fn new(credential: C) -> Self {
        Self(credential)
    }

    /// Returns the wrapped credential.
    pub fn into_inner(self) -> C {
        self.0
    }

    /// Returns a token for `scopes`, from the cache while it is fresh.
    ///
    /// # Errors
    /// See [`ErrorKind`]. `InvalidArgument` also on a thread of an async runtime (tokio's
    /// `spawn_blocking` included), because a blocked thread stops the runtime's other tasks: await
    /// the credential's own `get_token` there. `Transport` when the system cannot start a thread.
    pub fn get_token(&self, scopes: &[&str]) -> Result<AccessToken> {
        block_on(|| self.0.get_token(scopes))
    }

    /// Returns a token for `request`, from the cache while it is fresh.
    ///
    /// # Errors
    /// As [`BlockingCredential::get_token`].
    pub fn get_token_with(&self, request: &TokenRequest) -> Result<AccessToken> {
        block_on(|| self.0.get_token_with(request))
    }
}

impl<C: Authenticate> BlockingCredential<C> {
    /// Has a user sign in now, and returns the record of that user; see
    /// [`Authenticate::authenticate`].
    ///
    /// # Errors
    /// Those of [`Authenticate::authenticate`] and [`BlockingCredential::get_token`].
    pub fn authenticate(&self) -> Result<AuthenticationRecord> {
        block_on(|| self.0.authenticate())
    }

    /// Has a user sign in now for `request`, and returns the record of that user.
    ///
    /// # Errors
    /// As [`BlockingCredential::authenticate`].
    pub fn authenticate_with(&self, request: &TokenRequest) -> Result<AuthenticationRecord> {
        block_on(|| self.0.authenticate_with(request))
    }
}

/// Blocks until the call that `start` begins has ended, and returns its outcome.
fn block_on<'a, T>(start: impl FnOnce() -> BoxFuture<'a, Result<T>>) -> Result<T> {
    if Handle::try_current().is_ok() {
        return Err(Error::invalid(
            "a blocking credential was called on a thread of an async runtime. Await get_token of \
             the credential within, or call from a thread of your own",
        ));
    }
    let runtime = runtime()?.handle();
    // A token in the cache is ready at the first poll, which needs no other thread. While the guard
    // is alive the call finds the runtime's timers and sockets.
    let guard = runtime.enter();
    let mut call = start();
    let first = call.as_mut().poll(&mut Task::from_waker(Waker::noop()));
    drop(guard);
    match first {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => runtime.block_on(call),
    }
}

/// Returns the runtime that all blocking credentials share, and starts it for the first of them.
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
