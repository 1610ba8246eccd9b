//! The account that is signed in to the Azure Developer CLI.

use std::time::Duration;

use crate::context::{Output, UnixTime};
use crate::credential::construction::{DeveloperTool, ToolSource, tool_pipeline};
use crate::error::Result;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token::{AccessToken, TokenRequest};
use crate::token_credential::impl_token_credential;
use crate::tool::{self, Tool, azd};

/// Authenticates as the user or application signed in to the Azure Developer CLI
/// (`azd auth login`).
///
/// Runs `azd auth token`. The program is looked up, run and stopped, its token cached and its
/// errors classified as [`AzureCliCredential`](crate::AzureCliCredential) describes. Several scopes
/// and claims challenges are passed on to the tool; where the tool is too old for claims the
/// credential is unavailable. The expiry is read as UTC, which is what the tool writes (the
/// reference library takes it for local time).
///
/// Source:
/// <https://learn.microsoft.com/azure/developer/azure-developer-cli/reference#azd-auth-token>.
#[derive(Clone, Debug)]
pub struct AzureDeveloperCliCredential(Pipeline<ToolSource<AzureDeveloperCli>>);

/// Options of an [`AzureDeveloperCliCredential`].
#[derive(Clone, Debug)]
pub struct AzureDeveloperCliCredentialOptions {
    /// The tenant (id or domain) to ask. `None`, the default, means the tenant that a request
    /// names, else the tool's own choice.
    pub tenant_id: Option<String>,
    /// How long the tool may take; 10 s by default.
    pub process_timeout: Duration,
    /// The options that all credentials share. Those about HTTP (authority, retries, request
    /// timeout, user agent) have no effect here.
    pub options: Options,
}

impl Default for AzureDeveloperCliCredentialOptions {
    fn default() -> Self {
        Self {
            tenant_id: None,
            process_timeout: Duration::from_secs(10),
            options: Options::default(),
        }
    }
}

impl AzureDeveloperCliCredential {
    /// Creates a credential for the account that is signed in to the tool.
    ///
    /// # Errors
    /// As [`AzureDeveloperCliCredential::with_options`].
    pub fn new() -> Result<Self> {
        Self::with_options(AzureDeveloperCliCredentialOptions::default())
    }

    /// Creates the credential with `options`.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed tenant.
    pub fn with_options(options: AzureDeveloperCliCredentialOptions) -> Result<Self> {
        let (tenant, timeout) = (options.tenant_id, options.process_timeout);
        tool_pipeline(
            AzureDeveloperCli,
            tenant.as_deref(),
            timeout,
            &options.options,
        )
        .map(Self)
    }
}

impl_token_credential!(AzureDeveloperCliCredential, |this| this.0);

#[derive(Debug)]
struct AzureDeveloperCli;

impl DeveloperTool for AzureDeveloperCli {
    const NAME: &'static str = "AzureDeveloperCliCredential";
    const TOOL: Tool = azd::TOOL;

    fn subscription(&self) -> Option<&str> {
        None
    }

    fn args(&self, request: &TokenRequest, tenant: Option<&str>) -> Result<Vec<String>> {
        for scope in request.scopes() {
            tool::check_scope(scope)?;
        }
        Ok(azd::args(request.scopes(), tenant, request.claims()))
    }

    fn read(output: &Output, now: UnixTime) -> Result<AccessToken> {
        azd::read(output, now)
    }
}
