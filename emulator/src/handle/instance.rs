//! One world that is played: the emulator's own, or that of a sandbox.

mod federation;
mod people;

use std::fmt;

use crate::base::clock::Clock;
use crate::crypto::keys::Keys;
use crate::entra::app_state::{AppState, Ready};
use crate::entra::forge::{Forged, Forgery, forge};
use crate::hosts::IdentityHost;
use crate::hosts::federation::Environment;
use crate::script::Script;
use crate::state::journal::Journal;
use crate::state::live_directory::LiveDirectory;
use crate::state::scheduled_events::ScheduledEvent;
use crate::world::config::ConfigError;

/// A world that is played, and what a test sees of it and does to it: an
/// [`Emulator`](crate::Emulator) is one, and so is each [`Sandbox`](crate::Sandbox).
pub struct Instance {
    pub(in crate::handle) state: AppState,
}

impl Instance {
    pub(in crate::handle) fn new(state: AppState) -> Self {
        Self { state }
    }

    /// Returns the journal of its requests.
    pub fn journal(&self) -> &Journal {
        self.state.journal()
    }

    /// Returns the script that replaces its replies.
    pub fn script(&self) -> &Script {
        self.state.script()
    }

    /// The time it lives by: a sandbox at first by that of its emulator, and then by its own.
    pub fn clock(&self) -> &Clock {
        self.state.clock()
    }

    /// The keys it signs tokens with: of a sandbox at first that of its emulator, and rotated on
    /// their own.
    pub fn keys(&self) -> &Keys {
        self.state.keys()
    }

    /// The directory it answers from, to be read and changed while it runs.
    pub fn directory(&self) -> &LiveDirectory {
        self.state.directory()
    }

    /// Its addresses and default application: what the binary prints when it is ready. Of a
    /// sandbox, `https` is the authority as well, and `http` where its managed identity hosts are.
    pub fn ready(&self) -> Ready {
        self.state.ready()
    }

    /// Makes a token that a validator must refuse, or one with any claims, and marks it in the
    /// journal as an entry of `emulator.forge`.
    ///
    /// # Errors
    /// An application, a tenant or a resource that is not in the directory.
    pub async fn forge(&self, order: &Forgery) -> Result<Forged, ConfigError> {
        forge(&self.state, order).await
    }

    /// The variables a program on `host` finds in its environment, which is how SDKs learn where
    /// they run and whom to ask for tokens. Without a folder for
    /// [key files](crate::Builder::arc_keys), Azure Arc's challenges cannot be met.
    pub fn environment(&self, host: IdentityHost) -> Environment {
        host.environment(&self.state)
    }

    /// Announces maintenance at `/metadata/scheduledevents`, and gives the id of the event.
    pub fn schedule_event(&self, event: ScheduledEvent) -> String {
        self.state.schedule_event(event).to_string().to_uppercase()
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").finish_non_exhaustive()
    }
}
