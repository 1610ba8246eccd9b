//! The handle on one sandbox.

use std::fmt;
use std::path::Path;

use super::Sandboxes;
use crate::clock::Clock;
use crate::config::ConfigError;
use crate::federation::{Environment, Projection, ProjectionError, github, pipelines};
use crate::forge::{Forged, Forgery, forge};
use crate::host::IdentityHost;
use crate::journal::Journal;
use crate::keys::Keys;
use crate::live_directory::LiveDirectory;
use crate::script::Script;
use crate::sign_in::{SignInAnswer, SignInError, headless};
use crate::state::{AppState, Ready};

/// A world of its own on the listeners of an [`Emulator`](crate::Emulator), for one of several
/// tests that share it; it is gone when this is dropped.
///
/// It has its own directory, journal, script, clock and keys, and everything that requests leave
/// behind. Its tenants, applications, users and identities have the names and secrets of the world
/// it was made of, and ids of their own. A request belongs to it if its path starts with the id of
/// one of its tenants, or with `/_sandbox/{id}`, which [`ready`](Self::ready) has in its URLs.
#[must_use = "the sandbox is gone when it is dropped"]
pub struct Sandbox {
    id: String,
    state: AppState,
    all: Sandboxes,
}

impl Sandbox {
    /// Of a sandbox that is open.
    pub(crate) fn new(id: String, all: &Sandboxes) -> Option<Self> {
        let state = all.get(&id)?;
        let all = all.clone();
        Some(Self { id, state, all })
    }

    /// Its id: `/_emulator/sandboxes/{id}/…` has for it what `/_emulator/…` has for the emulator.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where it is, and its default application: `https` is the authority, as the emulator's is,
    /// and `http` where its managed identity hosts are.
    pub fn ready(&self) -> Ready {
        self.state.ready()
    }

    /// What was asked of it, and answered.
    pub fn journal(&self) -> &Journal {
        self.state.journal()
    }

    /// What it will answer instead of the truth.
    pub fn script(&self) -> &Script {
        self.state.script()
    }

    /// The time it lives by: at first that of the emulator, and moved on its own.
    pub fn clock(&self) -> &Clock {
        self.state.clock()
    }

    /// The keys it signs tokens with: at first that of the emulator, and rotated on their own.
    pub fn keys(&self) -> &Keys {
        self.state.keys()
    }

    /// Its directory.
    pub fn directory(&self) -> &LiveDirectory {
        self.state.directory()
    }

    /// As [`Emulator::forge`](crate::Emulator::forge).
    ///
    /// # Errors
    /// As there.
    pub async fn forge(&self, order: &Forgery) -> Result<Forged, ConfigError> {
        forge(&self.state, order, &self.ready().https).await
    }

    /// As [`Emulator::sign_in`](crate::Emulator::sign_in).
    ///
    /// # Errors
    /// As there.
    pub async fn sign_in(&self, url: &str, user: &str) -> Result<SignInAnswer, SignInError> {
        headless::sign_in(&self.state, url, user).await
    }

    /// As [`Emulator::approve_device`](crate::Emulator::approve_device).
    ///
    /// # Errors
    /// As there.
    pub async fn approve_device(&self, user_code: &str, user: &str) -> Result<(), SignInError> {
        headless::approve_device(&self.state, user_code, user).await
    }

    /// As [`Emulator::decline_device`](crate::Emulator::decline_device).
    ///
    /// # Errors
    /// As there.
    pub fn decline_device(&self, user_code: &str) -> Result<(), SignInError> {
        headless::decline_device(&self.state, user_code)
    }

    /// As [`Emulator::environment`](crate::Emulator::environment).
    pub fn environment(&self, host: IdentityHost) -> Environment {
        self.state.environment(host)
    }

    /// As [`Emulator::project`](crate::Emulator::project).
    ///
    /// # Errors
    /// As there.
    pub async fn project(
        &self,
        workload: &str,
        folder: impl AsRef<Path>,
    ) -> Result<Projection, ProjectionError> {
        Projection::start(&self.state, workload, folder.as_ref()).await
    }

    /// As [`Emulator::pipeline_environment`](crate::Emulator::pipeline_environment).
    ///
    /// # Errors
    /// As there.
    pub fn pipeline_environment(&self, pipeline: &str) -> Result<Environment, ConfigError> {
        pipelines::environment(&self.state, pipeline)
    }

    /// As [`Emulator::workflow_environment`](crate::Emulator::workflow_environment).
    ///
    /// # Errors
    /// As there.
    pub fn workflow_environment(&self, workflow: &str) -> Result<Environment, ConfigError> {
        github::environment(&self.state, workflow)
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.all.close(&self.id);
    }
}
