//! Whoever is signed in to the Azure Developer CLI.

use std::time::Duration;

use crate::context::{Output, UnixTime};
use crate::credential::construction::{DeveloperTool, SignedIn, signed_in};
use crate::error::Result;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token::{AccessToken, TokenRequest};
use crate::token_credential::faces;
use crate::tool::{self, Tool, azd};

/// Authenticates as the user or application signed in to the Azure Developer CLI
/// (`azd auth login`).
///
/// Runs `azd auth token`, found, run, stopped and cached as
/// [`AzureCliCredential`](crate::AzureCliCredential) does with its tool, and with the same kinds of
/// errors. Several scopes and claims challenges are handed to the tool; one too old for claims is
/// unavailable. The expiry is read in UTC, which the tool writes (the reference library takes it
/// for local time).
///
/// Source: <https://learn.microsoft.com/azure/developer/azure-developer-cli/reference#azd-auth-token>.
#[derive(Clone, Debug)]
pub struct AzureDeveloperCliCredential(Pipeline<SignedIn<AzureDeveloperCli>>);

/// Options of an [`AzureDeveloperCliCredential`].
#[derive(Clone, Debug)]
pub struct AzureDeveloperCliCredentialOptions {
    /// The tenant (id or domain) to ask; `None`, the default, is the tool's own choice, or the one
    /// a request names.
    pub tenant_id: Option<String>,
    /// How long the tool may take; 10 s by default.
    pub process_timeout: Duration,
    /// What every credential can be told. What is about HTTP (authority, retries, request timeout,
    /// user agent) does not matter here.
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
    /// Whoever is signed in.
    ///
    /// # Errors
    /// As [`AzureDeveloperCliCredential::with_options`].
    pub fn new() -> Result<Self> {
        Self::with_options(AzureDeveloperCliCredentialOptions::default())
    }

    /// The same, with options.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed tenant.
    pub fn with_options(options: AzureDeveloperCliCredentialOptions) -> Result<Self> {
        let (tenant, timeout) = (options.tenant_id, options.process_timeout);
        signed_in(
            AzureDeveloperCli,
            tenant.as_deref(),
            timeout,
            &options.options,
        )
        .map(Self)
    }
}

faces!(AzureDeveloperCliCredential, |this| this.0);

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
