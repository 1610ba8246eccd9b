//! Managed identities: which host this machine has, and how one talks to it.
//!
//! Adding a host is its file and its row of [`HOSTS`].

mod announced;
mod api_2017;
mod app_service;
mod arc;
mod cloud_shell;
mod host;
mod identity_id;
mod imds;
mod issued;
mod probe;
mod reply;
mod service_fabric;

use std::sync::Arc;

pub(crate) use self::host::Host;
pub use self::identity_id::ManagedIdentityId;
pub(crate) use self::issued::Issued;
pub(crate) use self::probe::Probe;
use crate::cloud;
use crate::context::{Context, Env, Files};
use crate::error::{Error, Result};
use crate::exchange::exchange;
use crate::retry::RetryPolicy;
use crate::token::{AccessToken, TokenRequest};

/// Looks whether the environment, or a file, announces a host: `None` if not, an error if one is
/// announced and cannot be used.
type Detect = fn(&dyn Env, &dyn Files) -> Option<Result<Arc<dyn Host>>>;

/// In order; the first that is announced is used. The last is there when nothing is.
const HOSTS: &[Detect] = &[
    service_fabric::detect,
    app_service::detect,
    arc::detect,
    announced::incomplete,
    api_2017::detect,
    cloud_shell::detect,
    announced::workload_identity,
    imds::detect_configured,
    arc::detect_installed,
    imds::detect,
];

/// The host of this environment.
pub(crate) fn detect(env: &dyn Env, files: &dyn Files) -> Result<Arc<dyn Host>> {
    let found = HOSTS.iter().find_map(|detect| detect(env, files));
    found.unwrap_or_else(|| Err(Error::unavailable("No managed identity endpoint found.")))
}

/// Gets the token `request` describes from `host`. `refused` is the SHA-256, in hex, of the token
/// the claims of the request are about.
pub(crate) async fn acquire(
    host: &dyn Host,
    identity: Option<&ManagedIdentityId>,
    request: &TokenRequest,
    refused: Option<&str>,
    policy: &RetryPolicy,
    context: &Context,
) -> Result<AccessToken> {
    let ask = host.request(resource(request)?, identity)?;
    let ask = host.challenged(ask, request.enable_cae(), refused);
    let unreached = |error| host.unreached(error);
    let reply = exchange(ask.clone(), policy, context).await;
    let reply = reply.map_err(unreached)?;
    let reply = match host.challenge(&ask, &reply, &*context.files).await? {
        Some(answer) => exchange(answer, policy, context).await.map_err(unreached)?,
        None => reply,
    };
    let token = host.token(&reply, context.clock.now())?;
    if let Some(identity) = identity {
        host.confirm(&reply, identity)?;
    }
    Ok(token)
}

/// The one resource a managed identity token is for.
pub(crate) fn resource(request: &TokenRequest) -> Result<&str> {
    match request.scopes() {
        [scope] => Ok(cloud::resource(scope)),
        _ => Err(Error::invalid(
            "a managed identity gives a token for exactly one scope, such as \
             https://management.azure.com/.default",
        )),
    }
}

#[cfg(test)]
mod tests;
