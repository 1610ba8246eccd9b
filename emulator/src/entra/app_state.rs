//! The state that all requests of one emulator share.

mod addresses;
mod making;
mod ready;
mod sandboxes;
mod service;
mod snapshot;

use std::sync::Arc;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::base::clock::{Clock, Setting};
use crate::base::random::Random;
use crate::base::store::Store;
use crate::crypto::issuer_keys::IssuerKeys;
use crate::crypto::keys::Keys;
use crate::crypto::pki::Pki;
use crate::entra::stores::Stores;
use crate::entra::stores::codes::AuthorizationCode;
use crate::entra::stores::device_codes::DeviceCodes;
use crate::entra::stores::flows::Flows;
use crate::entra::stores::refresh::RefreshToken;
use crate::entra::stores::revocations::Revocations;
use crate::entra::stores::sessions::Sessions;
use crate::script::Script;
use crate::state::arc_keys::ArcKeys;
use crate::state::invariant::History;
use crate::state::journal::{Journal, Mask};
use crate::state::live_directory::LiveDirectory;
use crate::state::managed_tokens::{IssuedToken, ManagedTokenKey};
use crate::state::scheduled_events::{ScheduledEvent, ScheduledEvents};

pub(crate) use addresses::Addresses;
pub(crate) use making::Parts;
pub use ready::{Ready, ShownSecret};
pub use sandboxes::SandboxError;
pub(crate) use sandboxes::Sandboxes;
pub(crate) use service::{Serve, Service};
pub(crate) use snapshot::Snapshot;

/// A handle on the one state; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct AppState(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    directory: LiveDirectory,
    keys: Keys,
    clock: Clock,
    first_clock: Setting,
    random: Random,
    aside: Random,
    journal: Journal,
    script: Script,
    history: History,
    managed_tokens: Store<ManagedTokenKey, Arc<IssuedToken>>,
    arc_keys: ArcKeys,
    scheduled_events: ScheduledEvents,
    pki: Pki,
    stores: Arc<Stores>,
    addresses: Addresses,
    sandboxes: Sandboxes,
}

impl AppState {
    pub(crate) fn snapshot(&self, now: OffsetDateTime) -> Snapshot {
        Snapshot {
            directory: self.0.directory.load(),
            now,
            stores: self.0.stores.clone(),
            keys: self.0.keys.clone(),
        }
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn addresses(&self) -> &Addresses {
        &self.0.addresses
    }

    pub(crate) fn sandboxes(&self) -> &Sandboxes {
        &self.0.sandboxes
    }

    /// Sets the clock as it was when the emulator started.
    pub(crate) fn reset_clock(&self) {
        self.0.clock.restore(self.0.first_clock);
    }

    pub(crate) fn random(&self) -> &Random {
        &self.0.random
    }

    /// For the ids of a request. How often somebody looks at the emulator itself must not change
    /// what clients get.
    pub(crate) fn ids(&self, controlling: bool) -> &Random {
        if controlling {
            &self.0.aside
        } else {
            &self.0.random
        }
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.0.journal
    }

    pub(crate) fn script(&self) -> &Script {
        &self.0.script
    }

    /// Returns the memory of the rules about repetition.
    pub(crate) fn history(&self) -> &History {
        &self.0.history
    }

    pub(crate) fn directory(&self) -> &LiveDirectory {
        &self.0.directory
    }

    pub(crate) fn mask(&self) -> Arc<Mask> {
        self.0.directory.mask()
    }

    /// Keeps what a sign-in agreed to and gives the code the client comes back with.
    pub(in crate::entra) fn issue_code(
        &self,
        code: AuthorizationCode,
        now: OffsetDateTime,
    ) -> String {
        self.0.stores.codes.issue(code, &self.0.random, now)
    }

    pub(in crate::entra) fn device_codes(&self) -> &DeviceCodes {
        &self.0.stores.device_codes
    }

    pub(in crate::entra) fn sessions(&self) -> &Sessions {
        &self.0.stores.sessions
    }

    pub(in crate::entra) fn flows(&self) -> &Flows {
        &self.0.stores.flows
    }

    /// The refresh token to give out.
    pub(in crate::entra) fn sealed(&self, token: &RefreshToken) -> String {
        self.0.stores.sealer.seal(token, &self.0.random)
    }

    pub(crate) fn revocations(&self) -> &Revocations {
        &self.0.stores.revocations
    }

    pub(crate) fn issuers(&self) -> &IssuerKeys {
        &self.0.stores.issuers
    }

    /// The URL of the issuer with this name.
    pub(in crate::entra) fn issuer_url(&self, name: &str) -> Option<String> {
        let directory = self.0.directory.load();
        let mut issuers = directory.world().issuers.iter();
        let found = issuers.find(|one| one.name.eq_ignore_ascii_case(name))?;
        Some(found.url.clone())
    }

    pub(crate) fn managed_tokens(&self) -> &Store<ManagedTokenKey, Arc<IssuedToken>> {
        &self.0.managed_tokens
    }

    pub(crate) fn arc_keys(&self) -> &ArcKeys {
        &self.0.arc_keys
    }

    pub(crate) fn scheduled_events(&self) -> &ScheduledEvents {
        &self.0.scheduled_events
    }

    /// Gives the id of the event.
    pub(crate) fn schedule_event(&self, event: ScheduledEvent) -> Uuid {
        let id = self.0.random.uuid();
        self.0
            .scheduled_events
            .schedule(event, id, self.0.clock.now());
        id
    }

    pub(crate) fn pki(&self) -> &Pki {
        &self.0.pki
    }
}
