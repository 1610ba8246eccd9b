//! The handle on a running emulator, and how to start one.

mod builder;
mod listeners;
#[cfg(test)]
mod memory;

use std::fmt;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::crypto::pki::Pki;
use crate::entra::app_state::{Addresses, SandboxError};
use crate::handle::instance::Instance;
use crate::handle::sandbox::Sandbox;
use crate::world::config::World;

pub use builder::{Builder, StartError};

/// A running emulator; it stops when it is dropped.
///
/// What it saw, its clock, its directory, sign-ins and the rest are those of the [`Instance`] that
/// it is.
#[must_use = "the emulator stops when it is dropped"]
pub struct Emulator {
    instance: Instance,
    world: Arc<World>,
    pki: Pki,
    addresses: Addresses,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
}

impl Emulator {
    /// An emulator of the world `basic` on free loopback ports, with a certificate authority, a
    /// signing key and a generator of its own, that keeps 10,000 journal entries.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Base URL of the HTTPS listener, such as `https://127.0.0.1:41233`.
    pub fn https(&self) -> &str {
        self.addresses.https()
    }

    /// Base URL of the plain HTTP listener, meant for managed identity hosts. As a proxy
    /// (`HTTPS_PROXY`, `HTTP_PROXY`) it answers for the hosts of the real service by their names.
    pub fn http(&self) -> &str {
        self.addresses.http()
    }

    /// Base URLs of all its listeners: [`https`](Self::https), [`http`](Self::http), and any more
    /// that were asked for.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.addresses.all()
    }

    /// The certificate authority to trust, in PEM.
    pub fn ca_pem(&self) -> &str {
        self.pki.ca_pem()
    }

    /// Returns the file with that certificate, if a folder for it was given.
    pub fn ca_file(&self) -> Option<&Path> {
        self.addresses.ca_file()
    }

    /// The world it started with; [`directory`](Instance::directory) has the present one.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Opens a sandbox: a world of its own on the same listeners, for one of several tests that
    /// share this emulator. It has everything `world` has, under ids of its own.
    ///
    /// # Errors
    /// As many sandboxes as there may be, or a world that contradicts itself.
    pub fn sandbox(&self, world: &World) -> Result<Sandbox, SandboxError> {
        let all = self.instance.state.sandboxes();
        let id = all.open(&self.instance.state, world)?;
        Ok(Sandbox::new(id, all).expect("nobody knows its id yet, to close it"))
    }

    /// Stops: no new connection is taken, and requests under way have two seconds to end.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        self.instance.state.journal().close();
        for server in self.servers.drain(..) {
            drop(server.await);
        }
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

impl Deref for Emulator {
    type Target = Instance;

    fn deref(&self) -> &Instance {
        &self.instance
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.instance.state.journal().close();
    }
}
