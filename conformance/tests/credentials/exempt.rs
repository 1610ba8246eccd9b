//! What cannot happen, or is shown elsewhere, and why.

use super::class::Class::{
    self, Config, InteractionRequired, Rejected, TenantAllowed, TenantRefused, Timeout, Transport,
    Unavailable,
};

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
        &[InteractionRequired],
        "no user is behind it who could act",
    ),
    (
        &["azure_cli", "azure_developer_cli", "azure_powershell"],
        &[InteractionRequired],
        "who has to act does so in the tool: until then it is unavailable, as in not_signed_in",
    ),
    (
        &["device_code", "interactive_browser"],
        &[InteractionRequired],
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
        &[Unavailable],
        "its caller gives it all it needs: nothing that a machine may lack",
    ),
    (
        &[
            "managed_identity/imds",
            "managed_identity/container-instances",
        ],
        &[Rejected],
        "what the metadata service refuses makes the credential unavailable: unknown_resource",
    ),
    (
        &["managed_identity/service-fabric"],
        &[Rejected],
        "what the node refuses makes the credential unavailable: wrong_secret",
    ),
    (
        &["managed_identity/cloud-shell", "managed_identity/azure-ml"],
        &[Unavailable],
        "a program is there or it is not; whatever its host does not grant it refuses",
    ),
    (
        &["chained", "default"],
        &[Unavailable],
        "that nobody was available is a refusal, as in the reference library: \
         error_lists_every_attempt",
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
        &[Timeout],
        "the limit is that of an HTTP exchange, one for all: presets/entra_silent shows it for \
         client_secret, and whoever asks a silent IMDS still waits when the case ends",
    ),
    (
        &["azure_cli", "azure_developer_cli", "azure_powershell"],
        &[Timeout],
        "a tool that takes too long is unavailable, so that a chain goes on: hangs",
    ),
    (
        &["azure_cli", "azure_developer_cli", "azure_powershell"],
        &[Transport],
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
        &[Config],
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
