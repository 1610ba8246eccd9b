//! The handle on a running emulator, and how to start one.

mod builder;
mod federation;
mod listeners;
#[cfg(test)]
mod memory;
mod people;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::config::{ConfigError, World};
use crate::forge::{Forged, Forgery, forge};
use crate::host::{IdentityHost, ScheduledEvent};
use crate::journal::Journal;
use crate::keys::Keys;
use crate::live_directory::LiveDirectory;
use crate::pki::Pki;
use crate::sandbox::{Sandbox, SandboxError};
use crate::script::Script;
use crate::sign_in::{SignInAnswer, SignInError, headless};
use crate::state::{Addresses, AppState, Ready};

pub use builder::{Builder, StartError};

/// A running emulator; it stops when it is dropped.
#[must_use = "the emulator stops when it is dropped"]
pub struct Emulator {
    state: AppState,
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

    /// Where that certificate was written, if a folder for it was given.
    pub fn ca_file(&self) -> Option<&Path> {
        self.addresses
            .trust
            .as_ref()
            .map(|files| files.ca.as_path())
    }

    /// What it saw and answered.
    pub fn journal(&self) -> &Journal {
        self.state.journal()
    }

    /// What it will answer instead of the truth.
    pub fn script(&self) -> &Script {
        self.state.script()
    }

    /// The time it lives by.
    pub fn clock(&self) -> &Clock {
        self.state.clock()
    }

    /// The keys it signs tokens with.
    pub fn keys(&self) -> &Keys {
        self.state.keys()
    }

    /// Makes a token that a validator must refuse, or one with any claims, and marks it in the
    /// journal as an entry of `emulator.forge`.
    ///
    /// # Errors
    /// An application, a tenant or a resource that is not in the directory.
    pub async fn forge(&self, order: &Forgery) -> Result<Forged, ConfigError> {
        forge(&self.state, order, self.https()).await
    }

    /// The variables a program on `host` finds in its environment, which is how SDKs learn where
    /// they run and whom to ask for tokens. Without a folder for
    /// [key files](Builder::arc_keys), Azure Arc's challenges cannot be met.
    pub fn environment(&self, host: IdentityHost) -> Vec<(&'static str, String)> {
        self.state.environment(host)
    }

    /// Announces maintenance at `/metadata/scheduledevents`, and gives the id of the event.
    pub fn schedule_event(&self, event: ScheduledEvent) -> String {
        self.state.schedule_event(event).to_string().to_uppercase()
    }

    /// The directory it answers from, to be read and changed while it runs.
    pub fn directory(&self) -> &LiveDirectory {
        self.state.directory()
    }

    /// The world it started with; [`directory`](Self::directory) has the present one.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Opens a sandbox: a world of its own on the same listeners, for one of several tests that share
    /// this emulator. It has everything `world` has, under ids of its own.
    ///
    /// # Errors
    /// As many sandboxes as there may be, or a world that contradicts itself.
    pub fn sandbox(&self, world: &World) -> Result<Sandbox, SandboxError> {
        let all = self.state.sandboxes();
        let id = all.open(&self.state, world)?;
        Ok(Sandbox::new(id, all).expect("nobody knows its id yet, to close it"))
    }

    /// Signs `user` in at the URL an application would open, as a browser that has never been there
    /// would: enters the password, approves a second factor, consents. Gives what the application
    /// gets, which may be an error of its own.
    ///
    /// # Errors
    /// What the last page said, if the sign-in ends on a page: an unknown application or user, a
    /// redirect URI that is not registered, a user who may not sign in.
    pub async fn sign_in(
        &self,
        authorize_url: &str,
        user: &str,
    ) -> Result<SignInAnswer, SignInError> {
        headless::sign_in(&self.state, authorize_url, user).await
    }

    /// Types the code that a device shows and lets the device in as `user`.
    ///
    /// # Errors
    /// A code that is unknown, late or decided on, or a user who may not sign in.
    pub async fn approve_device(&self, user_code: &str, user: &str) -> Result<(), SignInError> {
        headless::approve_device(&self.state, user_code, user).await
    }

    /// Sends the device with this code away.
    ///
    /// # Errors
    /// A code that is unknown, late or decided on.
    pub fn decline_device(&self, user_code: &str) -> Result<(), SignInError> {
        headless::decline_device(&self.state, user_code)
    }

    /// Its addresses and default application: what the binary prints when it is ready.
    pub fn ready(&self) -> Ready {
        self.state.ready()
    }

    /// Stops: no new connection is taken, and requests under way have two seconds to end.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        self.state.journal().close();
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

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.state.journal().close();
    }
}
