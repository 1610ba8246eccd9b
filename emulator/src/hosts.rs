//! Managed identity hosts: where programs in Azure get tokens without a secret of their own.
//!
//! A host is its file, which has its endpoints and the variables it announces itself by, and its
//! row of [`ROWS`].

mod app_service;
mod arc;
mod azure_ml;
mod cloud_shell;
mod container_instances;
mod error;
pub(crate) mod federation;
mod host_environment;
mod imds;
mod managed;
mod metadata_rules;
mod selector;
mod serverless;
mod service_fabric;
mod strings;

use crate::entra::endpoint::Endpoint;

pub use host_environment::IdentityHost;
pub(in crate::hosts) use host_environment::Place;

/// One host.
#[derive(Debug)]
pub(in crate::hosts) struct Row {
    /// On command lines.
    name: &'static str,
    /// Its description, in a few words.
    about: &'static str,
    endpoints: &'static [Endpoint],
    /// The variables it sets for its programs.
    environment: fn(&Place<'_>) -> Vec<(&'static str, String)>,
}

/// In the order they are listed to people.
const ROWS: &[Row] = &[
    imds::ROW,
    app_service::ROW,
    app_service::ROW_2017,
    serverless::FUNCTIONS,
    serverless::CONTAINER_APPS,
    container_instances::ROW,
    arc::ROW,
    service_fabric::ROW,
    cloud_shell::ROW,
    azure_ml::ROW,
];

/// The endpoints of all hosts.
pub(crate) fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    ROWS.iter().flat_map(|row| row.endpoints)
}
