//! The cells without a case: things that cannot happen or are shown elsewhere, each with the
//! reason.

use identity_conformance::protocol::FailureKind::{
    Config, InteractionRequired, Rejected, Timeout, Transport, Unavailable,
};

use super::class::Class::{self, Failure, TenantAllowed, TenantRefused};

/// Subjects, classes, reason. A subject that ends in `/*` stands for all that begin so.
type Row = (&'static [&'static str], &'static [Class], &'static str);

pub(crate) const EXEMPT: &[Row] = &[
    (
        &[
            "client_secret",
            "client_certificate",
            "client_assertion",
            "workload_identity",
            "azure_pipelines",
            "environment/secret",
            "environment/certificate",
            "managed_identity/*",
        ],
        &[Failure(InteractionRequired)],
        "no user is behind it who could act",
    ),
    (
        &["azure_cli", "azure_developer_cli", "azure_powershell"],
        &[Failure(InteractionRequired)],
        "who has to act does so in the tool: until then it is unavailable, as in not_signed_in",
    ),
    (
        &["device_code", "interactive_browser"],
        &[Failure(InteractionRequired)],
        "it asks the user itself",
    ),
    (
        &[
            "client_secret",
            "client_certificate",
            "client_assertion",
            "on_behalf_of",
            "authorization_code",
            "device_code",
            "interactive_browser",
            "username_password",
        ],
        &[Failure(Unavailable)],
        "its caller gives it all it needs: nothing that a machine may lack",
    ),
    (
        &[
            "managed_identity/imds",
            "managed_identity/container-instances",
        ],
        &[Failure(Rejected)],
        "what the metadata service refuses makes the credential unavailable: unknown_resource",
    ),
    (
        &["managed_identity/service-fabric"],
        &[Failure(Rejected)],
        "what the node refuses makes the credential unavailable: wrong_secret",
    ),
    (
        &["managed_identity/cloud-shell", "managed_identity/azure-ml"],
        &[Failure(Unavailable)],
        "a program is there or it is not; whatever its host does not grant it refuses",
    ),
    (
        &[
            "client_certificate",
            "client_assertion",
            "workload_identity",
            "azure_pipelines",
            "on_behalf_of",
            "environment/*",
            "managed_identity/*",
            "shared_token_cache",
            "visual_studio_code",
            "authorization_code",
            "username_password",
            "chained",
            "default",
        ],
        &[Failure(Timeout)],
        "the limit is that of an HTTP exchange, one for all: presets/entra_silent shows it for \
         client_secret, and whoever asks a silent IMDS still waits when the case ends",
    ),
    (
        &["azure_cli", "azure_developer_cli", "azure_powershell"],
        &[Failure(Timeout)],
        "a tool that takes too long is unavailable, so that a chain goes on: hangs",
    ),
    (
        &["azure_cli", "azure_developer_cli", "azure_powershell"],
        &[Failure(Transport)],
        "how a tool gets on with the service only its output tells: garbage, refused, fails",
    ),
    (
        &[
            "managed_identity/app-service",
            "managed_identity/functions",
            "managed_identity/container-apps",
            "managed_identity/container-instances",
            "managed_identity/arc",
            "managed_identity/azure-ml",
        ],
        &[Failure(Config)],
        "what can be wrong with a call is seen before a host is looked for: \
         managed_identity/imds/two_scopes",
    ),
    (
        &[
            "managed_identity/app-service",
            "managed_identity/functions",
            "managed_identity/container-apps",
            "managed_identity/container-instances",
            "managed_identity/arc",
            "managed_identity/service-fabric",
            "managed_identity/cloud-shell",
            "managed_identity/azure-ml",
        ],
        &[TenantAllowed],
        "a host knows one tenant, whichever is asked for: managed_identity/imds/another_tenant",
    ),
    (
        &["managed_identity/*"],
        &[TenantRefused],
        "as above: no tenant is asked for, so none is refused",
    ),
];
