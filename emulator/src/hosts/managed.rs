//! Tokens of managed identities: one for each identity and resource, kept by the host for a day.

use std::sync::Arc;

use uuid::Uuid;

use crate::entra::app_state::{AppState, Snapshot};
use crate::entra::client_auth::Proof;
use crate::entra::token::{Audience, Issue, Subject};
use crate::exchange::error::Aadsts;
use crate::exchange::request::Call;
use crate::state::managed_tokens::{IssuedToken, ManagedTokenKey};
use crate::world::cloud;
use crate::world::config::ManagedIdentity;

/// Tokens of managed identities live a day.
pub(super) const LIFETIME: i64 = 86_399;
/// A host keeps a token until this little of it is left, in seconds.
const KEPT_UNTIL: i64 = 300;

/// A program's request to its host.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'a> {
    pub(super) identity: &'a ManagedIdentity,
    /// As it was asked for.
    pub(super) resource: &'a str,
    /// The program handles continuous access evaluation.
    pub(super) handles_cae: bool,
    pub(super) renew: Renew<'a>,
}

/// Whether a token that was kept will do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Renew<'a> {
    /// It will.
    No,
    /// It will not.
    Yes,
    /// It will, unless it is the one with this SHA-256, which a resource has refused.
    If(&'a str),
}

impl<'a> Ask<'a> {
    pub(super) fn of(identity: &'a ManagedIdentity, resource: &'a str) -> Self {
        Self {
            identity,
            resource,
            handles_cae: false,
            renew: Renew::No,
        }
    }

    /// With what hosts that know of revoked tokens are told: whether the program can handle them,
    /// and which token a resource has refused.
    pub(super) fn with_revocation(mut self, call: &'a Call) -> Self {
        let capabilities = call.query("xms_cc").unwrap_or_default();
        self.handles_cae = capabilities.split(',').any(|one| one.trim() == "cp1");
        if let Some(refused) = call.query("token_sha256_to_refresh") {
            self.renew = Renew::If(refused);
        }
        self
    }
}

/// The token the host has, or a new one.
pub(super) async fn token(
    state: &AppState,
    call: &Call,
    snapshot: &Snapshot,
    ask: Ask<'_>,
) -> Result<Arc<IssuedToken>, Aadsts> {
    let issue = issue(snapshot, &ask)?;
    Ok(kept(state, call, ask.identity.object_id, &issue, ask.renew).await)
}

/// The token of `owner` that the host has for the resource of `issue`, or that issue signed.
pub(super) async fn kept(
    state: &AppState,
    call: &Call,
    owner: Uuid,
    issue: &Issue,
    renew: Renew<'_>,
) -> Arc<IssuedToken> {
    let key = ManagedTokenKey::new(owner, &issue.audience.asked, issue.cae.is_some());
    let known = state.managed_tokens().find(&key, call.at);
    let good = known.filter(|token| match renew {
        Renew::No => true,
        Renew::Yes => false,
        Renew::If(sha256) => !token.note.sha256.eq_ignore_ascii_case(sha256),
    });
    let token = match good {
        Some(token) => token,
        None => {
            let signing = state.keys().signer(call.at).await;
            let authority = cloud::issuing_origin(state.addresses().authority());
            let token = Arc::new(issue.sign(&signing, state.random(), call.at, &authority));
            let until = call.at + time::Duration::seconds(issue.lifetime + 1 - KEPT_UNTIL);
            let store = state.managed_tokens();
            store.keep(key, token.clone(), until, call.at);
            token
        }
    };
    call.note_issued(token.note.clone());
    token
}

fn issue(snapshot: &Snapshot, ask: &Ask<'_>) -> Result<Issue, Aadsts> {
    let directory = &snapshot.directory;
    let identity = ask.identity;
    let tenant = directory
        .tenant_by_name(&identity.tenant)
        .ok_or_else(|| Aadsts::new(50059))?;
    let Some(resource) = directory.resource(tenant, ask.resource) else {
        let unknown = Aadsts::new(500011).with("resource", ask.resource);
        return Err(unknown.with("tenant", tenant.id.to_string()));
    };
    Ok(Issue {
        tenant: tenant.id,
        tenant_created: tenant.created,
        cloud: tenant.cloud,
        audience: Audience::of(&resource, ask.resource),
        subject: Subject {
            client_id: identity.client_id,
            object_id: identity.object_id,
            acr: Proof::Certificate.acr(),
            roles: Vec::new(),
            managed_identity: Some(as_claim(&identity.resource_id)),
        },
        lifetime: LIFETIME,
        cae: ask.handles_cae.then(|| "cp1".to_owned()),
        delegated: None,
    })
}

/// The claim says `resourcegroups`, however the id is written elsewhere.
fn as_claim(resource_id: &str) -> String {
    resource_id.replace("/resourceGroups/", "/resourcegroups/")
}
