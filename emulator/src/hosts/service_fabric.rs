//! A Service Fabric application: the node's token service, over TLS with a certificate that the
//! platform made itself and says the thumbprint of. The application's secret decides the identity.

use axum::extract::State;
use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::managed::{self, Ask};
use super::selector::{Selector, SelectorKind, chosen, named};
use super::{Place, Row, error};
use crate::entra::app_state::AppState;
use crate::entra::endpoint::{Endpoint, any};
use crate::exchange::error::Fault;
use crate::exchange::request::{Call, Incoming};
use crate::world::config::host_secret::{SERVICE_FABRIC, secret};

pub(super) const ROW: Row = Row {
    name: SERVICE_FABRIC,
    about: "a Service Fabric application",
    endpoints: ENDPOINTS,
    environment,
};

const PATH: &str = "/service-fabric/metadata/identity/oauth2/token";

const ENDPOINTS: &[Endpoint] = &[Endpoint {
    name: "service_fabric.token",
    methods: "GET",
    path: PATH,
    route: || any(token),
    about: "tokens of a Service Fabric application's managed identity",
}];

fn environment(place: &Place<'_>) -> Vec<(&'static str, String)> {
    let secret = secret(place.hosts().service_fabric.secret.as_ref(), SERVICE_FABRIC);
    vec![
        ("IDENTITY_ENDPOINT", place.https(PATH)),
        ("IDENTITY_HEADER", secret.expose().to_owned()),
        ("IDENTITY_SERVER_THUMBPRINT", place.thumbprint()),
        ("IDENTITY_API_VERSION", VERSIONS[0].to_owned()),
    ]
}

async fn token(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    error::replied(&call, answer(&state, &call).await, |error| {
        let text = error.description(&call);
        (error.status(), told(&call, error.error(), &text))
    })
}

async fn answer(state: &AppState, call: &Call) -> Result<Value, Fault> {
    let refused = |status, code, text: &str| Fault::Json(status, told(call, code, text));
    let bad = |code, text: &str| refused(StatusCode::BAD_REQUEST, code, text);
    if call.method != Method::GET {
        let text = "The requested resource does not support the http method.";
        return Err(refused(
            StatusCode::METHOD_NOT_ALLOWED,
            "MethodNotAllowed",
            text,
        ));
    }
    let Some(sent) = call.header("secret") else {
        let text = "Secret is not found in the request headers.";
        return Err(bad("SecretHeaderNotFound", text));
    };
    let version = call.query("api-version").unwrap_or_default();
    if !VERSIONS.contains(&version) {
        return Err(bad("InvalidApiVersion", &unsupported(version)));
    }
    let resource = call.query("resource").filter(|value| !value.is_empty());
    let resource = resource.ok_or_else(|| {
        let text = "The parameter 'resource' should not be null or empty string.";
        bad("ArgumentNullOrEmpty", text)
    })?;
    let snapshot = state.snapshot(call.at);
    let directory = &snapshot.directory;
    let host = &directory.world().hosts.service_fabric;
    let known = secret(host.secret.as_ref(), SERVICE_FABRIC).matches(sent);
    let assigned = directory.assigned(&host.identities);
    let found = chosen(&assigned, &named(call, SELECTORS));
    let identity = found.ok().filter(|_| known).ok_or_else(|| {
        let text = "Managed identity not found for the specified application host.";
        refused(StatusCode::NOT_FOUND, "ManagedIdentityNotFound", text)
    })?;
    let ask = Ask::of(identity, resource).with_revocation(call);
    let token = managed::token(state, call, &snapshot, ask).await?;
    Ok(json!({
        "token_type": "Bearer",
        "access_token": token.value,
        "expires_on": token.expires_on,
        "resource": resource,
    }))
}

/// Returns the text about a version that is not supported. The version was sent by a client and may
/// hold anything.
fn unsupported(version: &str) -> String {
    let shown: String = version.chars().take(32).collect();
    format!(
        "The api-version '{shown}' is not supported. Supported version is '{}'.",
        VERSIONS[0]
    )
}

fn told(call: &Call, code: &str, text: &str) -> Value {
    let id = call.correlation_id;
    json!({ "error": { "correlationId": id, "code": code, "message": text } })
}

/// The documented one, and the one MSAL.NET asks for.
const VERSIONS: &[&str] = &["2019-07-01-preview", "2020-05-01"];
/// The manifest decides; MSAL.NET may say it too.
const SELECTORS: &[Selector] = &[Selector {
    name: "principalId",
    by: SelectorKind::Object,
}];
