//! The members for deployed programs.

use std::sync::Arc;

use super::options::DefaultAzureCredentialOptions;
use crate::credential::{
    EnvironmentCredential, EnvironmentCredentialOptions, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};
use crate::error::Result;
use crate::msi::ManagedIdentityId;
use crate::token_credential::TokenCredential;

pub(super) fn environment(
    options: &DefaultAzureCredentialOptions,
) -> Result<Arc<dyn TokenCredential>> {
    let options = EnvironmentCredentialOptions {
        options: options.options.clone(),
    };
    Ok(Arc::new(EnvironmentCredential::with_options(options)?))
}

pub(super) fn workload_identity(
    options: &DefaultAzureCredentialOptions,
) -> Result<Arc<dyn TokenCredential>> {
    let given = [
        &options.workload_identity_client_id,
        &options.managed_identity_client_id,
    ];
    let client_id = given.into_iter().flatten().find(|id| !id.is_empty());
    let options = WorkloadIdentityCredentialOptions {
        client_id: client_id.cloned(),
        tenant_id: options.workload_identity_tenant_id.clone(),
        options: options.options.clone(),
        ..Default::default()
    };
    Ok(Arc::new(WorkloadIdentityCredential::with_options(options)?))
}

pub(super) fn managed_identity(
    options: &DefaultAzureCredentialOptions,
) -> Result<Arc<dyn TokenCredential>> {
    let identity = options.managed_identity.clone().or_else(|| {
        let from_env = || options.options.env().non_empty("AZURE_CLIENT_ID");
        let client_id = options.managed_identity_client_id.clone();
        // An empty client id in the options means the system-assigned identity.
        let client_id = client_id.or_else(from_env).filter(|id| !id.is_empty());
        client_id.map(ManagedIdentityId::ClientId)
    });
    let without_workload = options.excludes("WorkloadIdentityCredential");
    let imds_probe = options.imds_probe.clone();
    let options = options.options.clone();
    let options = ManagedIdentityCredentialOptions {
        identity,
        imds_probe,
        options,
    };
    // `ManagedIdentityCredential` can use workload identity, too: excluding that excludes it here.
    Ok(Arc::new(match without_workload {
        true => ManagedIdentityCredential::of_host(options)?,
        false => ManagedIdentityCredential::with_options(options)?,
    }))
}
