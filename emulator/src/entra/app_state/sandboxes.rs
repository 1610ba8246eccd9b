//! Worlds beside the emulator's own, on the same listeners: one for each test that runs in
//! parallel.

mod door;
mod renewed;

use std::fmt;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;

use super::{AppState, Serve, Service};
use crate::base::sync::lock;
use crate::world::config::{ConfigError, World};

/// The sandboxes of one emulator; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Sandboxes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: usize,
    serve: Serve,
    /// Read by every request, so nobody waits for those who open and close.
    open: ArcSwap<Vec<Arc<Room>>>,
    changing: Mutex<()>,
}

/// One of them: a whole emulator but for its listeners.
#[derive(Debug)]
struct Room {
    id: String,
    state: AppState,
    service: Arc<dyn Service>,
}

/// Why there is no new sandbox.
#[derive(Debug)]
#[non_exhaustive]
pub enum SandboxError {
    /// There are as many as there may be: that many.
    Full(usize),
    /// The world contradicts itself.
    World(ConfigError),
}

impl Sandboxes {
    /// How many there may be at once, unless the builder says otherwise.
    pub(crate) const USUAL_LIMIT: usize = 64;

    pub(crate) fn with_limit(limit: usize, serve: Serve) -> Self {
        Self(Arc::new(Inner {
            limit,
            serve,
            open: ArcSwap::default(),
            changing: Mutex::default(),
        }))
    }

    /// Creates the sandboxes of a world that has none beside it.
    pub(in crate::entra) fn none(&self) -> Self {
        Self::with_limit(0, self.0.serve)
    }

    /// Puts a world beside that of `main`, with ids of its own, and says how it is called.
    pub(crate) fn open(&self, main: &AppState, world: &World) -> Result<String, SandboxError> {
        let _changing = self.changing();
        let mut open = Vec::clone(&self.0.open.load());
        if open.len() >= self.0.limit {
            return Err(SandboxError::Full(self.0.limit));
        }
        let world = renewed::renewed(world, main.random()).map_err(SandboxError::World)?;
        let id = format!("{:.12}", main.random().uuid().simple());
        let state = main.beside(Arc::new(world), &door::base(&id));
        let service = self.serve(&state);
        open.push(Arc::new(Room {
            id: id.clone(),
            state,
            service,
        }));
        self.0.open.store(Arc::new(open));
        Ok(id)
    }

    /// Returns the service that answers for a world, the main one or another.
    pub(in crate::entra) fn serve(&self, state: &AppState) -> Arc<dyn Service> {
        (self.0.serve)(state.clone())
    }

    /// Forgets one with all it has; requests under way still end in it. Whether there was one.
    pub(crate) fn close(&self, id: &str) -> bool {
        let _changing = self.changing();
        let mut open = Vec::clone(&self.0.open.load());
        let Some(at) = open.iter().position(|room| room.id == id) else {
            return false;
        };
        // Whoever listens to it hears that nothing more will come.
        open.remove(at).state.journal().close();
        self.0.open.store(Arc::new(open));
        true
    }

    /// The state of one.
    pub(crate) fn get(&self, id: &str) -> Option<AppState> {
        let open = self.0.open.load();
        let found = open.iter().find(|room| room.id == id)?;
        Some(found.state.clone())
    }

    /// The names of all, oldest first.
    pub(crate) fn ids(&self) -> Vec<String> {
        let open = self.0.open.load();
        open.iter().map(|room| room.id.clone()).collect()
    }

    fn changing(&self) -> impl Drop + '_ {
        lock(&self.0.changing)
    }
}

impl fmt::Display for SandboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(0) => f.write_str("there are no sandboxes here"),
            Self::Full(limit) => {
                write!(
                    f,
                    "there are {limit} sandboxes, which is the limit; delete one"
                )
            }
            Self::World(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SandboxError {}
