//! The identity of a Kubernetes workload.

use std::path::PathBuf;

use crate::credential::construction::{ApplicationSource, Workload, pipeline};
use crate::error::{Error, ErrorKind, Result};
use crate::oauth::application::Application;
use crate::oauth::token_proxy::TokenProxy;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token_credential::impl_token_credential;

/// Authenticates a workload of Kubernetes (AKS and others) as the application or managed identity
/// that trusts its service account.
///
/// The client assertion is a token that Kubernetes writes to a file. The file is read again when it
/// has changed, and at the latest after ten minutes; white space around the token is ignored.
///
/// When the file is missing or cannot be read the credential is unavailable. Source:
/// <https://azure.github.io/azure-workload-identity/docs/>.
#[derive(Clone, Debug)]
pub struct WorkloadIdentityCredential {
    inner: Result<Pipeline<WorkloadIdentity>>,
}

/// Options of a [`WorkloadIdentityCredential`].
#[derive(Clone, Debug, Default)]
pub struct WorkloadIdentityCredentialOptions {
    /// The tenant (id or domain). `None`: the environment variable `AZURE_TENANT_ID`.
    pub tenant_id: Option<String>,
    /// The client id of the application or managed identity. `None`: the environment variable
    /// `AZURE_CLIENT_ID`.
    pub client_id: Option<String>,
    /// The file with the service account's token. `None`: the environment variable
    /// `AZURE_FEDERATED_TOKEN_FILE`.
    pub token_file_path: Option<PathBuf>,
    /// Whether to use the token proxy of AKS (identity bindings) that the environment describes:
    /// `AZURE_KUBERNETES_TOKEN_PROXY` is its URL, `AZURE_KUBERNETES_SNI_NAME` its name in TLS,
    /// `AZURE_KUBERNETES_CA_FILE` or `AZURE_KUBERNETES_CA_DATA` the only certificates trusted in
    /// it. Without the first variable no proxy is used. Off by default.
    pub enable_azure_proxy: bool,
    /// The options that all credentials share.
    pub options: Options,
}

impl WorkloadIdentityCredential {
    /// Creates a credential for the workload that the environment describes.
    ///
    /// # Errors
    /// As [`WorkloadIdentityCredential::with_options`].
    pub fn new() -> Result<Self> {
        Self::with_options(WorkloadIdentityCredentialOptions::default())
    }

    /// Creates a credential for the workload that `options` and the environment describe. A missing
    /// value is an error of kind `CredentialUnavailable` when a token is requested.
    ///
    /// # Errors
    /// `InvalidArgument` when an option or variable is malformed.
    pub fn with_options(options: WorkloadIdentityCredentialOptions) -> Result<Self> {
        let WorkloadIdentityCredentialOptions {
            tenant_id,
            client_id,
            token_file_path,
            enable_azure_proxy,
            options,
        } = options;
        let workload = Workload {
            tenant_id,
            client_id,
            token_file_path,
        };
        let mut application = match workload.application(&options) {
            // A workload that is not available is an error of the first request and not of the
            // constructor, so that a chain can pass over this credential.
            Err(error) if error.kind() == ErrorKind::CredentialUnavailable => {
                return Ok(Self { inner: Err(error) });
            }
            application => application?,
        };
        if enable_azure_proxy {
            application.proxy = TokenProxy::from_env(options.env())?;
        }
        let source = WorkloadIdentity(application);
        let pipeline = pipeline(source, &options)?;
        Ok(Self {
            inner: Ok(pipeline),
        })
    }
}

impl_token_credential!(WorkloadIdentityCredential, |this| this
    .inner
    .as_ref()
    .map_err(Error::clone)?);

#[derive(Debug)]
struct WorkloadIdentity(Application);

impl ApplicationSource for WorkloadIdentity {
    const NAME: &'static str = "WorkloadIdentityCredential";

    fn application(&self) -> &Application {
        &self.0
    }
}
