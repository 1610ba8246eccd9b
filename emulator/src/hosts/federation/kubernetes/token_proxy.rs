//! The token proxy of a cluster (identity bindings): workloads send it what they would send to the
//! token service, and it passes that on once it has seen that the workload is one of its own.
//!
//! Sources: the webhook of Azure Workload Identity, and what the Azure SDKs do with the variables.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{Request, StatusCode, Uri};
use serde_json::json;
use tower::ServiceExt as _;

use super::{AUDIENCE, TOKEN_EXCHANGE, signed};
use crate::entra::app_state::{AppState, Snapshot};
use crate::entra::client_auth::verify_federated;
use crate::entra::endpoint::{Endpoint, any};
use crate::entra::route::{ENDPOINTS as ENTRA, unknown};
use crate::exchange::error::{Aadsts, Fault};
use crate::exchange::reply;
use crate::exchange::request::{Call, Incoming};
use crate::world::config::{App as Application, FederatedCredential, Workload};

pub(in crate::hosts) const ENDPOINTS: &[Endpoint] = &[Endpoint {
    name: "aks.token_proxy",
    methods: "GET, POST",
    path: "/kubernetes/{workload}/{*path}",
    route: || any(pass_on),
    about: "the token proxy of a cluster: what a workload would send to the token service",
}];

/// The name it goes by in TLS, whatever its address.
pub(crate) const SNI_NAME: &str = "token-proxy.aks.example";
/// The paths that it passes on; requests to anything else end here.
const PASSED_ON: [&str; 6] = [
    "entra.token",
    "entra.discovery.openid",
    "entra.discovery.openid_v1",
    "entra.discovery.instance",
    "entra.keys",
    "entra.keys_v1",
];

async fn pass_on(
    State(state): State<AppState>,
    Path((name, _)): Path<(String, String)>,
    target: Uri,
    Incoming(call): Incoming,
) -> Response {
    let snapshot = state.snapshot(call.at);
    let mut workloads = snapshot.directory.world().workloads.iter();
    let found = workloads.find(|one| one.proxy && one.name.eq_ignore_ascii_case(&name));
    let Some(workload) = found else {
        return reply::nothing_here(StatusCode::NOT_FOUND, &call.method, &call.path);
    };
    let sni = call.sni.as_deref();
    if sni != Some(SNI_NAME) {
        return misdirected(sni);
    }
    // The path as sent differs from the one routed by in nothing but case and its end.
    let start = "/kubernetes/".len() + name.len();
    let (as_sent, folded) = (call.path.get(start..), target.path().get(start..));
    let (as_sent, folded) = (as_sent.unwrap_or("/"), folded.unwrap_or("/"));
    let https = state.addresses().https().to_owned();
    let inner = match exchanged(&state, &snapshot, workload, &call).await {
        Ok(form) => call.forwarded(&https, as_sent, form),
        Err(error) => return reply::as_token_reply(Fault::from(error).at_entra(&call), &call),
    };
    let inner = Incoming(inner.into());
    let response = answer(state, folded, inner.clone()).await;
    call.note_all_of(&inner.0);
    response
}

/// The form with the workload's token replaced by one for the token service, if it is what the
/// cluster gave to this workload.
async fn exchanged(
    state: &AppState,
    snapshot: &Snapshot,
    workload: &Workload,
    call: &Call,
) -> Result<Vec<(String, String)>, Aadsts> {
    const FIELD: &str = "client_assertion";
    let mut form = call.form.clone();
    let Some((_, assertion)) = form.iter_mut().find(|(name, _)| name == FIELD) else {
        return Ok(form);
    };
    verify_federated(snapshot, &binding(snapshot, workload), assertion)?;
    let directory = &snapshot.directory;
    let token = signed(state, directory, workload, TOKEN_EXCHANGE, snapshot.now).await;
    *assertion = token.unwrap_or_default();
    call.note_secret(assertion);
    Ok(form)
}

/// The binding in the words of the directory: an application that trusts this workload alone.
fn binding(snapshot: &Snapshot, workload: &Workload) -> Application {
    let world = snapshot.directory.world();
    let mut issuers = world.issuers.iter();
    let issuer = issuers.find(|one| one.name == workload.issuer);
    let mut apps = world.apps.iter();
    let app = apps.find(|one| one.name == workload.app);
    Application {
        client_id: app.map(|app| app.client_id).unwrap_or_default(),
        federated_credentials: vec![FederatedCredential {
            name: workload.name.clone(),
            issuer: issuer.map(|one| one.url.clone()).unwrap_or_default(),
            subject: Some(workload.subject()),
            matches: None,
            audiences: vec![AUDIENCE.to_owned()],
        }],
        ..Application::default()
    }
}

async fn answer(state: AppState, path: &str, call: Incoming) -> Response {
    let passed_on = ENTRA
        .iter()
        .filter(|endpoint| PASSED_ON.contains(&endpoint.name));
    let routes = passed_on.fold(Router::new(), |routes, endpoint| {
        routes.route(endpoint.path, (endpoint.route)().routed)
    });
    let routes = routes.fallback(unknown).with_state(state);
    let request = Request::builder().method(call.0.method.clone()).uri(path);
    let request = request.extension(call.clone()).body(Body::empty());
    let Ok(request) = request else {
        return reply::nothing_here(StatusCode::NOT_FOUND, &call.0.method, &call.0.path);
    };
    // A router of handlers without errors of their own cannot fail.
    let Ok(response) = routes.oneshot(request).await;
    response
}

/// The gateway in front of it tells its services apart by name.
fn misdirected(sni: Option<&str>) -> Response {
    let asked = sni.unwrap_or("no name");
    let text = format!("TLS asked for {asked}; here is {SNI_NAME} (AZURE_KUBERNETES_SNI_NAME).");
    let body = json!({ "error": "misdirected_request", "error_description": text });
    reply::json(StatusCode::MISDIRECTED_REQUEST, &body)
}
