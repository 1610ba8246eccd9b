//! The credentials, a file each. A file says what is asked for: it has no HTTP, cache or retry.

mod azure_cli;
mod azure_developer_cli;
mod azure_powershell;
mod client_secret;
mod environment;
mod managed_identity;

pub use self::azure_cli::{AzureCliCredential, AzureCliCredentialOptions};
pub use self::azure_developer_cli::{
    AzureDeveloperCliCredential, AzureDeveloperCliCredentialOptions,
};
pub use self::azure_powershell::{AzurePowerShellCredential, AzurePowerShellCredentialOptions};
pub use self::client_secret::{ClientSecretCredential, ClientSecretCredentialOptions};
pub use self::environment::{EnvironmentCredential, EnvironmentCredentialOptions};
pub use self::managed_identity::{ManagedIdentityCredential, ManagedIdentityCredentialOptions};
use crate::error::{Error, Result};
use crate::oauth::application::Application;
use crate::oauth::tenants::Tenants;
use crate::options::Options;
use crate::retry::RetryPolicy;
use crate::token::is_one_word;

/// The application `client_id` of `tenant_id`, at the token service of `options`.
fn application(tenant_id: &str, client_id: &str, options: &Options) -> Result<Application> {
    if !is_one_word(client_id) {
        return Err(Error::invalid(
            "the client id must not be empty or contain spaces; it is the application's id, such \
             as 00000000-0000-0000-0000-000000000000",
        ));
    }
    let allowed = &options.additionally_allowed_tenants;
    Ok(Application {
        authority: options.authority()?,
        tenants: Tenants::new(tenant_id, allowed, options.single_tenant())?,
        client_id: client_id.to_owned(),
        retry: RetryPolicy::standard(&options.retry, options.request_timeout),
    })
}
