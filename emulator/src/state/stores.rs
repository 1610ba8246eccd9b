//! What one request leaves for another.

pub(in crate::state) mod arc_keys;
pub(crate) mod codes;
pub(crate) mod device_codes;
pub(crate) mod flows;
pub(in crate::state) mod loops;
pub(crate) mod refresh;
pub(in crate::state) mod revocations;
pub(crate) mod scheduled_events;
pub(crate) mod sessions;

use codes::Codes;
use device_codes::DeviceCodes;
use flows::Flows;
use loops::Loops;
use refresh::Sealer;
use revocations::Revocations;
use sessions::Sessions;

use crate::crypto::issuer_keys::IssuerKeys;

/// What is kept of sign-ins and grants, with what seals and signs what is not kept.
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
