//! Tokens that a validator must refuse, made on request.

mod damage;

use std::fmt;
use std::sync::LazyLock;

use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::entra::app_state::{AppState, Snapshot};
use crate::entra::client_auth::Proof;
use crate::entra::token::{Audience, Issue, Subject};
use crate::exchange::completed::CompletedRequest;
use crate::exchange::issued::Issued;
use crate::world::cloud;
use crate::world::config::{App, ConfigError, Tenant};
use crate::world::directory::Directory;

pub use damage::ForgeryKind;

/// An order for a token: a genuine application token first, then changed and damaged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forgery {
    /// The defect of the token.
    pub kind: ForgeryKind,
    /// Name, id or domain of the tenant; default: the home of the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Name or client id of the application it is for; default: the world's default application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The resource, as in a scope without `/.default`; default: Microsoft Graph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Claims to set before the damage is done; `null` takes one out.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub claims: Map<String, Value>,
}

/// A token made to order. `Debug` hides it, as it hides every token.
#[derive(Clone, PartialEq, Eq)]
pub struct Forged(String);

impl Forged {
    /// The token.
    pub fn token(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Forged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Forged(***)")
    }
}

/// Makes the token and marks it in the journal, under the name `emulator.forge`.
pub(crate) async fn forge(state: &AppState, order: &Forgery) -> Result<Forged, ConfigError> {
    let snapshot = state.snapshot(state.clock().now());
    let origin = &*cloud::issuing_origin(state.addresses().authority());
    let issue = issue(&snapshot, order).map_err(ConfigError::new)?;
    let keys = damage::ForgeryKeys {
        own: state.keys().signer(snapshot.now).await,
        outsider: if order.kind.needs_outsider() {
            Some(state.keys().outsider().await)
        } else {
            None
        },
    };
    let genuine = issue.sign(&keys.own, state.random(), snapshot.now, origin);
    let token = damage::done(&genuine, order, &keys, snapshot.now);
    let issued = [Issued::forged(&token, order.kind.name())];
    let body = json!({ "access_token": token }).to_string();
    let seen = seen(&snapshot, origin, &issued, &body);
    state.journal().write(&seen, &[], state.mask());
    Ok(Forged(token))
}

/// The name of the journal's entries about forged tokens.
pub(in crate::entra) const ENDPOINT: &str = "emulator.forge";

fn seen<'a>(
    snapshot: &Snapshot,
    origin: &str,
    issued: &'a [Issued],
    body: &'a str,
) -> CompletedRequest<'a> {
    static NONE: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);
    CompletedRequest {
        at: snapshot.now,
        elapsed_ms: 0,
        endpoint: ENDPOINT,
        scheme: if origin.starts_with("https:") {
            "https"
        } else {
            "http"
        },
        method: "POST",
        path: "/_emulator/forge",
        query: &[],
        headers: &NONE,
        form: &[],
        status: 200,
        reply_headers: &NONE,
        reply_body: body.as_bytes(),
        issued,
        scripted: false,
        error: None,
    }
}

fn issue(snapshot: &Snapshot, order: &Forgery) -> Result<Issue, String> {
    let directory = &snapshot.directory;
    let app = app(directory, order.client.as_deref())?;
    let tenant = tenant(directory, order.tenant.as_deref().unwrap_or(&app.tenant))?;
    let asked = order.resource.as_deref().unwrap_or(GRAPH);
    let unknown = || format!("tenant `{}` has no resource `{asked}`", tenant.name);
    let resource = directory.resource(tenant, asked).ok_or_else(unknown)?;
    let roles = directory.roles(app, &resource);
    Ok(Issue {
        tenant: tenant.id,
        tenant_created: tenant.created,
        cloud: tenant.cloud,
        audience: Audience::of(&resource, asked),
        subject: Subject {
            client_id: app.client_id,
            object_id: directory.principal_id(tenant, app),
            acr: Proof::Secret.acr(),
            roles: roles.into_iter().map(str::to_owned).collect(),
            managed_identity: None,
        },
        lifetime: 3599,
        cae: None,
        delegated: None,
    })
}

const GRAPH: &str = "https://graph.microsoft.com";

fn app<'a>(directory: &'a Directory, wanted: Option<&str>) -> Result<&'a App, String> {
    let world = directory.world();
    let Some(wanted) = wanted else {
        return world
            .showcase()
            .ok_or_else(|| "the world has no default application".to_owned());
    };
    let id = Uuid::try_parse(wanted).ok();
    let is = |app: &&App| app.name == wanted || Some(app.client_id) == id;
    let found = world.apps.iter().find(is);
    found.ok_or_else(|| format!("there is no app `{wanted}`"))
}

fn tenant<'a>(directory: &'a Directory, wanted: &str) -> Result<&'a Tenant, String> {
    let by_id = Uuid::try_parse(wanted).ok();
    let found = directory.tenant_by_name(wanted);
    found
        .or_else(|| directory.tenant_by_id(by_id?))
        .or_else(|| directory.tenant_by_domain(wanted))
        .ok_or_else(|| format!("there is no tenant `{wanted}`"))
}
