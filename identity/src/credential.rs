//! The credentials, a file each. A file says what is asked for: it has no HTTP, cache or retry.

mod authorization_code;
mod azure_cli;
mod azure_developer_cli;
mod azure_pipelines;
mod azure_powershell;
mod certificate;
mod client_assertion;
mod client_secret;
mod developer_tool;
mod device_code;
mod environment;
mod interactive_browser;
mod managed_identity;
mod on_behalf_of;
mod person;
mod shared_token_cache;
mod username_password;
mod visual_studio_code;
mod workload;
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
use self::developer_tool::{DeveloperTool, SignedIn, signed_in};
pub use self::device_code::{
    DeviceCodeCredential, DeviceCodeCredentialOptions, DeviceCodeInfo, DeviceCodePrompt,
};
pub use self::environment::{EnvironmentCredential, EnvironmentCredentialOptions};
pub use self::interactive_browser::{
    InteractiveBrowserCredential, InteractiveBrowserCredentialOptions,
};
pub use self::managed_identity::{ManagedIdentityCredential, ManagedIdentityCredentialOptions};
pub use self::on_behalf_of::{ClientProof, OnBehalfOfCredential, OnBehalfOfCredentialOptions};
use self::person::{DEVELOPERS, ORGANIZATIONS, Person, check_record, public_client, user};
pub use self::shared_token_cache::{SharedTokenCacheCredential, SharedTokenCacheCredentialOptions};
pub use self::username_password::{UsernamePasswordCredential, UsernamePasswordCredentialOptions};
pub use self::visual_studio_code::{VisualStudioCodeCredential, VisualStudioCodeCredentialOptions};
use self::workload::Workload;
pub use self::workload_identity::{WorkloadIdentityCredential, WorkloadIdentityCredentialOptions};
use std::sync::Arc;

use crate::cache::accounts::Accounts;
use crate::cache::msal::Environment;
use crate::cache::{Cache, Kept};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::isolation::Identity;
use crate::oauth::application::Application;
use crate::oauth::client_auth::ClientAuth;
use crate::oauth::instance::Instance;
use crate::oauth::region::Region;
use crate::oauth::tenants::Tenants;
use crate::options::Options;
use crate::pipeline::{Pipeline, Source};
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::token::is_one_word;

/// The application `client_id` of `tenant_id`, at the token service of `options`.
fn application(
    tenant_id: &str,
    client_id: &str,
    client_auth: ClientAuth,
    options: &Options,
) -> Result<Application> {
    if !is_one_word(client_id) {
        return Err(Error::invalid(
            "the client id must not be empty or contain spaces; it is the application's id, such \
             as 00000000-0000-0000-0000-000000000000",
        ));
    }
    let allowed = &options.additionally_allowed_tenants;
    let authority = options.authority()?;
    Ok(Application {
        instance: Instance::new(&authority, options.disable_instance_discovery),
        authority,
        region: Region::from_env(options.env())?,
        proxy: None,
        tenants: Tenants::new(tenant_id, allowed, options.single_tenant())?,
        client_id: client_id.to_owned(),
        client_auth,
        retry: RetryPolicy::standard(&options.retry, options.request_timeout),
    })
}

/// A client secret as proof.
fn secret(client_secret: impl Into<String>) -> Result<ClientAuth> {
    let secret = Secret::new(client_secret);
    if secret.expose().is_empty() {
        return Err(Error::invalid("the client secret must not be empty"));
    }
    Ok(ClientAuth::Secret(secret))
}

/// `source` with the tokens of `application` in front, for `user` if there is one.
fn pipeline<S: Source>(
    source: S,
    application: impl Fn(&S) -> &Application,
    user: Option<&Secret>,
    options: &Options,
) -> Result<Pipeline<S>> {
    let application = application(&source);
    let identity = application.identity(S::NAME, user);
    let kept = match user {
        None => kept(application, options)?,
        Some(_) => None,
    };
    let context = options.outside()?;
    let cache = shared(identity, options, &context);
    Ok(Pipeline::keeping(source, cache, kept, context))
}

/// Where the tokens of `application` outlive the program, if the options say so.
fn kept(application: &Application, options: &Options) -> Result<Option<Arc<Kept>>> {
    let Some(accounts) = Accounts::if_persistent(options)? else {
        return Ok(None);
    };
    let tenants = application.tenants.clone();
    let realm = move |tenant: Option<&str>| tenants.resolve(tenant).map(str::to_owned);
    let environment = Environment::of(&application.authority);
    let client_id = application.client_id.clone();
    let kept = Kept::new(accounts, environment, client_id, Box::new(realm));
    Ok(Some(Arc::new(kept)))
}

/// `source` with the tokens of `identity` in front, which credentials may share if the options say
/// so; without one it has its tokens to itself.
fn sharing<S: Source>(
    source: S,
    identity: Option<Identity>,
    options: &Options,
) -> Result<Pipeline<S>> {
    let context = options.outside()?;
    match identity {
        Some(identity) => {
            let cache = shared(identity, options, &context);
            Ok(Pipeline::with_cache(source, cache, context))
        }
        None => Ok(Pipeline::new(source, context)),
    }
}

/// The tokens in memory of `identity`: those the options share, or none so far.
fn shared(identity: Identity, options: &Options, context: &Context) -> Arc<Cache> {
    match &options.token_cache {
        Some(shared) => shared.of(identity, context.clock.now()),
        None => Arc::default(),
    }
}
