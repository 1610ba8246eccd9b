//! Whoever is signed in to the Azure CLI.

use std::time::Duration;

use crate::cloud;
use crate::context::{Output, UnixTime};
use crate::credential::construction::{DeveloperTool, SignedIn, signed_in};
use crate::error::{Error, Result};
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token::{AccessToken, TokenRequest};
use crate::token_credential::faces;
use crate::tool::{self, Tool, az};

/// Authenticates as the user or application signed in to the Azure CLI (`az login`).
///
/// Runs `az account get-access-token` without a shell: the program is looked up in the absolute
/// directories of `PATH`, runs in the root directory (`%SYSTEMROOT%` on Windows) with its standard
/// input closed, and is killed, with what it has started, when the call is dropped.
///
/// A request names exactly one scope. Unlike in the reference library the token is cached as every
/// credential's is: one run per token and not per call. After signing in as somebody else, make a
/// new credential, with a new token cache if it has one.
///
/// Not installed, not signed in, no answer in time, and claims challenges (only a new sign-in
/// answers them; the message has the command) are `CredentialUnavailable`; what else the tool says
/// is `ClientAuthentication`. Where the reference library's classes differ in the message after a
/// timeout, this one says what happened, as the asynchronous class.
///
/// Source: <https://learn.microsoft.com/cli/azure/account#az-account-get-access-token>.
#[derive(Clone, Debug)]
pub struct AzureCliCredential(Pipeline<SignedIn<AzureCli>>);

/// Options of an [`AzureCliCredential`].
#[derive(Clone, Debug)]
pub struct AzureCliCredentialOptions {
    /// The tenant (id or domain) to ask; `None`, the default, is that of the tool's current
    /// subscription, or the one a request names.
    pub tenant_id: Option<String>,
    /// The name or id of the subscription whose account to use; the tool's current one by default.
    pub subscription: Option<String>,
    /// How long the tool may take; 10 s by default.
    pub process_timeout: Duration,
    /// What every credential can be told. What is about HTTP (authority, retries, request timeout,
    /// user agent) does not matter here.
    pub options: Options,
}

impl Default for AzureCliCredentialOptions {
    fn default() -> Self {
        Self {
            tenant_id: None,
            subscription: None,
            process_timeout: Duration::from_secs(10),
            options: Options::default(),
        }
    }
}

impl AzureCliCredential {
    /// Whoever is signed in.
    ///
    /// # Errors
    /// As [`AzureCliCredential::with_options`].
    pub fn new() -> Result<Self> {
        Self::with_options(AzureCliCredentialOptions::default())
    }

    /// The same, with options.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed tenant, or a subscription with other characters than
    /// letters, digits, spaces, `_`, `.` and `-`.
    pub fn with_options(options: AzureCliCredentialOptions) -> Result<Self> {
        if let Some(subscription) = &options.subscription {
            check_subscription(subscription)?;
        }
        let tool = AzureCli {
            subscription: options.subscription,
        };
        let (tenant, timeout) = (options.tenant_id, options.process_timeout);
        signed_in(tool, tenant.as_deref(), timeout, &options.options).map(Self)
    }
}

faces!(AzureCliCredential, |this| this.0);

#[derive(Debug)]
struct AzureCli {
    subscription: Option<String>,
}

impl DeveloperTool for AzureCli {
    const NAME: &'static str = "AzureCliCredential";
    const TOOL: Tool = az::TOOL;

    fn subscription(&self) -> Option<&str> {
        self.subscription.as_deref()
    }

    fn args(&self, request: &TokenRequest, tenant: Option<&str>) -> Result<Vec<String>> {
        let scope = tool::only_scope(request, "Azure CLI")?;
        if let Some(claims) = request.claims() {
            return Err(az::claims_refused(claims, tenant, scope));
        }
        let subscription = self.subscription.as_deref();
        Ok(az::args(cloud::resource(scope), tenant, subscription))
    }

    fn read(output: &Output, now: UnixTime) -> Result<AccessToken> {
        az::read(output, now)
    }
}

fn check_subscription(subscription: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_. -".contains(c);
    match subscription.chars().all(allowed) && !subscription.starts_with(['-', ' ']) {
        true if !subscription.is_empty() => Ok(()),
        _ => Err(Error::invalid(
            "a subscription is named by letters, digits, spaces and _.- and does not begin with a \
             - or space; find yours with: az account list",
        )),
    }
}
