//! Findings in the environment that are no host with a file of its own.

use crate::context::{Env, Files};
use crate::error::Error;
use crate::msi::host::all_set;
use crate::msi::{Detected, Detection};

/// Detects workload identity by the variables that its webhook sets in a pod.
pub(super) fn workload_identity(env: &dyn Env, _: &dyn Files) -> Detection {
    let variables = [
        "AZURE_AUTHORITY_HOST",
        "AZURE_TENANT_ID",
        "AZURE_FEDERATED_TOKEN_FILE",
    ];
    all_set(env, &variables).then_some(Ok(Detected::WorkloadIdentity))
}

/// Detects an `IDENTITY_ENDPOINT` without the variables that tell its host. It is an error and not
/// passed over, because IMDS, which would be asked instead, may give the tokens of another
/// identity.
pub(super) fn incomplete(env: &dyn Env, _: &dyn Files) -> Detection {
    env.non_empty("IDENTITY_ENDPOINT")?;
    Some(Err(Error::unavailable(
        "No managed identity endpoint found. The environment variable IDENTITY_ENDPOINT is set \
         without IDENTITY_HEADER (App Service) or IMDS_ENDPOINT (Azure Arc)",
    )))
}
