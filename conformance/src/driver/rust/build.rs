//! The credentials of a case, built from our own crate.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, AzurePipelinesCredential, AzurePipelinesCredentialOptions,
    AzurePowerShellCredential, AzurePowerShellCredentialOptions, CertificateCredential,
    CertificateCredentialOptions, ChainedTokenCredential, ClientAssertion,
    ClientAssertionCredential, ClientAssertionCredentialOptions, ClientCertificate, ClientProof,
    ClientSecretCredential, ClientSecretCredentialOptions, DefaultAzureCredential,
    DefaultAzureCredentialOptions, EnvironmentCredential, EnvironmentCredentialOptions, Error,
    ErrorKind, ManagedIdentityCredential, ManagedIdentityCredentialOptions, ManagedIdentityId,
    OnBehalfOfCredential, OnBehalfOfCredentialOptions, Options, Result, SharedTokenCacheCredential,
    SharedTokenCacheCredentialOptions, TokenCredential, VisualStudioCodeCredential,
    VisualStudioCodeCredentialOptions, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};

use crate::protocol::{Credential, DeveloperCache, Entra, Tool, Workload};

/// The credential a `credential` object describes, in the world of `options`.
pub(super) fn credential(
    described: &Credential,
    options: Options,
) -> Result<Arc<dyn TokenCredential>> {
    match described {
        Credential::ManagedIdentity {
            client_id,
            object_id,
            resource_id,
        } => {
            let client = client_id.clone().map(ManagedIdentityId::ClientId);
            let object = object_id.clone().map(ManagedIdentityId::ObjectId);
            let resource = resource_id.clone().map(ManagedIdentityId::ResourceId);
            let identity = client.or(object).or(resource);
            let options = ManagedIdentityCredentialOptions {
                identity,
                options,
                ..Default::default()
            };
            shared(ManagedIdentityCredential::with_options(options))
        }
        Credential::Environment { .. } => {
            let options = EnvironmentCredentialOptions { options };
            shared(EnvironmentCredential::with_options(options))
        }
        Credential::Default {
            exclude,
            require_envvar,
            ..
        } => {
            let options = DefaultAzureCredentialOptions {
                exclude: exclude.clone(),
                require_envvar: *require_envvar,
                options,
                ..DefaultAzureCredentialOptions::default()
            };
            shared(DefaultAzureCredential::with_options(options))
        }
        Credential::Chained { credentials } => {
            let members = credentials.iter();
            let members = members.map(|member| credential(member, options.clone()));
            shared(ChainedTokenCredential::new(members.collect::<Result<_>>()?))
        }
        Credential::WorkloadIdentity(workload) => workload_identity(workload, options),
        Credential::AzureCli(tool) => azure_cli(tool, options),
        Credential::AzureDeveloperCli(tool) => azure_developer_cli(tool, options),
        Credential::AzurePowerShell(tool) => azure_powershell(tool, options),
        Credential::SharedTokenCache(cache) => shared_token_cache(cache, options),
        Credential::VisualStudioCode(cache) => visual_studio_code(cache, options),
        other => application(other, options),
    }
}

fn application(described: &Credential, options: Options) -> Result<Arc<dyn TokenCredential>> {
    match described {
        Credential::ClientSecret(entra) => {
            let (tenant, client, options) = with_parts(entra, options);
            let options = ClientSecretCredentialOptions { options };
            let secret = text(entra.client_secret.as_ref());
            shared(ClientSecretCredential::with_options(
                tenant, client, secret, options,
            ))
        }
        Credential::ClientCertificate(entra) => {
            let (tenant, client, options) = with_parts(entra, options);
            let options = CertificateCredentialOptions { options };
            let certificate = certificate(entra);
            shared(CertificateCredential::with_options(
                tenant,
                client,
                certificate,
                options,
            ))
        }
        Credential::ClientAssertion(entra) => {
            let (tenant, client, options) = with_parts(entra, options);
            let options = ClientAssertionCredentialOptions { options };
            let assertion = assertion(entra);
            shared(ClientAssertionCredential::with_options(
                tenant, client, assertion, options,
            ))
        }
        Credential::OnBehalfOf(entra) => {
            let (tenant, client, options) = with_parts(entra, options);
            let options = OnBehalfOfCredentialOptions { options };
            let (proof, user) = (proof(entra), text(entra.user_assertion.as_ref()));
            shared(OnBehalfOfCredential::with_options(
                tenant, client, proof, user, options,
            ))
        }
        Credential::AzurePipelines(entra) => {
            let (tenant, client, options) = with_parts(entra, options);
            let options = AzurePipelinesCredentialOptions { options };
            let connection = text(entra.service_connection_id.as_ref());
            let job = text(entra.system_access_token.as_ref());
            shared(AzurePipelinesCredential::with_options(
                tenant, client, connection, job, options,
            ))
        }
        other => {
            let text = format!("no `{}` credential here", other.kind());
            Err(Error::new(ErrorKind::InvalidArgument, text))
        }
    }
}

