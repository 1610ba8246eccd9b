//! The credentials that speak HTTP, each in the environment it is for.

use std::sync::Arc;

use identity::context::{Request, Response};
use identity::{Options, TokenCredential};

use crate::make;
use crate::worlds::{SECRET, TOKEN_FILE};

/// The kind of service that answers a credential, on which the meaning of an answer depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Entra,
    Imds,
    /// IMDS that is probed first: no answer means that it is not there.
    ProbedImds,
    /// Any other managed identity host, and whether its 400 means that it has no such identity.
    Host {
        denies_with_400: bool,
    },
}

pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) service: Service,
    pub(crate) variables: &'static [(&'static str, &'static str)],
    /// Whether it sends [`SECRET`] besides tokens.
    pub(crate) secretive: bool,
    /// The answer to requests before the fault.
    pub(crate) before: fn(&Request) -> Option<Response>,
    pub(crate) make: fn(Options) -> Arc<dyn TokenCredential>,
}

const ENDPOINT: (&str, &str) = ("IDENTITY_ENDPOINT", "https://127.0.0.1:1/token");
const HEADER: (&str, &str) = ("IDENTITY_HEADER", SECRET);
const MSI: (&str, &str) = ("MSI_ENDPOINT", "http://127.0.0.1:1/token");
pub(crate) const APPLICATION: &[(&str, &str)] = &[
    ("AZURE_TENANT_ID", "contoso"),
    ("AZURE_CLIENT_ID", "app"),
    ("AZURE_CLIENT_SECRET", SECRET),
];

pub(crate) const POD: &[(&str, &str)] = &[
    ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com"),
    ("AZURE_TENANT_ID", "contoso"),
    ("AZURE_CLIENT_ID", "app"),
    ("AZURE_FEDERATED_TOKEN_FILE", TOKEN_FILE),
];
const JOB: &[(&str, &str)] = &[("SYSTEM_OIDCREQUESTURI", "https://dev.azure.com/oidc")];

fn nothing(_: &Request) -> Option<Response> {
    None
}

/// Answers with the service connection's assertion.
fn connected(request: &Request) -> Option<Response> {
    let devops = request.url.host_str() == Some("dev.azure.com");
    devops.then(|| Response::new(200, format!(r#"{{"oidcToken":"{SECRET}"}}"#)))
}

const fn host(
    name: &'static str,
    denies_with_400: bool,
    secretive: bool,
    variables: &'static [(&'static str, &'static str)],
) -> Subject {
    Subject {
        name,
        service: Service::Host { denies_with_400 },
        variables,
        secretive,
        before: nothing,
        make: make::managed_identity,
    }
}

/// Returns an application at the token service.
const fn application(
    name: &'static str,
    secretive: bool,
    variables: &'static [(&'static str, &'static str)],
    make: fn(Options) -> Arc<dyn TokenCredential>,
) -> Subject {
    Subject {
        name,
        service: Service::Entra,
        variables,
        secretive,
        before: nothing,
        make,
    }
}

pub(crate) const SUBJECTS: &[Subject] = &[
    application("client secret", true, &[], make::client_secret),
    application("certificate", false, &[], make::certificate),
    application("client assertion", true, &[], make::client_assertion),
    application("on behalf of, by secret", true, &[], make::by_secret),
    application(
        "on behalf of, by certificate",
        true,
        &[],
        make::by_certificate,
    ),
    application("on behalf of, by assertion", true, &[], make::by_assertion),
    application("workload identity", true, POD, make::workload_identity),
    application(
        "managed identity in a pod",
        true,
        POD,
        make::managed_identity,
    ),
    application("environment", true, APPLICATION, make::environment),
    application("a chain", true, &[], make::chained),
    application(
        "the default chain with an application",
        true,
        APPLICATION,
        make::default,
    ),
    application("the default chain in a pod", true, POD, make::default),
    // All requests fail, so the first of the two does: the one to Azure DevOps.
    application("a pipeline at Azure DevOps", true, JOB, make::pipeline),
    Subject {
        before: connected,
        ..application("a pipeline at the token service", true, JOB, make::pipeline)
    },
    Subject {
        name: "the default chain with nothing",
        service: Service::ProbedImds,
        secretive: false,
        variables: &[],
        before: nothing,
        make: make::default,
    },
    Subject {
        name: "IMDS",
        service: Service::Imds,
        secretive: false,
        variables: &[],
        before: nothing,
        make: make::managed_identity,
    },
    host("App Service", true, true, &[ENDPOINT, HEADER]),
    host("Azure ML", false, true, &[MSI, ("MSI_SECRET", SECRET)]),
    host(
        "App Service of 2017",
        false,
        true,
        &[MSI, ("MSI_SECRET", SECRET), ("WEBSITE_SITE_NAME", "s")],
    ),
    host("Cloud Shell", false, false, &[MSI]),
    host(
        "Azure Arc",
        true,
        false,
        &[ENDPOINT, ("IMDS_ENDPOINT", "x")],
    ),
    host(
        "Service Fabric",
        false,
        true,
        &[
            ENDPOINT,
            HEADER,
            (
                "IDENTITY_SERVER_THUMBPRINT",
                "0000000000000000000000000000000000000000",
            ),
        ],
    ),
];
