//! The construction of credentials: from what a caller says to a source with its tokens in front.
//!
//! A credential's own file says which kind of source it is and what is asked for. Everything that
//! credentials of one kind have in common stands here once: applications ([`ApplicationSource`]),
//! users who sign in ([`user_pipeline`]) and developer tools ([`DeveloperTool`]).

mod application;
mod developer_tool;
mod user;
mod workload;

use std::sync::Arc;

pub(super) use self::application::{
    ApplicationSource, application, check_client_id, client_secret, pipeline,
};
pub(super) use self::developer_tool::{DeveloperTool, ToolSource, tool_pipeline};
pub(super) use self::user::{
    DEVELOPERS, ExpectedUser, ORGANIZATIONS, UserClient, check_record, user_pipeline,
};
pub(super) use self::workload::Workload;
use crate::cache::Cache;
use crate::context::Context;
use crate::error::Result;
use crate::isolation::Identity;
use crate::options::Options;
use crate::pipeline::{Pipeline, Source};

/// Puts the tokens of `identity` in front of `source`. Credentials share them if the options say
/// so; without an identity the credential has its tokens to itself.
pub(super) fn sharing<S: Source>(
    source: S,
    identity: Option<Identity>,
    options: &Options,
) -> Result<Pipeline<S>> {
    let context = options.outside()?;
    match identity {
        Some(identity) => {
            let cache = shared(identity, options, &context);
            Ok(Pipeline::with_cache(source, cache, context))
        }
        None => Ok(Pipeline::new(source, context)),
    }
}

/// The tokens in memory of `identity`: those the options share, or none so far.
fn shared(identity: Identity, options: &Options, context: &Context) -> Arc<Cache> {
    match &options.token_cache {
        Some(shared) => shared.of(identity, context.clock.now()),
        None => Arc::default(),
    }
}
