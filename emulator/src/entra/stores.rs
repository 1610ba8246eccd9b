//! The stores of what one request leaves for another.

pub(in crate::entra) mod codes;
pub(in crate::entra) mod device_codes;
pub(in crate::entra) mod flows;
pub(in crate::entra) mod loops;
pub(in crate::entra) mod refresh;
pub(in crate::entra) mod revocations;
pub(in crate::entra) mod sessions;

use codes::Codes;
use device_codes::DeviceCodes;
use flows::Flows;
use loops::Loops;
use refresh::Sealer;
use revocations::Revocations;
use sessions::Sessions;

use crate::crypto::issuer_keys::IssuerKeys;

/// The records of sign-ins and grants, with the keys that seal and sign what is not kept.
#[derive(Debug)]
pub(crate) struct Stores {
    pub(crate) codes: Codes,
    pub(crate) device_codes: DeviceCodes,
    pub(crate) sessions: Sessions,
    pub(crate) flows: Flows,
    pub(in crate::entra) sealer: Sealer,
    pub(crate) revocations: Revocations,
    pub(in crate::entra) issuers: IssuerKeys,
    pub(crate) loops: Loops,
}
