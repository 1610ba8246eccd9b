//! What one request sees of all that there is.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::codes::Codes;
use crate::device_codes::DeviceCodes;
use crate::directory::Directory;
use crate::issuer::IssuerKeys;
use crate::keys::{Keys, Made};
use crate::loops::Loops;
use crate::refresh::Sealer;
use crate::revocations::Revocations;
use crate::sign_in::{Flows, Sessions};

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
    pub(crate) fn signing_keys(&self) -> Vec<Arc<Made>> {
        self.keys.verifying(self.now)
    }
}

/// What one request leaves for another.
#[derive(Debug)]
pub(crate) struct Stores {
    pub(crate) codes: Codes,
    pub(crate) device_codes: DeviceCodes,
    pub(crate) sessions: Sessions,
    pub(crate) flows: Flows,
    pub(crate) sealer: Sealer,
    pub(crate) revocations: Revocations,
    pub(crate) issuers: IssuerKeys,
    pub(crate) loops: Loops,
}
