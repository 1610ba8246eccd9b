//! The identity of a Kubernetes workload.

use std::path::PathBuf;

use crate::credential::construction::{ApplicationSource, Workload, pipeline};
use crate::error::{Error, ErrorKind, Result};
use crate::oauth::application::Application;
use crate::oauth::token_proxy::TokenProxy;
use crate::options::Options;
use crate::pipeline::Pipeline;
use crate::token_credential::faces;

/// Authenticates a workload of Kubernetes (AKS and others) as the application or managed identity
/// that trusts its service account.
///
/// The proof is a token that Kubernetes keeps in a file: it is read again when it has changed, and
/// at the latest after ten minutes; space around it does not matter.
///
/// Without the file, or with it unreadable, the credential is unavailable and says so. Source:
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
    /// Ask through the token proxy of AKS (identity bindings) that the environment describes:
    /// `AZURE_KUBERNETES_TOKEN_PROXY` is its URL, `AZURE_KUBERNETES_SNI_NAME` its name in TLS,
    /// `AZURE_KUBERNETES_CA_FILE` or `AZURE_KUBERNETES_CA_DATA` the only certificates trusted in
    /// it. Without the first, nothing changes. Off by default.
    pub enable_azure_proxy: bool,
    /// What every credential can be told.
    pub options: Options,
}

impl WorkloadIdentityCredential {
    /// The workload that the environment describes.
    ///
    /// # Errors
    /// As [`WorkloadIdentityCredential::with_options`].
    pub fn new() -> Result<Self> {
        Self::with_options(WorkloadIdentityCredentialOptions::default())
    }

    /// The workload that `options` and the environment describe. What neither says is an error of
    /// kind `CredentialUnavailable` when a token is asked for.
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
            // Not here is an answer for chains, and comes when a token is asked for.
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

faces!(WorkloadIdentityCredential, |this| this
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
