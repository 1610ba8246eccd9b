//! The credentials, a file each. A file says what is asked for: it has no HTTP, cache or retry.
//!
//! A new credential is its file, and its names in the lists below.

mod authorization_code;
mod azure_cli;
mod azure_developer_cli;
mod azure_pipelines;
mod azure_powershell;
mod certificate;
mod client_assertion;
mod client_secret;
mod construction;
mod device_code;
mod environment;
mod interactive_browser;
mod managed_identity;
mod on_behalf_of;
mod shared_token_cache;
mod username_password;
mod visual_studio_code;
mod workload_identity;

pub use self::authorization_code::{
    AuthorizationCodeCredential, AuthorizationCodeCredentialOptions,
};
pub use self::azure_cli::{AzureCliCredential, AzureCliCredentialOptions};
pub use self::azure_developer_cli::{
    AzureDeveloperCliCredential, AzureDeveloperCliCredentialOptions,
};
pub use self::azure_pipelines::{AzurePipelinesCredential, AzurePipelinesCredentialOptions};
pub use self::azure_powershell::{AzurePowerShellCredential, AzurePowerShellCredentialOptions};
pub use self::certificate::{CertificateCredential, CertificateCredentialOptions};
pub use self::client_assertion::{ClientAssertionCredential, ClientAssertionCredentialOptions};
pub use self::client_secret::{ClientSecretCredential, ClientSecretCredentialOptions};
pub use self::device_code::{
    DeviceCodeCredential, DeviceCodeCredentialOptions, DeviceCodeInfo, DeviceCodePrompt,
};
pub use self::environment::{EnvironmentCredential, EnvironmentCredentialOptions};
pub use self::interactive_browser::{
    InteractiveBrowserCredential, InteractiveBrowserCredentialOptions,
};
pub use self::managed_identity::{ManagedIdentityCredential, ManagedIdentityCredentialOptions};
pub use self::on_behalf_of::{ClientProof, OnBehalfOfCredential, OnBehalfOfCredentialOptions};
pub use self::shared_token_cache::{SharedTokenCacheCredential, SharedTokenCacheCredentialOptions};
pub use self::username_password::{UsernamePasswordCredential, UsernamePasswordCredentialOptions};
pub use self::visual_studio_code::{VisualStudioCodeCredential, VisualStudioCodeCredentialOptions};
pub use self::workload_identity::{WorkloadIdentityCredential, WorkloadIdentityCredentialOptions};
