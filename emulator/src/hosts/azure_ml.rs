//! Azure Machine Learning compute: App Service's API of 2017, with times in seconds.

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
use crate::world::config::host_secret::{AZURE_ML, secret};

pub(super) const ROW: Row = Row {
    name: AZURE_ML,
    about: "Azure Machine Learning compute",
    endpoints: ENDPOINTS,
    environment,
};

const PATH: &str = "/azure-ml/msi/auth";

const ENDPOINTS: &[Endpoint] = &[Endpoint {
    name: "azure_ml.token",
    methods: "GET",
    path: PATH,
    route: || any(token),
    about: "tokens of a compute's managed identities",
}];

fn environment(place: &Place<'_>) -> Vec<(&'static str, String)> {
    let host = &place.hosts().azure_ml;
    let secret = secret(host.secret.as_ref(), AZURE_ML);
    let mut variables = vec![
        ("MSI_ENDPOINT", place.http(PATH)),
        ("MSI_SECRET", secret.expose().to_owned()),
    ];
    let first = host.identities.first();
    let mut known = place.world.managed_identities.iter();
    if let Some(identity) = known.find(|one| Some(&one.name) == first) {
        let id = identity.client_id.to_string();
        variables.push(("DEFAULT_IDENTITY_CLIENT_ID", id));
    }
    variables
}

async fn token(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    error::replied(&call, answer(&state, &call).await, |error| {
        let status = error.status();
        (status, told(&call, status, &error.description(&call)))
    })
}

async fn answer(state: &AppState, call: &Call) -> Result<Value, Fault> {
    let refused = |status, text: &str| Fault::Json(status, told(call, status, text));
    let bad = |text: &str| refused(StatusCode::BAD_REQUEST, text);
    if call.method != Method::GET {
        let text = "The requested resource does not support the http method.";
        return Err(refused(StatusCode::METHOD_NOT_ALLOWED, text));
    }
    let snapshot = state.snapshot(call.at);
    let directory = &snapshot.directory;
    let host = &directory.world().hosts.azure_ml;
    let secret = secret(host.secret.as_ref(), AZURE_ML);
    if !call
        .header("secret")
        .is_some_and(|value| secret.matches(value))
    {
        let text = "The secret of this compute is not in the header secret.";
        return Err(refused(StatusCode::UNAUTHORIZED, text));
    }
    if call.query("api-version") != Some("2017-09-01") {
        return Err(bad("The API version is 2017-09-01."));
    }
    let resource = call.query("resource").filter(|value| !value.is_empty());
    let resource = resource.ok_or_else(|| bad("The parameter 'resource' is missing."))?;
    let mut named = named(call, SELECTORS);
    // Some SDKs always send it.
    named.retain(|one| !one.value.is_empty());
    let identity = chosen(&directory.assigned(&host.identities), &named)
        .map_err(|_| bad("No managed identity found for specified ClientId."))?;
    let ask = Ask::of(identity, resource);
    let token = managed::token(state, call, &snapshot, ask).await?;
    Ok(json!({
        "access_token": token.value,
        "client_id": identity.client_id,
        "expires_on": token.expires_on.to_string(),
        "resource": resource,
        "token_type": "Bearer",
    }))
}

fn told(call: &Call, status: StatusCode, text: &str) -> Value {
    json!({ "statusCode": status.as_u16(), "message": text, "correlationId": call.correlation_id })
}

/// Identities go by client id only; whatever else is sent counts for nothing.
const SELECTORS: &[Selector] = &[Selector {
    name: "clientid",
    by: SelectorKind::Client,
}];
