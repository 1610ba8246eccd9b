//! Whoever is signed in to Azure PowerShell.

use std::time::Duration;

use crate::cloud;
use crate::context::{Output, UnixTime};
use crate::credential::construction::{DeveloperTool, SignedIn, signed_in};
use crate::error::Result;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token::{AccessToken, TokenRequest};
use crate::token_credential::faces;
use crate::tool::{self, Tool, powershell};

/// Authenticates as the user or application signed in to Azure PowerShell (`Connect-AzAccount`).
///
/// Runs `Get-AzAccessToken` of the module Az.Accounts (2.2.0 or later) in PowerShell, which is
/// found, run, stopped and cached as [`AzureCliCredential`](crate::AzureCliCredential) does with
/// its tool: `pwsh`, on Windows else `powershell`. A request names exactly one scope. Everything
/// that goes wrong there is `CredentialUnavailable`; only an output nobody understands is
/// `ClientAuthentication`. The timeout holds for the whole run (the reference library's
/// asynchronous class ignores it).
///
/// Source: <https://learn.microsoft.com/powershell/module/az.accounts/get-azaccesstoken>.
#[derive(Clone, Debug)]
pub struct AzurePowerShellCredential(Pipeline<SignedIn<AzurePowerShell>>);

/// Options of an [`AzurePowerShellCredential`].
#[derive(Clone, Debug)]
pub struct AzurePowerShellCredentialOptions {
    /// The tenant (id or domain) to ask; `None`, the default, is the tool's own choice, or the one
    /// a request names.
    pub tenant_id: Option<String>,
    /// How long the tool may take; 10 s by default.
    pub process_timeout: Duration,
    /// What every credential can be told. What is about HTTP (authority, retries, request timeout,
    /// user agent) does not matter here.
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
    /// Whoever is signed in.
    ///
    /// # Errors
    /// As [`AzurePowerShellCredential::with_options`].
    pub fn new() -> Result<Self> {
        Self::with_options(AzurePowerShellCredentialOptions::default())
    }

    /// The same, with options.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed tenant.
    pub fn with_options(options: AzurePowerShellCredentialOptions) -> Result<Self> {
        let (tenant, timeout) = (options.tenant_id, options.process_timeout);
        signed_in(
            AzurePowerShell,
            tenant.as_deref(),
            timeout,
            &options.options,
        )
        .map(Self)
    }
}

faces!(AzurePowerShellCredential, |this| this.0);

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
