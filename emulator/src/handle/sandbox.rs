//! The handle on one sandbox.

use std::fmt;
use std::ops::Deref;

use crate::entra::app_state::Sandboxes;
use crate::handle::instance::Instance;

/// A world of its own on the listeners of an [`Emulator`](crate::Emulator), for one of several
/// tests that share it; it is gone when this is dropped.
///
/// It has its own directory, journal, script, clock and keys, and everything that requests leave
/// behind. Its tenants, applications, users and identities have the names and secrets of the world
/// it was made of, and ids of their own. A request belongs to it if its path starts with the id of
/// one of its tenants, or with `/_sandbox/{id}`, which [`ready`](Instance::ready) has in its URLs.
#[must_use = "the sandbox is gone when it is dropped"]
pub struct Sandbox {
    id: String,
    instance: Instance,
    all: Sandboxes,
}

impl Sandbox {
    /// Creates the handle of a sandbox that is open.
    pub(in crate::handle) fn new(id: String, all: &Sandboxes) -> Option<Self> {
        let instance = Instance::new(all.get(&id)?);
        let all = all.clone();
        Some(Self { id, instance, all })
    }

    /// Its id: `/_emulator/sandboxes/{id}/…` has for it what `/_emulator/…` has for the emulator.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Deref for Sandbox {
    type Target = Instance;

    fn deref(&self) -> &Instance {
        &self.instance
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
