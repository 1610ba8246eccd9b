//! The view that one request has of everything.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::crypto::keys::{KeyPair, Keys};
use crate::entra::stores::Stores;
use crate::world::directory::Directory;

/// The state at the instant of one request: the directory, the time, and what earlier requests
/// left.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) directory: Arc<Directory>,
    pub(crate) now: OffsetDateTime,
    pub(crate) stores: Arc<Stores>,
    pub(super) keys: Keys,
}

impl Snapshot {
    /// The keys whose tokens still count.
    pub(in crate::entra) fn signing_keys(&self) -> Vec<Arc<KeyPair>> {
        self.keys.verifying(self.now)
    }
}
