//! The members that authenticate a user.

use std::sync::Arc;

use super::options::DefaultAzureCredentialOptions;
use crate::credential::{
    InteractiveBrowserCredential, InteractiveBrowserCredentialOptions, SharedTokenCacheCredential,
    SharedTokenCacheCredentialOptions, VisualStudioCodeCredential,
    VisualStudioCodeCredentialOptions,
};
use crate::error::Result;
use crate::token_credential::TokenCredential;

pub(super) fn shared_token_cache(
    options: &DefaultAzureCredentialOptions,
) -> Result<Arc<dyn TokenCredential>> {
    let username = options.shared_cache_username.clone();
    let made = SharedTokenCacheCredential::with_options(SharedTokenCacheCredentialOptions {
        username: username.or_else(|| options.options.env().non_empty("AZURE_USERNAME")),
        tenant_id: tenant(&options.shared_cache_tenant_id, options),
        authentication_record: None,
        options: options.options.clone(),
    });
    Ok(Arc::new(made?))
}

pub(super) fn visual_studio_code(
    options: &DefaultAzureCredentialOptions,
) -> Result<Arc<dyn TokenCredential>> {
    let made = VisualStudioCodeCredential::with_options(VisualStudioCodeCredentialOptions {
        tenant_id: tenant(&options.visual_studio_code_tenant_id, options),
        options: options.options.clone(),
    });
    Ok(Arc::new(made?))
}

pub(super) fn interactive_browser(
    options: &DefaultAzureCredentialOptions,
) -> Result<Arc<dyn TokenCredential>> {
    let made = InteractiveBrowserCredential::with_options(InteractiveBrowserCredentialOptions {
        client_id: options.interactive_browser_client_id.clone(),
        tenant_id: tenant(&options.interactive_browser_tenant_id, options),
        options: options.options.clone(),
        ..Default::default()
    });
    Ok(Arc::new(made?))
}

/// Returns the tenant of the options, else that of the environment.
fn tenant(given: &Option<String>, options: &DefaultAzureCredentialOptions) -> Option<String> {
    let from_env = || options.options.env().non_empty("AZURE_TENANT_ID");
    given.clone().or_else(from_env)
}
