//! A job of Azure Pipelines.

use std::sync::Arc;

use url::Url;

use crate::cloud::is_loopback;
use crate::credential::construction::{ApplicationSource, application, pipeline};
use crate::error::{Error, Result};
use crate::oauth::application::Application;
use crate::oauth::assertion::ServiceConnection;
use crate::oauth::client_auth::ClientAuth;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::token::is_one_word;
use crate::token_credential::impl_token_credential;

const REQUEST_URI: &str = "SYSTEM_OIDCREQUESTURI";

/// Authenticates a job of Azure Pipelines as the application or managed identity behind a service
/// connection with workload identity federation.
///
/// Outside of a job, where the environment variable `SYSTEM_OIDCREQUESTURI` is missing, the
/// credential is unavailable. Source:
/// <https://learn.microsoft.com/azure/devops/pipelines/release/configure-workload-identity>.
#[derive(Clone, Debug)]
pub struct AzurePipelinesCredential(Pipeline<AzurePipelines>);

/// Options of an [`AzurePipelinesCredential`].
#[derive(Clone, Debug, Default)]
pub struct AzurePipelinesCredentialOptions {
    /// The options that all credentials share.
    pub options: Options,
}

impl AzurePipelinesCredential {
    /// Creates a credential for the application `client_id` of the tenant `tenant_id` (id or
    /// domain), which trusts the service connection with the id `service_connection_id`.
    /// `system_access_token` is the job's `$(System.AccessToken)`.
    ///
    /// # Errors
    /// `InvalidArgument` when an argument is empty or malformed, or a variable is malformed.
    pub fn new(
        tenant_id: &str,
        client_id: &str,
        service_connection_id: &str,
        system_access_token: &str,
    ) -> Result<Self> {
        let options = AzurePipelinesCredentialOptions::default();
        Self::with_options(
            tenant_id,
            client_id,
            service_connection_id,
            system_access_token,
            options,
        )
    }

    /// Creates the credential with `options`.
    ///
    /// # Errors
    /// As [`AzurePipelinesCredential::new`]; also for a malformed option.
    pub fn with_options(
        tenant_id: &str,
        client_id: &str,
        service_connection_id: &str,
        system_access_token: &str,
        options: AzurePipelinesCredentialOptions,
    ) -> Result<Self> {
        let options = options.options;
        if !is_one_word(service_connection_id) || !is_one_word(system_access_token) {
            return Err(Error::invalid(
                "the service connection id and the system access token must not be empty or \
                 contain spaces; map SYSTEM_ACCESSTOKEN: $(System.AccessToken) in the step's env",
            ));
        }
        let connection = ServiceConnection {
            request_uri: request_uri(&options)?,
            id: service_connection_id.to_owned(),
            system_access_token: Secret::new(system_access_token),
            retry: RetryPolicy::standard(&options.retry, options.request_timeout),
        };
        let proof = ClientAuth::Assertion(Arc::new(connection));
        let application = application(tenant_id, client_id, proof, &options)?;
        pipeline(AzurePipelines(application), &options).map(Self)
    }
}

impl_token_credential!(AzurePipelinesCredential, |this| this.0);

/// Reads the URL at which the job asks for assertions. The inner error says that there is none: the
/// constructor succeeds all the same, so that a chain passes over this credential when asked.
fn request_uri(options: &Options) -> Result<Result<Url>> {
    let Some(text) = options.env().non_empty(REQUEST_URI) else {
        return Ok(Err(Error::unavailable(format!(
            "AzurePipelinesCredential authentication unavailable. {REQUEST_URI} is not set: this \
             is no job of Azure Pipelines, or an old agent"
        ))));
    };
    let url = Url::parse(&text)
        .map_err(|error| Error::invalid(format!("{REQUEST_URI} is not a URL: {error}")))?;
    // Only tests on this machine may use plain http: whoever listens in would get the job's token.
    let is_local_test = options.allow_http_loopback && url.scheme() == "http" && is_loopback(&url);
    if url.scheme() != "https" && !is_local_test {
        return Err(Error::invalid(format!(
            "{REQUEST_URI} must be https: the system access token is sent there"
        )));
    }
    Ok(Ok(url))
}

#[derive(Debug)]
struct AzurePipelines(Application);

impl ApplicationSource for AzurePipelines {
    const NAME: &'static str = "AzurePipelinesCredential";

    fn application(&self) -> &Application {
        &self.0
    }
}
