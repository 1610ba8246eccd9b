//! The endpoints and errors of this build as data: for documentation, tests and reports.

use crate::control;
use crate::entra::endpoint::Endpoint;
use crate::entra::grant::GRANTS;
use crate::exchange::error::{AadstsRow, CATALOGUE};
use crate::service::app::endpoints;

/// Every endpoint, grant and error of this build; `emulator/ENDPOINTS.md` is made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Endpoints of the services that are played.
    pub endpoints: Vec<EndpointInfo>,
    /// The emulator about itself.
    pub control: Vec<EndpointInfo>,
    /// Values of `grant_type` the token endpoints take.
    pub grants: Vec<&'static str>,
    /// Errors of the token service, by number.
    pub errors: Vec<ErrorInfo>,
}

/// One endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointInfo {
    /// Its name in the journal and in rules of a script.
    pub name: &'static str,
    /// The methods that do something, such as `GET, POST`.
    pub methods: &'static str,
    /// Its path; `{tenant}` and the like stand for one segment.
    pub path: &'static str,
    /// Its purpose.
    pub about: &'static str,
}

/// One numbered error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorInfo {
    /// The number after `AADSTS`.
    pub code: u32,
    /// HTTP status where the error is JSON.
    pub status: u16,
    /// The OAuth error.
    pub error: &'static str,
    /// The message, with holes such as `{tenant}`.
    pub text: &'static str,
}

impl Reference {
    /// That of this build.
    pub fn new() -> Self {
        let row = |row: &AadstsRow| ErrorInfo {
            code: row.code,
            status: row.status(),
            error: row.error,
            text: row.text,
        };
        let mut errors: Vec<_> = CATALOGUE.iter().map(row).collect();
        errors.sort_unstable_by_key(|error| error.code);
        Self {
            endpoints: endpoints().map(info).collect(),
            control: control::ENDPOINTS.iter().map(info).collect(),
            grants: GRANTS.iter().map(|grant| grant.name).collect(),
            errors,
        }
    }
}

impl Default for Reference {
    fn default() -> Self {
        Self::new()
    }
}

fn info<R>(endpoint: &Endpoint<R>) -> EndpointInfo {
    EndpointInfo {
        name: endpoint.name,
        methods: endpoint.methods,
        path: endpoint.path,
        about: endpoint.about,
    }
}
