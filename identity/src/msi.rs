//! Managed identities: the detection of the host that this machine has, and the requests to it.
//!
//! A new host is a file of its own and a row of [`HOSTS`].

mod api_2017;
mod app_service;
mod arc;
mod cloud_shell;
mod host;
mod host_environment;
mod identity_id;
mod imds;
mod issued;
mod probe;
mod reply;
mod service_fabric;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use self::host::Host;
pub use self::identity_id::ManagedIdentityId;
pub(crate) use self::issued::Issued;
pub use self::probe::ImdsProbeOptions;
pub(crate) use self::probe::Probe;
use crate::cloud;
use crate::context::{Context, Env, Files};
use crate::error::{Error, Result};
use crate::exchange::exchange;
use crate::retry::RetryPolicy;
use crate::token::{AccessToken, TokenRequest};

/// The source of this machine's managed identity.
#[derive(Debug)]
pub(crate) enum Detected {
    /// A host that is asked for tokens.
    Host(Arc<dyn Host>),
    /// Microsoft Entra ID itself, which trusts the service account of this pod.
    WorkloadIdentity,
}

impl Detected {
    fn host(host: impl Host + 'static) -> Self {
        Self::Host(Arc::new(host))
    }

    /// Returns the name of the host for people.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Host(host) => host.name(),
            Self::WorkloadIdentity => "workload identity",
        }
    }

    #[cfg(test)]
    fn into_host(self) -> Arc<dyn Host> {
        match self {
            Self::Host(host) => host,
            Self::WorkloadIdentity => unreachable!("no host of its own"),
        }
    }
}

/// The result of one row of [`HOSTS`]: `None` if nothing points to the host, an error if something
/// does and it cannot be used.
type Detection = Option<Result<Detected>>;

/// A function that looks in the environment, or for a file, for signs of a host.
type Detect = fn(&dyn Env, &dyn Files) -> Detection;

/// The hosts in the order in which they are looked for; the first one found is used. Hosts that set
/// more variables come before those whose variables are a part of these. IMDS comes last, because
/// nothing points to it.
const HOSTS: &[Detect] = &[
    // Its variables are those of App Service and one more.
    service_fabric::detect,
    app_service::detect,
    // It shares IDENTITY_ENDPOINT with the two before, but has no IDENTITY_HEADER.
    arc::detect,
    // An IDENTITY_ENDPOINT that comes this far belongs to none of the three.
    host_environment::incomplete,
    // Its variables are those of Cloud Shell and a secret.
    api_2017::detect,
    cloud_shell::detect,
    // Before IMDS: a pod may reach that of its node, whose identity is not the pod's.
    host_environment::workload_identity,
    imds::detect_configured,
    // After a configured address, which somebody chose on purpose.
    arc::detect_installed,
    imds::detect,
];

/// Detects the source of this environment. Workload identity counts only if
/// `allow_workload_identity`.
pub(crate) fn detect(
    env: &dyn Env,
    files: &dyn Files,
    allow_workload_identity: bool,
) -> Result<Detected> {
    let detections = HOSTS.iter().filter_map(|detect| detect(env, files));
    let mut allowed = detections.filter(|found| {
        allow_workload_identity || !matches!(found, Ok(Detected::WorkloadIdentity))
    });
    allowed
        .next()
        .unwrap_or_else(|| Err(Error::unavailable("No managed identity endpoint found.")))
}

/// Gets the token that `request` describes from `host`. `refused` is the SHA-256, in hex, of the
/// token that a resource refused with the claims of the request.
pub(crate) async fn acquire(
    host: &dyn Host,
    identity: Option<&ManagedIdentityId>,
    request: &TokenRequest,
    refused: Option<&str>,
    connect_timeout: Option<Duration>,
    policy: &RetryPolicy,
    context: &Context,
) -> Result<AccessToken> {
    let mut ask = host.request(resource(request)?, identity)?;
    ask.connect_timeout = connect_timeout;
    let ask = host.challenged(ask, request.enable_cae(), refused);
    let unreached = |error| host.unreached(error);
    let reply = exchange(ask.clone(), policy, context).await;
    let reply = reply.map_err(unreached)?;
    // From here on `ask` is the request whose answer is read: the secrets in its headers must not
    // be repeated in an error.
    let (ask, reply) = match host.challenge(&ask, &reply, &*context.files).await? {
        Some(answer) => {
            let reply = exchange(answer.clone(), policy, context).await;
            (answer, reply.map_err(unreached)?)
        }
        None => (ask, reply),
    };
    let token = host.token(&ask, &reply, context.clock.now())?;
    if let Some(identity) = identity {
        host.confirm(&reply, identity)?;
    }
    Ok(token)
}

/// Returns the one resource that a managed identity token is for.
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
