//! MIGRATING.md lists every public name of the libraries that people come from, and of this crate
//! only names that exist.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sources;

use std::collections::BTreeSet;

use self::sources::{file, sources};

/// The exports of `azure_identity` 1.0, each name with its public fields, variants and methods;
/// then the parts of azure_core that its options are made of, and its features.
const RUST: &str = "
    AzureCliCredential
    AzureCliCredentialOptions: subscription tenant_id executor
    AzureDeveloperCliCredential
    AzureDeveloperCliCredentialOptions: executor tenant_id
    AzurePipelinesCredential
    AzurePipelinesCredentialOptions: credential_options
    ClientAssertion: secret
    ClientAssertionCredential
    ClientAssertionCredentialOptions: client_options
    ClientCertificateCredential
    ClientCertificateCredentialOptions: client_options password
    ClientSecretCredential
    ClientSecretCredentialOptions: client_options
    DeveloperToolsCredential
    DeveloperToolsCredentialOptions: executor
    Executor: run
    ManagedIdentityCredential
    ManagedIdentityCredentialOptions: user_assigned_id client_options
    UserAssignedId: ClientId ObjectId ResourceId
    WorkloadIdentityCredential
    WorkloadIdentityCredentialOptions: credential_options client_id tenant_id token_file_path
    new_executor

    ClientOptions: per_call_policies per_try_policies retry transport user_agent instrumentation logging cloud

    client_certificate
    tokio
    reqwest
    reqwest_rustls
    reqwest_gzip
    reqwest_deflate
";

/// The exports of `azure.identity` 1.27, each name with its arguments (those of
/// `azure.identity.aio` are among these); then the arguments of the default chain, those that many
/// credentials take, and those of azure-core's pipeline.
const PYTHON: &str = "
    AuthenticationRecord: authority client_id home_account_id tenant_id username serialize deserialize
    AuthenticationRequiredError: scopes claims
    AuthorizationCodeCredential: tenant_id client_id authorization_code redirect_uri client_secret
    AzureAuthorityHosts: AZURE_CHINA AZURE_GERMANY AZURE_GOVERNMENT AZURE_PUBLIC_CLOUD
    AzureCliCredential: tenant_id subscription process_timeout
    AzureDeveloperCliCredential: tenant_id process_timeout
    AzurePipelinesCredential: tenant_id client_id service_connection_id system_access_token
    AzurePowerShellCredential: tenant_id process_timeout
    CertificateCredential: tenant_id client_id certificate_path certificate_data password send_certificate_chain
    ChainedTokenCredential: credentials
    ClientAssertionCredential: tenant_id client_id func
    ClientSecretCredential: tenant_id client_id client_secret
    CredentialUnavailableError
    DefaultAzureCredential
    DeviceCodeCredential: client_id tenant_id timeout prompt_callback
    EnvironmentCredential
    InteractiveBrowserCredential: client_id tenant_id login_hint redirect_uri timeout
    KnownAuthorities
    ManagedIdentityCredential: client_id identity_config
    OnBehalfOfCredential: tenant_id client_id client_secret client_certificate client_assertion_func
        password send_certificate_chain user_assertion
    SharedTokenCacheCredential: username tenant_id authentication_record supported
    TokenCachePersistenceOptions: name allow_unencrypted_storage
    UsernamePasswordCredential: client_id username password tenant_id
    VisualStudioCodeCredential: tenant_id
    WorkloadIdentityCredential: tenant_id client_id token_file_path enable_azure_proxy
    get_bearer_token_provider: credential scopes

    broker_client_id
    broker_tenant_id
    exclude_broker_credential
    exclude_cli_credential
    exclude_developer_cli_credential
    exclude_environment_credential
    exclude_interactive_browser_credential
    exclude_managed_identity_credential
    exclude_powershell_credential
    exclude_shared_token_cache_credential
    exclude_visual_studio_code_credential
    exclude_workload_identity_credential
    interactive_browser_client_id
    interactive_browser_tenant_id
    managed_identity_client_id
    process_timeout
    require_envvar
    shared_cache_tenant_id
    shared_cache_username
    visual_studio_code_tenant_id
    workload_identity_client_id
    workload_identity_tenant_id

    authority
    additionally_allowed_tenants
    authentication_record
    cache_persistence_options
    disable_automatic_authentication
    disable_instance_discovery
    enable_support_logging
    get_token: claims tenant_id enable_cae
    get_token_info
    authenticate: scopes claims tenant_id enable_cae
    close

    connection_cert
    connection_timeout
    connection_verify
    headers
    logging_enable
    policies
    proxies
    raw_request_hook
    raw_response_hook
    read_timeout
    retry_backoff_factor
    retry_backoff_max
    retry_connect
    retry_mode
    retry_on_status_codes
    retry_read
    retry_status
    retry_total
    timeout
    transport
    use_env_settings
    user_agent
