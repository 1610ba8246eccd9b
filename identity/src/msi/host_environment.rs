//! What the environment announces besides hosts with a file of their own.

use crate::context::{Env, Files};
use crate::error::Error;
use crate::msi::host::all_set;
use crate::msi::{Detected, Detection};

/// The variables that the webhook of workload identity sets in a pod.
pub(super) fn workload_identity(env: &dyn Env, _: &dyn Files) -> Detection {
    let variables = [
        "AZURE_AUTHORITY_HOST",
        "AZURE_TENANT_ID",
        "AZURE_FEDERATED_TOKEN_FILE",
    ];
    all_set(env, &variables).then_some(Ok(Detected::WorkloadIdentity))
}

/// `IDENTITY_ENDPOINT` belongs to several hosts and means none of them alone. It is named rather
/// than passed over: what IMDS would answer in its place may be another identity.
pub(super) fn incomplete(env: &dyn Env, _: &dyn Files) -> Detection {
    env.non_empty("IDENTITY_ENDPOINT")?;
    Some(Err(Error::unavailable(
        "No managed identity endpoint found. The environment variable IDENTITY_ENDPOINT is set \
         without IDENTITY_HEADER (App Service) or IMDS_ENDPOINT (Azure Arc)",
    )))
}
