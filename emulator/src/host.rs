//! Managed identity hosts: where programs in Azure get tokens without a secret of their own.
//!
//! A host is its file, which has its endpoints and the variables it announces itself by, and its
//! row of [`ROWS`].

mod announced;
mod app_service;
mod arc;
mod azure_ml;
mod cloud_shell;
mod container_instances;
mod error;
mod imds;
mod managed;
mod manners;
mod selector;
mod serverless;
mod service_fabric;
mod strings;

use crate::endpoint::Endpoint;

pub use announced::IdentityHost;
pub(crate) use announced::Place;

/// One host.
#[derive(Debug)]
pub(crate) struct Row {
    /// On command lines.
    name: &'static str,
    /// What it is, in a few words.
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
