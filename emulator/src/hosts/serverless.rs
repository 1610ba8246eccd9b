//! Azure Functions and Azure Container Apps: App Service's endpoint in other places.

use axum::extract::State;

use super::app_service::{AppServiceApi, answered, of_2017, of_2019};
use super::{Place, Row};
use crate::entra::endpoint::{Endpoint, any};
use crate::exchange::request::Incoming;
use crate::world::config::host_secret::{self, secret};
use crate::world::config::{Host, Hosts};

pub(super) const FUNCTIONS: Row = Row {
    name: host_secret::FUNCTIONS,
    about: "Azure Functions",
    endpoints: &[Endpoint {
        name: "functions.token",
        methods: "GET",
        path: FUNCTIONS_PATH,
        route: || {
            any(async |State(state), Incoming(call)| answered(&state, &call, functions).await)
        },
        about: "tokens of a function app's managed identities, as at App Service",
    }],
    environment: |place: &Place<'_>| {
        let (url, secret) = (place.http(FUNCTIONS_PATH), functions(place.hosts()).secret);
        [of_2019(&url, &secret), of_2017(&url, &secret)].concat()
    },
};

pub(super) const CONTAINER_APPS: Row = Row {
    name: host_secret::CONTAINER_APPS,
    about: "Azure Container Apps",
    endpoints: &[Endpoint {
        name: "container_apps.token",
        methods: "GET",
        path: CONTAINER_APPS_PATH,
        route: || {
            any(async |State(state), Incoming(call)| answered(&state, &call, container_apps).await)
        },
        about: "tokens of a container app's managed identities, as at App Service",
    }],
    environment: |place: &Place<'_>| {
        let url = place.http(CONTAINER_APPS_PATH);
        of_2019(&url, &container_apps(place.hosts()).secret).to_vec()
    },
};

const FUNCTIONS_PATH: &str = "/functions/msi/token";
const CONTAINER_APPS_PATH: &str = "/container-apps/msi/token";

fn functions(hosts: &Hosts) -> AppServiceApi {
    service(&hosts.functions, host_secret::FUNCTIONS)
}

fn container_apps(hosts: &Hosts) -> AppServiceApi {
    service(&hosts.container_apps, host_secret::CONTAINER_APPS)
}

fn service(host: &Host, name: &str) -> AppServiceApi {
    AppServiceApi {
        identities: host.identities.clone(),
        secret: secret(host.secret.as_ref(), name),
        windows: false,
    }
}
