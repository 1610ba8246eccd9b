//! What one request sees of all that there is.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::crypto::keys::{Keys, Made};
use crate::entra::stores::Stores;
use crate::world::directory::Directory;

/// What a grant may see: the directory at one instant, the time, and what earlier requests left.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) directory: Arc<Directory>,
    pub(crate) now: OffsetDateTime,
    pub(crate) stores: Arc<Stores>,
    pub(super) keys: Keys,
}

impl Snapshot {
    /// The keys whose tokens still count.
    pub(in crate::entra) fn signing_keys(&self) -> Vec<Arc<Made>> {
        self.keys.verifying(self.now)
    }
}
