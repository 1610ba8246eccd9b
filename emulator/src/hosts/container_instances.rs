//! Azure Container Instances: a metadata service at the usual address, and variables that make it
//! look like another host without being one.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::imds;
use super::selector::Unchosen;
use super::{Place, Row};
use crate::entra::app_state::AppState;
use crate::entra::endpoint::{Endpoint, any};
use crate::exchange::error::Fault;
use crate::exchange::request::Incoming;
use crate::world::config::Hosts;
use crate::world::config::host_secret::{CONTAINER_INSTANCES, secret};

pub(super) const ROW: Row = Row {
    name: CONTAINER_INSTANCES,
    about: "Azure Container Instances",
    endpoints: ENDPOINTS,
    environment,
};

const BASE: &str = "/container-instances";

const ENDPOINTS: &[Endpoint] = &[Endpoint {
    name: "container_instances.token",
    methods: "GET",
    path: "/container-instances/metadata/identity/oauth2/token",
    route: || any(token),
    about: "tokens of a container group's managed identities",
}];

/// Containers are told a header and a thumbprint, and no endpoint to use them at.
fn environment(place: &Place<'_>) -> Vec<(&'static str, String)> {
    let secret = secret(
        place.hosts().container_instances.secret.as_ref(),
        CONTAINER_INSTANCES,
    );
    vec![
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", place.http(BASE)),
        ("IDENTITY_API_VERSION", "2020-05-01".to_owned()),
        ("IDENTITY_HEADER", secret.expose().to_owned()),
        ("IDENTITY_SERVER_THUMBPRINT", place.thumbprint()),
    ]
}

async fn token(State(state): State<AppState>, Incoming(call): Incoming) -> Response {
    let identities = |hosts: &Hosts| hosts.container_instances.identities.clone();
    imds::served(
        imds::answer(&state, &call, identities, unchosen).await,
        &call,
    )
}

fn unchosen(why: Unchosen) -> Fault {
    match why {
        Unchosen::None | Unchosen::Several => {
            let code = "DefaultIdentityNotDefined";
            // The space at the end is the real service's.
            let error = json!({ "code": code, "message": format!("{code} "), "details": [] });
            Fault::Json(StatusCode::NOT_FOUND, json!({ "error": error }))
        }
        Unchosen::NotAssigned | Unchosen::NamedTwice => imds::unchosen(why),
    }
}
