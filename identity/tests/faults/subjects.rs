//! The credentials that speak HTTP, each in the world it is for.

use std::sync::Arc;

use identity::{
    ChainedTokenCredential, ClientSecretCredential, ClientSecretCredentialOptions,
    DefaultAzureCredential, DefaultAzureCredentialOptions, EnvironmentCredential,
    EnvironmentCredentialOptions, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    Options, TokenCredential,
};

use crate::worlds::SECRET;

/// Who answers a credential's requests; what an answer means depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Entra,
    Imds,
    /// IMDS that is probed first: everything that is no answer means that it is not there.
    ProbedImds,
    /// Any other managed identity host; whether its 400 means that it has no such identity.
    Host {
        denies_with_400: bool,
    },
}

pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) service: Service,
    pub(crate) variables: &'static [(&'static str, &'static str)],
    /// Whether it has [`SECRET`] to lose, besides tokens.
    pub(crate) secretive: bool,
    pub(crate) make: fn(Options) -> Arc<dyn TokenCredential>,
}

const ENDPOINT: (&str, &str) = ("IDENTITY_ENDPOINT", "https://127.0.0.1:1/token");
const HEADER: (&str, &str) = ("IDENTITY_HEADER", SECRET);
const MSI: (&str, &str) = ("MSI_ENDPOINT", "http://127.0.0.1:1/token");
const APPLICATION: &[(&str, &str)] = &[
    ("AZURE_TENANT_ID", "contoso"),
    ("AZURE_CLIENT_ID", "app"),
    ("AZURE_CLIENT_SECRET", SECRET),
];

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
        make: managed_identity,
    }
}

pub(crate) const SUBJECTS: &[Subject] = &[
    Subject {
        name: "client secret",
        service: Service::Entra,
        secretive: true,
        variables: &[],
        make: client_secret,
    },
    Subject {
        name: "environment",
        service: Service::Entra,
        secretive: true,
        variables: APPLICATION,
        make: environment,
    },
    Subject {
        name: "a chain",
        service: Service::Entra,
        secretive: true,
        variables: &[],
        make: chained,
    },
    Subject {
        name: "the default chain with an application",
        service: Service::Entra,
        secretive: true,
        variables: APPLICATION,
        make: default,
    },
    Subject {
        name: "the default chain with nothing",
        service: Service::ProbedImds,
        secretive: false,
        variables: &[],
        make: default,
    },
    Subject {
        name: "IMDS",
        service: Service::Imds,
        secretive: false,
        variables: &[],
        make: managed_identity,
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

fn client_secret(options: Options) -> Arc<dyn TokenCredential> {
    let options = ClientSecretCredentialOptions { options };
    Arc::new(ClientSecretCredential::with_options("contoso", "app", SECRET, options).unwrap())
}

fn environment(options: Options) -> Arc<dyn TokenCredential> {
    let options = EnvironmentCredentialOptions { options };
    Arc::new(EnvironmentCredential::with_options(options).unwrap())
}

fn chained(options: Options) -> Arc<dyn TokenCredential> {
    let members = vec![client_secret(options.clone()), client_secret(options)];
    Arc::new(ChainedTokenCredential::new(members).unwrap())
}

fn default(options: Options) -> Arc<dyn TokenCredential> {
    let options = DefaultAzureCredentialOptions {
        options,
        ..Default::default()
    };
    Arc::new(DefaultAzureCredential::with_options(options).unwrap())
}

fn managed_identity(options: Options) -> Arc<dyn TokenCredential> {
    let options = ManagedIdentityCredentialOptions {
        identity: None,
        options,
    };
    Arc::new(ManagedIdentityCredential::with_options(options).unwrap())
}
