//! Hosts the environment announces and this version cannot talk to. They are named rather than
//! passed over: what IMDS would answer in their place may be another identity.

use std::sync::Arc;

use crate::context::{Env, Files};
use crate::error::{Error, Result};
use crate::msi::Host;
use crate::msi::host::announced;

type Found = Option<Result<Arc<dyn Host>>>;

pub(super) fn workload_identity(env: &dyn Env, _: &dyn Files) -> Found {
    let variables = [
        "AZURE_AUTHORITY_HOST",
        "AZURE_TENANT_ID",
        "AZURE_FEDERATED_TOKEN_FILE",
    ];
    unsupported(env, "workload identity", &variables)
}

/// `IDENTITY_ENDPOINT` belongs to several hosts and means none of them alone.
pub(super) fn incomplete(env: &dyn Env, _: &dyn Files) -> Found {
    env.non_empty("IDENTITY_ENDPOINT")?;
    Some(Err(Error::unavailable(
        "No managed identity endpoint found. The environment variable IDENTITY_ENDPOINT is set \
         without IDENTITY_HEADER (App Service) or IMDS_ENDPOINT (Azure Arc)",
    )))
}

fn unsupported(env: &dyn Env, host: &str, variables: &[&str]) -> Found {
    announced(env, variables).then(|| {
        Err(Error::unavailable(format!(
            "ManagedIdentityCredential authentication unavailable. The environment variables {} \
             announce {host}, which this version does not support",
            variables.join(", ")
        )))
    })
}
