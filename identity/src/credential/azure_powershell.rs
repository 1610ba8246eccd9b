//! Whoever is signed in to Azure PowerShell.

use std::time::Duration;

use crate::cloud;
use crate::context::Context;
use crate::error::Result;
use crate::options::Options;
use crate::pipeline::{Pipeline, Source};
use crate::token::{AccessToken, TokenRequest};
use crate::token_credential::faces;
use crate::tool::{self, Tenancy, powershell};

/// Authenticates as the user or application signed in to Azure PowerShell (`Connect-AzAccount`).
///
/// Runs `Get-AzAccessToken` of the module Az.Accounts (2.2.0 or later) in PowerShell, which is
/// found, run, stopped and cached as [`AzureCliCredential`](crate::AzureCliCredential) does with
/// its tool: `pwsh`, on Windows else `powershell`. Everything that goes wrong there is
/// `CredentialUnavailable`; only an output nobody understands is `ClientAuthentication`. The
/// timeout holds for the whole run (the reference library's asynchronous class ignores it).
#[derive(Clone, Debug)]
pub struct AzurePowerShellCredential(Pipeline<AzurePowerShell>);

/// Options of an [`AzurePowerShellCredential`].
#[derive(Clone, Debug)]
pub struct AzurePowerShellCredentialOptions {
    /// The tenant (id or domain) to ask; `None`, the default, is the tool's own choice, or the one
    /// a request names.
    pub tenant_id: Option<String>,
    /// How long the tool may take; 10 s by default.
    pub process_timeout: Duration,
    /// What every credential can be told. Authority, retries and request timeout do not matter
    /// here.
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
        let (tenant, common) = (options.tenant_id.as_deref(), options.options);
        let allowed = &common.additionally_allowed_tenants;
        let source = AzurePowerShell {
            tenancy: Tenancy::new(tenant, allowed, common.single_tenant())?,
            timeout: options.process_timeout,
        };
        Ok(Self(Pipeline::new(source, common.context)))
    }

    /// A token for exactly one scope, from the cache while it is fresh.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn get_token(&self, scopes: &[&str]) -> Result<AccessToken> {
        self.0.get_token(scopes).await
    }

    /// A token for `request`, from the cache while it is fresh.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn get_token_with(&self, request: &TokenRequest) -> Result<AccessToken> {
        self.0.get_token_with(request).await
    }
}

faces!(AzurePowerShellCredential, "AzurePowerShellCredential" {});

#[derive(Debug)]
struct AzurePowerShell {
    tenancy: Tenancy,
    timeout: Duration,
}

impl Source for AzurePowerShell {
    const NAME: &'static str = "AzurePowerShellCredential";

    async fn fetch(&self, request: &TokenRequest, context: &Context) -> Result<AccessToken> {
        let scope = tool::only_scope(request, "Azure PowerShell")?;
        let tenant = self.tenancy.of(request)?;
        if let Some(claims) = request.claims() {
            return Err(powershell::claims_refused(claims, tenant));
        }
        let args = powershell::args(cloud::resource(scope), tenant);
        let output = powershell::TOOL.run(args, self.timeout, context).await?;
        powershell::read(&output, context.clock.now())
    }
}
