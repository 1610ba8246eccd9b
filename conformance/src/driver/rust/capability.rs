//! The capabilities of our own crate, in the words of the protocol.

use crate::protocol::Credential;

/// The capabilities that `hello` declares.
pub(super) const CAN: &[&str] = &[
    "credential.client_secret",
    "credential.managed_identity",
    "credential.environment",
    "credential.default",
    "credential.chained",
    "credential.client_certificate",
    "credential.client_assertion",
    "credential.on_behalf_of",
    "credential.workload_identity",
    "credential.azure_pipelines",
    "credential.azure_cli",
    "credential.azure_developer_cli",
    "credential.azure_powershell",
    "credential.authorization_code",
    "credential.device_code",
    "credential.interactive_browser",
    "credential.username_password",
    "credential.shared_token_cache",
    "credential.visual_studio_code",
    "cache.developer_tools",
    "visual_studio_code.without_broker",
    "clock",
    "option.enable_cae",
    "option.exclude",
    "option.require_envvar",
    "option.timeout",
    "proxy",
    "imds.endpoint_override",
    "host.app_service",
    "host.arc",
    "host.azure_ml",
    "host.cloud_shell",
    "host.service_fabric",
    "option.token_proxy",
    "option.tenant_id",
    "option.claims",
    "error.oauth",
    "error.attempts",
    "parallel",
];

/// The capability of a credential that this crate does not have.
pub(super) fn missing(credential: &Credential) -> Option<String> {
    if let Credential::Chained { credentials } = credential {
        return credentials.iter().find_map(missing);
    }
    let name = format!("credential.{}", credential.kind());
    (!CAN.contains(&name.as_str())).then_some(name)
}
