//! The account that is signed in to the Azure CLI.

use std::time::Duration;

use crate::cloud;
use crate::context::{Output, UnixTime};
use crate::credential::construction::{DeveloperTool, ToolSource, tool_pipeline};
use crate::error::{Error, Result};
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::redact;
use crate::token::{AccessToken, TokenRequest};
use crate::token_credential::impl_token_credential;
use crate::tool::{self, Tool, az};

/// Authenticates as the user or application signed in to the Azure CLI (`az login`).
///
/// Runs `az account get-access-token` without a shell: the program is looked up in the absolute
/// directories of `PATH`, runs in the root directory (`%SYSTEMROOT%` on Windows) with its standard
/// input closed, and is killed, with what it has started, when the call is dropped.
///
/// A request names exactly one scope. The token is cached like that of every other credential, so
/// the tool runs once per token and not once per call, as it does in the reference library. After
/// signing in as another user, create a new credential, and a new token cache if it has one.
///
/// The error is `CredentialUnavailable` when the tool is not installed, nobody is signed in, the
/// tool does not answer in time, or the request has a claims challenge (only a new sign-in answers
/// one; the message has the command). Any other failure that the tool reports is
/// `ClientAuthentication`. The message after a timeout says so, as that of the reference library's
/// asynchronous class does.
///
/// Source: <https://learn.microsoft.com/cli/azure/account#az-account-get-access-token>.
#[derive(Clone, Debug)]
pub struct AzureCliCredential(Pipeline<ToolSource<AzureCli>>);

/// Options of an [`AzureCliCredential`].
#[derive(Clone, Debug)]
pub struct AzureCliCredentialOptions {
    /// The tenant (id or domain) to ask. `None`, the default, means the tenant that a request
    /// names, else that of the tool's current subscription.
    pub tenant_id: Option<String>,
    /// The name or id of the subscription whose account to use; the tool's current one by default.
    pub subscription: Option<String>,
    /// How long the tool may take; 10 s by default.
    pub process_timeout: Duration,
    /// The options that all credentials share. Those about HTTP (authority, retries, request
    /// timeout, user agent) have no effect here.
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
    /// Creates a credential for the account that is signed in to the tool.
    ///
    /// # Errors
    /// As [`AzureCliCredential::with_options`].
    pub fn new() -> Result<Self> {
        Self::with_options(AzureCliCredentialOptions::default())
    }

    /// Creates the credential with `options`.
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
        tool_pipeline(tool, tenant.as_deref(), timeout, &options.options).map(Self)
    }
}

impl_token_credential!(AzureCliCredential, |this| this.0);

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
        _ => Err(Error::invalid(format!(
            "a subscription is named by letters, digits, spaces and _.- and does not begin with a \
             - or space: {}. Find yours with: az account list",
            redact::argument(subscription)
        ))),
    }
}
