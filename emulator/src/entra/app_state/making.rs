//! How a state is made: of the parts a builder gives, or beside another.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Addresses, AppState, Inner, Sandboxes, Serve};
use crate::base::clock::Clock;
use crate::base::random::Random;
use crate::base::store::Store;
use crate::crypto::issuer_keys::IssuerKeys;
use crate::crypto::keys::{Keys, SigningKey};
use crate::crypto::pki::Pki;
use crate::entra::stores::Stores;
use crate::entra::stores::codes::Codes;
use crate::entra::stores::device_codes::DeviceCodes;
use crate::entra::stores::flows::Flows;
use crate::entra::stores::loops::Loops;
use crate::entra::stores::refresh::Sealer;
use crate::entra::stores::revocations::Revocations;
use crate::entra::stores::sessions::Sessions;
use crate::script::Script;
use crate::state::arc_keys::ArcKeys;
use crate::state::invariant::History;
use crate::state::journal::Journal;
use crate::state::live_directory::LiveDirectory;
use crate::state::scheduled_events::ScheduledEvents;
use crate::world::config::World;

/// The parts of which a state is made.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) world: Arc<World>,
    pub(crate) key: SigningKey,
    /// Those of the seed, or fresh ones, where there are none.
    pub(crate) issuers: Option<IssuerKeys>,
    pub(crate) clock: Clock,
    pub(crate) seed: Option<u64>,
    pub(crate) journal_limit: usize,
    pub(crate) sandbox_limit: usize,
    pub(crate) serve: Serve,
    pub(crate) addresses: Addresses,
    pub(crate) pki: Pki,
    /// The folder of Azure Arc's key files.
    pub(crate) arc_keys: Option<PathBuf>,
}

/// The parts that a state is given and does not make itself.
struct Tools {
    keys: Keys,
    issuers: IssuerKeys,
    clock: Clock,
    random: Random,
    journal: Journal,
    sandboxes: Sandboxes,
    addresses: Addresses,
    pki: Pki,
    arc_keys: ArcKeys,
}

impl AppState {
    /// Creates the state of a checked world.
    pub(crate) fn new(parts: Parts) -> Self {
        let tools = Tools {
            keys: Keys::new(parts.key, parts.seed, parts.clock.clone()),
            issuers: parts
                .issuers
                .unwrap_or_else(|| IssuerKeys::seeded(parts.seed)),
            clock: parts.clock,
            random: Random::new(parts.seed),
            journal: Journal::with_limit(parts.journal_limit),
            sandboxes: Sandboxes::with_limit(parts.sandbox_limit, parts.serve),
            addresses: parts.addresses,
            pki: parts.pki,
            arc_keys: ArcKeys::new(parts.arc_keys),
        };
        Self::with(parts.world, tools)
    }

    /// Creates the state of another checked world on the same listeners. It shares nothing that can
    /// change but the keys of other issuers; `base` is the path before everything that is not found
    /// by its tenant.
    pub(in crate::entra) fn beside(&self, world: Arc<World>, base: &str) -> Self {
        let clock = self.0.clock.twin();
        let tools = Tools {
            keys: self.0.keys.anew(clock.clone()),
            issuers: self.0.stores.issuers.clone(),
            clock,
            random: self.0.random.branch(),
            journal: self.0.journal.empty(),
            sandboxes: self.0.sandboxes.none(),
            addresses: self.0.addresses.below(base),
            pki: self.0.pki.clone(),
            arc_keys: self.0.arc_keys.beside(),
        };
        Self::with(world, tools)
    }

    fn with(world: Arc<World>, tools: Tools) -> Self {
        let script = Script::default();
        script
            .extend(world.scripts.iter().cloned())
            .expect("the rules of a checked world can be carried out");
        let stores = Stores {
            codes: Codes::default(),
            device_codes: DeviceCodes::default(),
            sealer: Sealer::new(&tools.random),
            revocations: Revocations::default(),
            issuers: tools.issuers,
            sessions: Sessions::default(),
            flows: Flows::default(),
            loops: Loops::default(),
        };
        Self(Arc::new(Inner {
            directory: LiveDirectory::new(world),
            keys: tools.keys,
            first_clock: tools.clock.setting(),
            clock: tools.clock,
            random: tools.random,
            aside: Random::new(None),
            journal: tools.journal,
            script,
            history: History::default(),
            managed_tokens: Store::with_capacity(1024),
            arc_keys: tools.arc_keys,
            scheduled_events: ScheduledEvents::default(),
            pki: tools.pki,
            stores: Arc::new(stores),
            addresses: tools.addresses,
            sandboxes: tools.sandboxes,
        }))
    }
}
