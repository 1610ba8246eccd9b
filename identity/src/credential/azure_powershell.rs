//! The account that is signed in to Azure PowerShell.

use std::time::Duration;

use crate::cloud;
use crate::context::{Output, UnixTime};
use crate::credential::construction::{DeveloperTool, ToolSource, tool_pipeline};
use crate::error::Result;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token::{AccessToken, TokenRequest};
use crate::token_credential::impl_token_credential;
use crate::tool::{self, Tool, powershell};

/// Authenticates as the user or application signed in to Azure PowerShell (`Connect-AzAccount`).
///
/// Runs `Get-AzAccessToken` of the module Az.Accounts (2.2.0 or later) in `pwsh`, or on Windows in
/// `powershell` where `pwsh` is missing. The program is looked up, run and stopped, and its token
/// cached, as [`AzureCliCredential`](crate::AzureCliCredential) describes. A request names exactly
/// one scope. A failure that the tool reports is `CredentialUnavailable`; output that is neither a
/// token nor a known message is `ClientAuthentication`. The timeout limits the whole run (the
/// reference library's asynchronous class ignores it).
///
/// Source: <https://learn.microsoft.com/powershell/module/az.accounts/get-azaccesstoken>.
#[derive(Clone, Debug)]
pub struct AzurePowerShellCredential(Pipeline<ToolSource<AzurePowerShell>>);

/// Options of an [`AzurePowerShellCredential`].
#[derive(Clone, Debug)]
pub struct AzurePowerShellCredentialOptions {
    /// The tenant (id or domain) to ask. `None`, the default, means the tenant that a request
    /// names, else the tool's own choice.
    pub tenant_id: Option<String>,
    /// How long the tool may take; 10 s by default.
    pub process_timeout: Duration,
    /// The options that all credentials share. Those about HTTP (authority, retries, request
    /// timeout, user agent) have no effect here.
    pub options: Options,
}

impl Default for AzurePowerShellCredentialOptions {
    fn default() -> Self {
        Self {
            tenant_id: None,
            process_timeout: Duration::from_secs(10),
            options: Options::default(),
        }
    }
}

impl AzurePowerShellCredential {
    /// Creates a credential for the account that is signed in to the tool.
    ///
    /// # Errors
    /// As [`AzurePowerShellCredential::with_options`].
    pub fn new() -> Result<Self> {
        Self::with_options(AzurePowerShellCredentialOptions::default())
    }

    /// Creates the credential with `options`.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed tenant.
    pub fn with_options(options: AzurePowerShellCredentialOptions) -> Result<Self> {
        let (tenant, timeout) = (options.tenant_id, options.process_timeout);
        tool_pipeline(
            AzurePowerShell,
            tenant.as_deref(),
            timeout,
            &options.options,
        )
        .map(Self)
    }
}

impl_token_credential!(AzurePowerShellCredential, |this| this.0);

#[derive(Debug)]
struct AzurePowerShell;

impl DeveloperTool for AzurePowerShell {
    const NAME: &'static str = "AzurePowerShellCredential";
    const TOOL: Tool = powershell::TOOL;

    fn subscription(&self) -> Option<&str> {
        None
    }

    fn args(&self, request: &TokenRequest, tenant: Option<&str>) -> Result<Vec<String>> {
        let scope = tool::only_scope(request, "Azure PowerShell")?;
        match request.claims() {
            Some(claims) => Err(powershell::claims_refused(claims, tenant)),
            None => Ok(powershell::args(cloud::resource(scope), tenant)),
        }
    }

    fn read(output: &Output, now: UnixTime) -> Result<AccessToken> {
        powershell::read(output, now)
    }
}
