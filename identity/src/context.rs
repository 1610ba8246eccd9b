//! The boundary to everything outside the library, behind one cloneable value.
//!
//! [`Context::system`] is the real machine; a test replaces the parts it wants to control:
//!
//! ```
//! use std::sync::Arc;
//! use identity::context::{Context, StaticEnv};
//!
//! let env = StaticEnv::from_iter([("AZURE_TENANT_ID", "contoso.example")]);
//! let context = Context { env: Arc::new(env), ..Context::system() };
//! ```

mod browser;
mod cached_file;
mod clock;
#[cfg(feature = "persistent-cache")]
mod encryption;
mod env;
mod files;
mod loopback;
mod processes;
#[cfg(feature = "reqwest")]
mod reqwest;
mod spawn;
mod terminal;
mod transport;
mod user_agent;

use std::sync::{Arc, Mutex};

pub use self::browser::{Browser, SystemBrowser};
pub(crate) use self::cached_file::CachedFile;
pub use self::clock::{Clock, SystemClock, VirtualClock};
#[cfg(feature = "persistent-cache")]
pub use self::encryption::{Encryption, NoEncryption, SystemEncryption};
pub use self::env::{Env, StaticEnv, SystemEnv};
pub use self::files::{FileLock, FileVersion, Files, SystemFiles};
pub use self::loopback::{BrowserRequest, Listener, Loopback, Page, PendingPage, SystemLoopback};
pub use self::processes::{Command, Output, Processes, SystemProcesses};
#[cfg(feature = "reqwest")]
pub use self::reqwest::{ReqwestTransport, ReqwestTransportBuilder};
pub use self::spawn::{Spawn, TokioSpawn};
pub use self::terminal::{SystemTerminal, Terminal};
pub use self::transport::{NoTransport, Request, Response, Tls, Transport};
pub(crate) use self::user_agent::Prefixed;
use crate::error::{Error, ErrorKind, Result};
use crate::sync::lock;
pub use crate::unix_time::UnixTime;

/// The ports through which the library reaches the machine and the network. Cheap to clone; each
/// port leads to the real machine unless it is replaced.
#[derive(Clone, Debug)]
pub struct Context {
    /// Sends HTTP requests.
    pub transport: Arc<dyn Transport>,
    /// Reads environment variables.
    pub env: Arc<dyn Env>,
    /// Reads files, and writes those of token caches.
    pub files: Arc<dyn Files>,
    /// Runs programs.
    pub processes: Arc<dyn Processes>,
    /// Opens web pages.
    pub browser: Arc<dyn Browser>,
    /// Listens for the answers that web pages send back.
    pub loopback: Arc<dyn Loopback>,
    /// Tells the user what to do.
    pub terminal: Arc<dyn Terminal>,
    /// Tells the time and waits.
    pub clock: Arc<dyn Clock>,
    /// Runs refreshes in the background.
    pub spawn: Arc<dyn Spawn>,
    /// Encrypts token caches.
    #[cfg(feature = "persistent-cache")]
    pub encryption: Arc<dyn Encryption>,
}

impl Context {
    /// Returns the ports of the real machine. All such contexts share one HTTP client. Without the
    /// feature `reqwest` there is no transport: set [`Context::transport`].
    pub fn system() -> Self {
        Self {
            transport: system_transport(),
            env: Arc::new(SystemEnv),
            files: Arc::new(SystemFiles),
            processes: Arc::new(SystemProcesses),
            browser: Arc::new(SystemBrowser),
            loopback: Arc::new(SystemLoopback),
            terminal: Arc::new(SystemTerminal),
            clock: Arc::new(SystemClock),
            spawn: Arc::new(TokioSpawn),
            #[cfg(feature = "persistent-cache")]
            encryption: Arc::new(SystemEncryption),
        }
    }

    /// Runs `work` where it keeps no other task waiting, and returns its result.
    ///
    /// # Errors
    /// `Transport` when the runtime is being shut down.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let result = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&result);
        let work = move || *lock(&*slot) = Some(work());
        self.spawn.compute(Box::new(work)).await;
        let result = lock(&*result).take();
        result.ok_or_else(|| {
            let text = "the runtime was shut down before an answer was there";
            Error::new(ErrorKind::Transport, text).with_transient(false)
        })
    }
}

impl Default for Context {
    fn default() -> Self {
        Self::system()
    }
}

#[cfg(feature = "reqwest")]
fn system_transport() -> Arc<dyn Transport> {
    Arc::new(ReqwestTransport::new())
}

#[cfg(not(feature = "reqwest"))]
fn system_transport() -> Arc<dyn Transport> {
    Arc::new(NoTransport)
}
