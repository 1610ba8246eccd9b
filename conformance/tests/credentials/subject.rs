//! The subject of a case: the kind of credential it is about.

use identity_conformance::case::CaseFile;
use identity_conformance::protocol::Credential;

/// Every kind of credential. A managed identity is asked for in another way on every host, and the
/// environment has three credentials to choose from.
pub(crate) const SUBJECTS: [&str; 29] = [
    "client_secret",
    "client_certificate",
    "client_assertion",
    "workload_identity",
    "azure_pipelines",
    "on_behalf_of",
    "environment/secret",
    "environment/certificate",
    "environment/user",
    "managed_identity/imds",
    "managed_identity/app-service",
    "managed_identity/functions",
    "managed_identity/container-apps",
    "managed_identity/container-instances",
    "managed_identity/arc",
    "managed_identity/service-fabric",
    "managed_identity/cloud-shell",
    "managed_identity/azure-ml",
    "azure_cli",
    "azure_developer_cli",
    "azure_powershell",
    "shared_token_cache",
    "visual_studio_code",
    "authorization_code",
    "device_code",
    "interactive_browser",
    "username_password",
    "chained",
    "default",
];

/// The subjects of a name: with `/*` at its end, all that begin so.
pub(crate) fn all(name: &'static str) -> Vec<&'static str> {
    let Some(start) = name.strip_suffix('*') else {
        return vec![name];
    };
    let subjects = SUBJECTS.into_iter();
    let found: Vec<_> = subjects
        .filter(|subject| subject.starts_with(start))
        .collect();
    // A name without a subject is returned as it is, so that the test on stale reasons reports it.
    if found.is_empty() { vec![name] } else { found }
}

/// The subjects of a case: one, or all of the environment's where no variable says which credential
/// is meant.
pub(crate) fn of(file: &CaseFile) -> Vec<&'static str> {
    let steps = &file.case.steps;
    let Some(credential) = steps.iter().find_map(|step| step.credential()) else {
        return Vec::new();
    };
    let world = &file.case.world;
    let names: Vec<String> = match credential {
        Credential::ManagedIdentity { .. } => {
            let host = world.host.map_or("imds", |host| host.name());
            // A workload's managed identity is the workload.
            match world.env.contains_key("AZURE_FEDERATED_TOKEN_FILE") {
                true => Vec::new(),
                false => vec![format!("managed_identity/{host}")],
            }
        }
        Credential::Environment { .. } => {
            let has = |name: &str| world.env.contains_key(name);
            let ways = [
                ("secret", has("AZURE_CLIENT_SECRET")),
                ("certificate", has("AZURE_CLIENT_CERTIFICATE_PATH")),
                ("user", has("AZURE_USERNAME")),
            ];
            let first = ways.iter().find(|(_, there)| *there);
            let ways = first.map_or(&ways[..], std::slice::from_ref);
            ways.iter()
                .map(|(way, _)| format!("environment/{way}"))
                .collect()
        }
        other => vec![other.kind().to_owned()],
    };
    SUBJECTS
        .into_iter()
        .filter(|subject| names.iter().any(|name| name == subject))
        .collect()
}
