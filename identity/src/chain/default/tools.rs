//! The members that run a developer tool.

use std::sync::Arc;

use super::options::DefaultAzureCredentialOptions;
use crate::credential::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, AzurePowerShellCredential,
    AzurePowerShellCredentialOptions,
};
use crate::error::Result;
use crate::token_credential::TokenCredential;

pub(super) fn azure_cli(
    options: &DefaultAzureCredentialOptions,
) -> Result<Arc<dyn TokenCredential>> {
    let defaults = AzureCliCredentialOptions::default();
    let options = AzureCliCredentialOptions {
        process_timeout: options.process_timeout.unwrap_or(defaults.process_timeout),
        options: options.options.clone(),
        ..defaults
    };
    Ok(Arc::new(AzureCliCredential::with_options(options)?))
}

pub(super) fn azure_powershell(
    options: &DefaultAzureCredentialOptions,
) -> Result<Arc<dyn TokenCredential>> {
    let defaults = AzurePowerShellCredentialOptions::default();
    let options = AzurePowerShellCredentialOptions {
        process_timeout: options.process_timeout.unwrap_or(defaults.process_timeout),
        options: options.options.clone(),
        ..defaults
    };
    Ok(Arc::new(AzurePowerShellCredential::with_options(options)?))
}

pub(super) fn azure_developer_cli(
    options: &DefaultAzureCredentialOptions,
) -> Result<Arc<dyn TokenCredential>> {
    let defaults = AzureDeveloperCliCredentialOptions::default();
    let options = AzureDeveloperCliCredentialOptions {
        process_timeout: options.process_timeout.unwrap_or(defaults.process_timeout),
        options: options.options.clone(),
        ..defaults
    };
    Ok(Arc::new(AzureDeveloperCliCredential::with_options(
        options,
    )?))
}
