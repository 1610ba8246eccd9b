//! What the credentials of developer tools have in common: a tool is run for the right tenant, and
//! what it prints is a token or an error.

use std::time::Duration;

use super::sharing;
use crate::context::{Context, Output, UnixTime};
use crate::error::Result;
use crate::isolation::{Identity, ToolIdentity};
use crate::options::Options;
use crate::pipeline::{Pipeline, Source};
use crate::token::{AccessToken, TokenRequest};
use crate::tool::{Tenancy, Tool};

/// A tool that gives tokens of whoever is signed in to it.
pub(in crate::credential) trait DeveloperTool:
    std::fmt::Debug + Send + Sync + 'static
{
    /// Its credential's public name.
    const NAME: &'static str;
    /// What is run.
    const TOOL: Tool;

    /// The subscription whose account the tool is asked for, where it can be told one. Tokens of
    /// different subscriptions are kept apart.
    fn subscription(&self) -> Option<&str>;

    /// What the tool is told to give a token for `request`.
    ///
    /// # Errors
    /// For a request the tool has no words for.
    fn args(&self, request: &TokenRequest, tenant: Option<&str>) -> Result<Vec<String>>;

    /// The token in what a run left behind, or the error it stands for.
    fn read(output: &Output, now: UnixTime) -> Result<AccessToken>;
}

/// Whoever is signed in to `T`.
#[derive(Debug)]
pub(in crate::credential) struct SignedIn<T> {
    tool: T,
    tenancy: Tenancy,
    timeout: Duration,
}

/// Whoever is signed in to `tool`, in `tenant_id` if that is given.
pub(in crate::credential) fn signed_in<T: DeveloperTool>(
    tool: T,
    tenant_id: Option<&str>,
    timeout: Duration,
    options: &Options,
) -> Result<Pipeline<SignedIn<T>>> {
    let allowed = &options.additionally_allowed_tenants;
    let source = SignedIn {
        tool,
        tenancy: Tenancy::new(tenant_id, allowed, options.single_tenant())?,
        timeout,
    };
    let identity = Identity::DeveloperTool(ToolIdentity {
        credential: T::NAME,
        subscription: source.tool.subscription().map(str::to_owned),
        tenancy: source.tenancy.identity(),
        path: options.env().var("PATH"),
    });
    sharing(source, Some(identity), options)
}

impl<T: DeveloperTool> Source for SignedIn<T> {
    const NAME: &'static str = T::NAME;

    async fn fetch(&self, request: &TokenRequest, context: &Context) -> Result<AccessToken> {
        let tenant = self.tenancy.of(request)?;
        let args = self.tool.args(request, tenant)?;
        let output = T::TOOL.run(args, self.timeout, context).await?;
        T::read(&output, context.clock.now())
    }
}