";

/// The names in the right columns that are not of this crate.
const FOREIGN: &[&str] = &[
    "Arc",
    "Default",
    "to_owned",
    "vec",
    // A placeholder for any of the credentials.
    "XCredential",
    "XCredentialOptions",
];

/// A row of a table: the words in the code of its left and of its right column.
struct Row {
    there: BTreeSet<String>,
    here: BTreeSet<String>,
}

fn rows(page: &str) -> Vec<Row> {
    let lines = page.lines().filter_map(|line| line.strip_prefix("| "));
    let cells = lines.filter_map(|line| line.split_once(" | "));
    let rows = cells.map(|(there, here)| Row {
        there: words(there),
        here: words(here),
    });
    rows.collect()
}

/// Returns the names in the code of `text`.
fn words(text: &str) -> BTreeSet<String> {
    let code = text.split('`').skip(1).step_by(2);
    code.flat_map(names).collect()
}

fn names(code: &str) -> impl Iterator<Item = String> {
    let names = code.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    names.map(str::to_owned)
}

/// Returns the names of a library that have no row, or whose rows lack one of their parts.
fn missing(page: &str, library: &str) -> Vec<String> {
    let rows = rows(page);
    let mut missing = Vec::new();
    let mut about = BTreeSet::new();
    for line in library.lines() {
        let parts = match line.strip_prefix("    ") {
            // An indented line continues the one before.
            Some(more) if more.starts_with(' ') => more,
            Some(line) => {
                let (name, parts) = line.split_once(':').unwrap_or((line, ""));
                let about_it = rows.iter().filter(|row| row.there.contains(name));
                about = about_it.flat_map(|row| &row.there).collect();
                if about.is_empty() {
                    missing.push(name.to_owned());
                }
                parts
            }
            None => continue,
        };
        let lacking = parts.split_whitespace();
        let lacking = lacking.filter(|part| !about.contains(&String::from(*part)));
        missing.extend(lacking.map(|part| format!("{line}: {part}")));
    }
    missing
}

#[test]
fn every_name_of_the_other_libraries_has_a_row() {
    let page = file("MIGRATING.md");
    let (rust, python) = page
        .split_once("\n## From azure-identity for Python")
        .unwrap();
    assert_eq!(missing(rust, RUST), [""; 0], "of azure_identity");
    assert_eq!(missing(python, PYTHON), [""; 0], "of azure.identity");
}

#[test]
fn a_name_without_a_row_or_with_a_missing_part_is_reported() {
    let page = "| `A(b=)`, `c` | `d` |\n| `E` | nothing |\n";
    let library = "\n    A: b\n    E: f\n        g\n    d\n";
    assert_eq!(missing(page, library), ["    E: f: f", "        g: g", "d"]);
}

#[test]
fn every_name_on_the_right_exists_in_this_crate() {
    let mut ours: BTreeSet<_> = names(&file("Cargo.toml")).collect();
    for (_, text) in sources() {
        ours.extend(names(&text));
    }
    let is_known = |word: &str| {
        let is_name = word.chars().any(|c| c.is_alphabetic()) && word.len() > 2;
        !is_name || FOREIGN.contains(&word) || ours.contains(word)
    };
    let page = file("MIGRATING.md");
    let rows = rows(&page);
    let here = rows.iter().flat_map(|row| &row.here);
    let unknown: Vec<_> = here.filter(|word| !is_known(word)).collect();
    assert_eq!(unknown, [""; 0]);
    assert!(rows.len() > 80, "only {} rows were found", rows.len());
}
