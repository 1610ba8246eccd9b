//! The instance metadata service of a virtual machine: its identity endpoint.

mod versions;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::any;
use http::header::SERVER;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::Endpoint;
use crate::call::{Call, Incoming};
use crate::client_auth::Proof;
use crate::config::{IdentityKind, ManagedIdentity};
use crate::error::{Aadsts, Fault};
use crate::reply;
use crate::state::{AppState, Snapshot};
use crate::token::{Audience, Issue, IssuedToken, Subject};

pub(crate) const ENDPOINTS: &[Endpoint] = &[Endpoint {
    name: "imds.token",
    methods: "GET",
    path: "/metadata/identity/oauth2/token",
    route: || any(token),
    about: "tokens of a virtual machine's managed identities",
}];

/// Tokens of managed identities live a day.
const LIFETIME: i64 = 86_399;
/// The host keeps a token until this little of it is left, in seconds.
const KEPT_UNTIL: i64 = 300;
/// Where the real host's token service says its errors are explained.
const REGIONAL_HOST: &str = "https://westus2.login.microsoft.com";

async fn token(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    let mut response = match answer(&state, &call).await {
        Ok(body) => reply::json(StatusCode::OK, &body),
        Err(Fault::Entra(error)) => {
            call.note_error(error.code());
            reply::json(error.status(), &error.body(&call, REGIONAL_HOST))
        }
        Err(Fault::Json(status, body)) => reply::json(status, &body),
    };
    reply::set(response.headers_mut(), SERVER, "IMDS/150.870.65.1854");
    response
}

async fn answer(state: &AppState, call: &Call) -> Result<Value, Fault> {
    check_manners(call)?;
    let resource = call
        .query("resource")
        .filter(|resource| !resource.is_empty());
    let resource =
        resource.ok_or_else(|| refused("Required query variable 'resource' is missing"))?;
    let snapshot = state.snapshot(call.at);
    let identity = chosen(&snapshot, call)?;
    let issue = issue(&snapshot, identity, resource)?;
    let cached = (identity.object_id, resource.to_owned());
    let token = match state.managed_tokens().find(&cached, call.at) {
        Some(token) => token,
        None => {
            let key = state.keys().signing(call.at).ready().await;
            let token = Arc::new(issue.sign(&key, state.random(), call.at, &call.origin));
            let until = call.at + time::Duration::seconds(LIFETIME + 1 - KEPT_UNTIL);
            state
                .managed_tokens()
                .keep(cached, token.clone(), until, call.at);
            token
        }
    };
    call.note_issued(token.note.clone());
    Ok(body(&token, identity, resource, call))
}

/// What the host asks of every request, before it looks at what is wanted.
fn check_manners(call: &Call) -> Result<(), Fault> {
    if call.method != Method::GET {
        let body = json!({
            "error": "method_not_allowed",
            "error_description": "The requested resource does not support the http method",
        });
        return Err(Fault::Json(StatusCode::METHOD_NOT_ALLOWED, body));
    }
    if !call
        .header("metadata")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    {
        return Err(refused("Required metadata header not specified"));
    }
    if call.headers.contains_key("x-forwarded-for") {
        return Err(refused(
            "X-Forwarded-For header is not allowed in the request",
        ));
    }
    for (index, (name, _)) in call.query.iter().enumerate() {
        if call.query[..index]
            .iter()
            .any(|(earlier, _)| earlier.eq_ignore_ascii_case(name))
        {
            return Err(refused(
                "Duplicate query parameters are not allowed in the request",
            ));
        }
    }
    match call.query("api-version") {
        Some(version) if versions::knows_identity(version) => Ok(()),
        _ => Err(Fault::Json(StatusCode::BAD_REQUEST, versions::refusal())),
    }
}

/// The identity the query names; without a name the system-assigned one, or the only one.
fn chosen<'a>(snapshot: &'a Snapshot, call: &Call) -> Result<&'a ManagedIdentity, Fault> {
    let directory = &snapshot.directory;
    let assigned = directory.assigned(&directory.world().hosts.imds);
    let named: Vec<_> = SELECTORS
        .iter()
        .filter_map(|name| Some((*name, call.query(name)?)))
        .collect();
    let found = match *named.as_slice() {
        [] => match assigned.iter().find(|one| one.kind == IdentityKind::System) {
            Some(system) => Some(*system),
            None if assigned.len() > 1 => return Err(refused(MULTIPLE)),
            None => assigned.first().copied(),
        },
        [(selector, value)] => assigned
            .into_iter()
            .find(|identity| is_named(identity, selector, value)),
        _ => {
            return Err(refused(
                "Only one of client_id, object_id and msi_res_id may be specified",
            ));
        }
    };
    found.ok_or_else(|| refused("Identity not found"))
}

const SELECTORS: &[&str] = &["client_id", "object_id", "msi_res_id", "mi_res_id"];
const MULTIPLE: &str = "Multiple user assigned identities exist, please specify the clientId / \
    resourceId of the identity in the token request";

fn is_named(identity: &ManagedIdentity, selector: &str, value: &str) -> bool {
    match selector {
        "client_id" => value.eq_ignore_ascii_case(&identity.client_id.to_string()),
        "object_id" => value.eq_ignore_ascii_case(&identity.object_id.to_string()),
        _ => value.eq_ignore_ascii_case(&identity.resource_id),
    }
}

fn issue(snapshot: &Snapshot, identity: &ManagedIdentity, asked: &str) -> Result<Issue, Fault> {
    let directory = &snapshot.directory;
    let tenant = directory
        .tenant_by_name(&identity.tenant)
        .ok_or_else(|| Aadsts::new(50059))?;
    let Some(resource) = directory.resource(tenant, asked) else {
        let unknown = Aadsts::new(500011).with("resource", asked);
        return Err(unknown.with("tenant", tenant.id.to_string()).into());
    };
    Ok(Issue {
        tenant: tenant.id,
        tenant_created: tenant.created,
        audience: Audience::of(&resource, asked),
        subject: Subject {
            client_id: identity.client_id,
            object_id: identity.object_id,
            acr: Proof::Certificate.acr(),
            roles: Vec::new(),
            managed_identity: Some(as_claim(&identity.resource_id)),
        },
        lifetime: LIFETIME,
        handles_cae: false,
        delegated: None,
    })
}

/// The claim says `resourcegroups`, however the id is written elsewhere.
fn as_claim(resource_id: &str) -> String {
    resource_id.replace("/resourceGroups/", "/resourcegroups/")
}

/// Strings all, in alphabetical order: some clients take the last of two fields they confuse.
fn body(token: &IssuedToken, identity: &ManagedIdentity, resource: &str, call: &Call) -> Value {
    let left = token.expires_on - call.at.unix_timestamp();
    json!({
        "access_token": token.value,
        "client_id": identity.client_id,
        "expires_in": left.to_string(),
        "expires_on": token.expires_on.to_string(),
        "ext_expires_in": LIFETIME.to_string(),
        "not_before": token.not_before.to_string(),
        "resource": resource,
        "token_type": "Bearer",
    })
}

fn refused(text: &str) -> Fault {
    let body = json!({ "error": "invalid_request", "error_description": text });
    Fault::Json(StatusCode::BAD_REQUEST, body)
}
