//! The part that the credentials of developer tools share: running a tool for the right tenant and
//! reading its output as a token or an error.

use std::time::Duration;

use super::sharing;
use crate::context::{Context, Output, UnixTime};
use crate::error::Result;
use crate::isolation::{Identity, ToolIdentity};
use crate::options::Options;
use crate::pipeline::{Pipeline, Source};
use crate::token::{AccessToken, TokenRequest};
use crate::tool::{Tenancy, Tool};

/// A developer tool that prints tokens of the account that is signed in to it.
pub(in crate::credential) trait DeveloperTool:
    std::fmt::Debug + Send + Sync + 'static
{
    /// The public name of its credential.
    const NAME: &'static str;
    /// The program and its messages.
    const TOOL: Tool;

    /// The subscription whose account the tool is asked for, where it can be told one. Tokens of
    /// different subscriptions are kept apart.
    fn subscription(&self) -> Option<&str>;

    /// Returns the arguments with which the tool prints a token for `request`.
    ///
    /// # Errors
    /// For a request that the tool has no arguments for.
    fn args(&self, request: &TokenRequest, tenant: Option<&str>) -> Result<Vec<String>>;

    /// Reads the token in the output of a run, or the error that the output describes.
    fn read(output: &Output, now: UnixTime) -> Result<AccessToken>;
}

/// A source of tokens of the account that is signed in to the tool `T`.
#[derive(Debug)]
pub(in crate::credential) struct ToolSource<T> {
    tool: T,
    tenancy: Tenancy,
    timeout: Duration,
}

/// Creates the pipeline of the account that is signed in to `tool`, for tokens of `tenant_id` if
/// that is given.
pub(in crate::credential) fn tool_pipeline<T: DeveloperTool>(
    tool: T,
    tenant_id: Option<&str>,
    timeout: Duration,
    options: &Options,
) -> Result<Pipeline<ToolSource<T>>> {
    let allowed = &options.additionally_allowed_tenants;
    let source = ToolSource {
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

impl<T: DeveloperTool> Source for ToolSource<T> {
    const NAME: &'static str = T::NAME;

    async fn fetch(&self, request: &TokenRequest, context: &Context) -> Result<AccessToken> {
        let tenant = self.tenancy.of(request)?;
        let args = self.tool.args(request, tenant)?;
        let output = T::TOOL.run(args, self.timeout, context).await?;
        T::read(&output, context.clock.now())
    }
}
