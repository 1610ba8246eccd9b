//! Whoever is signed in to the Azure Developer CLI.

use std::time::Duration;

use crate::context::Context;
use crate::error::Result;
use crate::options::Options;
use crate::pipeline::{Pipeline, Source};
use crate::token::{AccessToken, TokenRequest};
use crate::token_credential::faces;
use crate::tool::{self, Tenancy, azd};

/// Authenticates as the user or application signed in to the Azure Developer CLI
/// (`azd auth login`).
///
/// Runs `azd auth token`, found, run, stopped and cached as
/// [`AzureCliCredential`](crate::AzureCliCredential) does with its tool, and with the same kinds of
/// errors. Several scopes and claims challenges are handed to the tool; one too old for claims is
/// unavailable. The expiry is read in UTC, which the tool writes (the reference library takes it
/// for local time).
#[derive(Clone, Debug)]
pub struct AzureDeveloperCliCredential(Pipeline<AzureDeveloperCli>);

/// Options of an [`AzureDeveloperCliCredential`].
#[derive(Clone, Debug)]
pub struct AzureDeveloperCliCredentialOptions {
    /// The tenant (id or domain) to ask; `None`, the default, is the tool's own choice, or the one
    /// a request names.
    pub tenant_id: Option<String>,
    /// How long the tool may take; 10 s by default.
    pub process_timeout: Duration,
    /// What every credential can be told. Authority, retries and request timeout do not matter
    /// here.
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
        let (tenant, common) = (options.tenant_id.as_deref(), options.options);
        let allowed = &common.additionally_allowed_tenants;
        let source = AzureDeveloperCli {
            tenancy: Tenancy::new(tenant, allowed, common.single_tenant())?,
            timeout: options.process_timeout,
        };
        Ok(Self(Pipeline::new(source, common.context)))
    }

    /// A token for `scopes`, from the cache while it is fresh.
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

faces!(AzureDeveloperCliCredential, "AzureDeveloperCliCredential" {});

#[derive(Debug)]
struct AzureDeveloperCli {
    tenancy: Tenancy,
    timeout: Duration,
}

impl Source for AzureDeveloperCli {
    const NAME: &'static str = "AzureDeveloperCliCredential";

    async fn fetch(&self, request: &TokenRequest, context: &Context) -> Result<AccessToken> {
        for scope in request.scopes() {
            tool::check_scope(scope)?;
        }
        let tenant = self.tenancy.of(request)?;
        let args = azd::args(request.scopes(), tenant, request.claims());
        let output = azd::TOOL.run(args, self.timeout, context).await?;
        azd::read(&output, context.clock.now())
    }
}
