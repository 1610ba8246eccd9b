//! Managed identities: which host this machine has, and how one talks to it.
//!
//! Adding a host is its file and its row of [`HOSTS`].

mod announced;
mod app_service;
mod azure_ml;
mod cloud_shell;
mod host;
mod identity_id;
mod imds;
mod probe;
mod reply;

use std::sync::Arc;

pub(crate) use self::host::Host;
pub use self::identity_id::ManagedIdentityId;
pub(crate) use self::probe::Probe;
use crate::cloud;
use crate::context::{Context, Env};
use crate::error::{Error, Result};
use crate::exchange::exchange;
use crate::retry::RetryPolicy;
use crate::token::{AccessToken, TokenRequest};

/// Looks whether the environment announces a host: `None` if not, an error if it does and cannot
/// be used.
type Detect = fn(&dyn Env) -> Option<Result<Arc<dyn Host>>>;

/// In order; the first that is announced is used. The last is there when nothing is.
const HOSTS: &[Detect] = &[
    announced::service_fabric,
    app_service::detect,
    announced::arc,
    announced::incomplete,
    azure_ml::detect,
    cloud_shell::detect,
    announced::workload_identity,
    imds::detect,
];

/// The host of this environment.
pub(crate) fn detect(env: &dyn Env) -> Result<Arc<dyn Host>> {
    let found = HOSTS.iter().find_map(|detect| detect(env));
    found.unwrap_or_else(|| Err(Error::unavailable("No managed identity endpoint found.")))
}

/// Gets the token `request` describes from `host`.
pub(crate) async fn acquire(
    host: &dyn Host,
    identity: Option<&ManagedIdentityId>,
    request: &TokenRequest,
    policy: &RetryPolicy,
    context: &Context,
) -> Result<AccessToken> {
    let ask = host.request(resource(request)?, identity)?;
    let reply = exchange(ask.clone(), policy, context).await;
    let reply = reply.map_err(|error| host.unreached(error))?;
    let reply = match host.challenge(&ask, &reply, &*context.files).await? {
        Some(answer) => exchange(answer, policy, context).await?,
        None => reply,
    };
    host.token(&reply, context.clock.now())
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
mod tests {
    use super::*;
    use crate::context::StaticEnv;
    use crate::error::ErrorKind;

    fn name(variables: &[(&str, &str)]) -> String {
        match detect(&StaticEnv::from_iter(variables.iter().copied())) {
            Ok(host) => host.name().to_owned(),
            Err(error) if error.kind() == ErrorKind::CredentialUnavailable => {
                format!("unavailable: {error}")
            }
            Err(error) => format!("{:?}", error.kind()),
        }
    }

    #[test]
    fn hosts_are_told_apart_by_their_variables_in_the_reference_order() {
        let endpoint = ("IDENTITY_ENDPOINT", "http://127.0.0.1:1/token");
        let msi = ("MSI_ENDPOINT", "http://127.0.0.1:1/token");
        assert_eq!(name(&[]), "IMDS");
        assert_eq!(name(&[endpoint, ("IDENTITY_HEADER", "h")]), "App Service");
        assert_eq!(name(&[msi, ("MSI_SECRET", "s")]), "Azure ML");
        assert_eq!(name(&[msi]), "Cloud Shell");
        assert_eq!(
            name(&[("MSI_ENDPOINT", "")]),
            "IMDS",
            "empty counts as unset"
        );
        assert_eq!(name(&[("MSI_ENDPOINT", "not a url")]), "InvalidArgument");
    }

    #[test]
    fn an_announced_host_that_cannot_be_used_is_named_and_never_replaced_by_imds() {
        let endpoint = ("IDENTITY_ENDPOINT", "http://127.0.0.1:1/token");
        let fabric = [
            endpoint,
            ("IDENTITY_HEADER", "h"),
            ("IDENTITY_SERVER_THUMBPRINT", "t"),
        ];
        assert!(
            name(&fabric).contains("Service Fabric"),
            "{}",
            name(&fabric)
        );
        assert!(name(&fabric).contains("IDENTITY_SERVER_THUMBPRINT"));
        let arc = [endpoint, ("IMDS_ENDPOINT", "http://x")];
        assert!(name(&arc).contains("Azure Arc"), "{}", name(&arc));
        assert!(name(&[endpoint, ("MSI_ENDPOINT", "x")]).contains("IDENTITY_HEADER"));
        let workload = [
            "AZURE_AUTHORITY_HOST",
            "AZURE_TENANT_ID",
            "AZURE_FEDERATED_TOKEN_FILE",
        ];
        assert!(name(&workload.map(|name| (name, "x"))).contains("workload identity"));
    }
}