fn workload_identity(workload: &Workload, options: Options) -> Result<Arc<dyn TokenCredential>> {
    let options = WorkloadIdentityCredentialOptions {
        tenant_id: workload.tenant_id.clone(),
        client_id: workload.client_id.clone(),
        token_file_path: workload.token_file_path.as_ref().map(Into::into),
        enable_azure_proxy: workload.token_proxy,
        options: at(None, &workload.additionally_allowed_tenants, options),
    };
    shared(WorkloadIdentityCredential::with_options(options))
}

fn azure_cli(tool: &Tool, options: Options) -> Result<Arc<dyn TokenCredential>> {
    let defaults = AzureCliCredentialOptions::default();
    let options = AzureCliCredentialOptions {
        tenant_id: tool.tenant_id.clone(),
        process_timeout: timeout(tool, defaults.process_timeout),
        options: at(None, &tool.additionally_allowed_tenants, options),
        ..defaults
    };
    shared(AzureCliCredential::with_options(options))
}

fn azure_developer_cli(tool: &Tool, options: Options) -> Result<Arc<dyn TokenCredential>> {
    let defaults = AzureDeveloperCliCredentialOptions::default();
    let options = AzureDeveloperCliCredentialOptions {
        tenant_id: tool.tenant_id.clone(),
        process_timeout: timeout(tool, defaults.process_timeout),
        options: at(None, &tool.additionally_allowed_tenants, options),
    };
    shared(AzureDeveloperCliCredential::with_options(options))
}

fn azure_powershell(tool: &Tool, options: Options) -> Result<Arc<dyn TokenCredential>> {
    let defaults = AzurePowerShellCredentialOptions::default();
    let options = AzurePowerShellCredentialOptions {
        tenant_id: tool.tenant_id.clone(),
        process_timeout: timeout(tool, defaults.process_timeout),
        options: at(None, &tool.additionally_allowed_tenants, options),
    };
    shared(AzurePowerShellCredential::with_options(options))
}

fn shared_token_cache(
    cache: &DeveloperCache,
    options: Options,
) -> Result<Arc<dyn TokenCredential>> {
    let allowed = &cache.additionally_allowed_tenants;
    let options = SharedTokenCacheCredentialOptions {
        username: cache.username.clone(),
        tenant_id: cache.tenant_id.clone(),
        options: at(cache.authority.as_ref(), allowed, options),
        ..SharedTokenCacheCredentialOptions::default()
    };
    shared(SharedTokenCacheCredential::with_options(options))
}

fn visual_studio_code(
    cache: &DeveloperCache,
    options: Options,
) -> Result<Arc<dyn TokenCredential>> {
    let allowed = &cache.additionally_allowed_tenants;
    let options = VisualStudioCodeCredentialOptions {
        tenant_id: cache.tenant_id.clone(),
        options: at(cache.authority.as_ref(), allowed, options),
    };
    shared(VisualStudioCodeCredential::with_options(options))
}

fn timeout(tool: &Tool, default: Duration) -> Duration {
    let seconds = tool.process_timeout_s;
    seconds.map_or(default, |seconds| Duration::from_secs(seconds.into()))
}

pub(super) fn with_parts(entra: &Entra, options: Options) -> (&str, &str, Options) {
    let allowed = &entra.additionally_allowed_tenants;
    let options = at(entra.authority.as_ref(), allowed, options);
    (&entra.tenant_id, &entra.client_id, options)
}

fn at(authority: Option<&String>, allowed: &[String], options: Options) -> Options {
    Options {
        authority_host: authority.cloned(),
        additionally_allowed_tenants: allowed.to_vec(),
        ..options
    }
}

fn proof(entra: &Entra) -> ClientProof {
    match &entra.client_secret {
        Some(secret) => ClientProof::Secret(secret.clone()),
        None if entra.certificate_path.is_some() => ClientProof::Certificate(certificate(entra)),
        None => ClientProof::Assertion(assertion(entra)),
    }
}

fn certificate(entra: &Entra) -> ClientCertificate {
    ClientCertificate {
        send_certificate_chain: entra.send_certificate_chain,
        ..ClientCertificate::from_path(Path::new(text(entra.certificate_path.as_ref())))
    }
}

fn assertion(entra: &Entra) -> ClientAssertion {
    let assertion = text(entra.assertion.as_ref()).to_owned();
    ClientAssertion::new(move || {
        let assertion = assertion.clone();
        async { Ok(assertion) }
    })
}

/// The text of a member that the kind needs. A case without it is refused when it is read, so the
/// empty text never gets into a credential.
pub(super) fn text(member: Option<&String>) -> &str {
    member.map_or("", String::as_str)
}

pub(super) fn shared<C: TokenCredential + 'static>(
    made: Result<C>,
) -> Result<Arc<dyn TokenCredential>> {
    Ok(Arc::new(made?))
}
