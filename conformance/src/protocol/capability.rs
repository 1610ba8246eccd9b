//! The capabilities that drivers declare.

/// The capabilities a driver may declare, with their meanings. The set is closed, so that a typo in
/// a case or a driver is an error and not a case that silently never applies.
pub const CAPABILITIES: &[(&str, &str)] = &[
    (
        "credential.client_secret",
        "builds `client_secret` credentials",
    ),
    (
        "credential.managed_identity",
        "builds `managed_identity` credentials",
    ),
    ("credential.environment", "builds `environment` credentials"),
    ("credential.default", "builds `default` credentials"),
    ("credential.chained", "builds `chained` credentials"),
    (
        "credential.client_certificate",
        "builds `client_certificate` credentials",
    ),
    (
        "credential.client_assertion",
        "builds `client_assertion` credentials",
    ),
    (
        "credential.on_behalf_of",
        "builds `on_behalf_of` credentials",
    ),
    (
        "credential.authorization_code",
        "builds `authorization_code` credentials",
    ),
    (
        "credential.device_code",
        "builds `device_code` credentials and tells their codes as a prompt",
    ),
    (
        "credential.interactive_browser",
        "builds `interactive_browser` credentials and tells the address it would open as a prompt",
    ),
    (
        "credential.username_password",
        "builds `username_password` credentials",
    ),
    (
        "credential.workload_identity",
        "builds `workload_identity` credentials",
    ),
    (
        "credential.azure_pipelines",
        "builds `azure_pipelines` credentials",
    ),
    ("credential.azure_cli", "builds `azure_cli` credentials"),
    (
        "credential.azure_developer_cli",
        "builds `azure_developer_cli` credentials",
    ),
    (
        "credential.azure_powershell",
        "builds `azure_powershell` credentials",
    ),
    (
        "credential.shared_token_cache",
        "builds `shared_token_cache` credentials",
    ),
    (
        "credential.visual_studio_code",
        "builds `visual_studio_code` credentials",
    ),
    (
        "cache.developer_tools",
        "reads the token cache that Microsoft's developer tools share, in ~/.IdentityService",
    ),
    (
        "visual_studio_code.without_broker",
        "finds the user of Visual Studio Code without a broker of the operating system",
    ),
    ("clock", "`later`: the library's clock can be put forward"),
    (
        "option.timeout",
        "a sign-in can be given a time limit, `timeout_s`",
    ),
    ("proxy", "honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY"),
    (
        "imds.endpoint_override",
        "AZURE_POD_IDENTITY_AUTHORITY_HOST moves the metadata service",
    ),
    (
        "option.token_proxy",
        "`workload_identity` credentials can ask through the token proxy of AKS",
    ),
    (
        "host.app_service",
        "knows App Service and the hosts like it",
    ),
    (
        "host.arc",
        "knows the Azure Arc agent, whose key files lie in /var/opt/azcmagent/tokens",
    ),
    ("host.azure_ml", "knows Azure Machine Learning"),
    ("host.cloud_shell", "knows Azure Cloud Shell"),
    ("host.service_fabric", "knows Service Fabric"),
    ("option.tenant_id", "a single call can name another tenant"),
    (
        "option.claims",
        "a single call can carry a claims challenge",
    ),
    (
        "option.enable_cae",
        "a single call can say that the caller handles continuous access evaluation",
    ),
    (
        "option.exclude",
        "members of the `default` chain can be left out",
    ),
    (
        "option.require_envvar",
        "the `default` chain can insist on `AZURE_TOKEN_CREDENTIALS`",
    ),
    ("error.oauth", "errors tell the OAuth `error` word"),
    (
        "error.attempts",
        "errors of a chain name every credential tried",
    ),
    (
        "parallel",
        "`tokens`: many callers at once on one credential",
    ),
];
