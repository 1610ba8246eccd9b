//! A Kubernetes cluster: the tokens of its service accounts, as it puts them into its pods.
//!
//! Sources: the Kubernetes documentation of bound service account tokens, and the webhook of Azure
//! Workload Identity.

pub(crate) mod token_proxy;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Environment, TOKEN_EXCHANGE, id, identity_of};
use crate::entra::app_state::AppState;
use crate::world::config::{Issuer, Workload};
use crate::world::directory::Directory;

/// The audience of tokens that a workload sends by way of the token proxy.
const AUDIENCE: &str = "api://AKSIdentityBinding";

/// A new token of the workload with this name, while there is one.
pub(crate) async fn token(state: &AppState, name: &str, now: OffsetDateTime) -> Option<Token> {
    let directory = state.directory().load();
    let workload = workload(&directory, name)?;
    let audience = workload.audience();
    let value = signed(state, &directory, workload, audience, now).await?;
    let lifetime = time::Duration::seconds(workload.token_lifetime_s.into());
    Some(Token {
        value,
        made: now,
        renewal: now + lifetime * 4 / 5,
    })
}

/// Signs the cluster's token about the workload for an audience.
async fn signed(
    state: &AppState,
    directory: &Directory,
    workload: &Workload,
    audience: &str,
    now: OffsetDateTime,
) -> Option<String> {
    let mut issuers = directory.world().issuers.iter();
    let issuer = issuers.find(|one| one.name == workload.issuer)?;
    let key = state.issuers().key(&issuer.url).await;
    let jti = state.random().uuid().to_string();
    let header = json!({ "alg": "RS256", "kid": key.kid });
    let claims = claims(workload, issuer, audience, &jti, now.unix_timestamp());
    Some(key.token(&header, &claims))
}

/// A token, and when the cluster puts another in its place.
pub(crate) struct Token {
    pub(crate) value: String,
    pub(crate) made: OffsetDateTime,
    pub(crate) renewal: OffsetDateTime,
}

/// Returns the variables that the webhook adds to the workload's containers.
pub(crate) fn environment(state: &AppState, name: &str) -> Option<Environment> {
    let directory = state.directory().load();
    let workload = workload(&directory, name)?;
    let mut found = identity_of(&directory, &workload.app)?.to_vec();
    found.push((
        "AZURE_AUTHORITY_HOST",
        format!("{}/", state.addresses().https()),
    ));
    Some(found)
}

pub(crate) fn workload<'a>(directory: &'a Directory, name: &str) -> Option<&'a Workload> {
    let mut workloads = directory.world().workloads.iter();
    workloads.find(|one| one.name == name)
}

impl Workload {
    fn audience(&self) -> &'static str {
        if self.proxy { AUDIENCE } else { TOKEN_EXCHANGE }
    }
}

fn claims(workload: &Workload, issuer: &Issuer, audience: &str, jti: &str, now: i64) -> Value {
    let Workload {
        name,
        namespace,
        service_account,
        ..
    } = workload;
    let node = "aks-nodepool1-00000000-vmss000000";
    json!({
        "aud": [audience],
        "exp": now + i64::from(workload.token_lifetime_s),
        "iat": now,
        "iss": issuer.url,
        "jti": jti,
        "kubernetes.io": {
            "namespace": namespace,
            "node": { "name": node, "uid": id(node) },
            "pod": { "name": name, "uid": id(&format!("pod {namespace}/{name}")) },
            "serviceaccount": {
                "name": service_account,
                "uid": id(&format!("service account {namespace}/{service_account}")),
            },
        },
        "nbf": now,
        "sub": workload.subject(),
    })
}
