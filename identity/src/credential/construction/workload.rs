//! A workload of Kubernetes, described by options and environment variables.

use std::path::PathBuf;
use std::sync::Arc;

use super::{application, check_client_id};
use crate::error::{Error, Result};
use crate::oauth::application::Application;
use crate::oauth::assertion::TokenFile;
use crate::oauth::client_auth::ClientAuth;
use crate::options::Options;
use crate::token::check_tenant;

const TENANT: &str = "AZURE_TENANT_ID";
const CLIENT: &str = "AZURE_CLIENT_ID";
const FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";

/// The options that describe a workload. Environment variables replace those that are missing.
#[derive(Debug, Default)]
pub(in crate::credential) struct Workload {
    pub(in crate::credential) tenant_id: Option<String>,
    pub(in crate::credential) client_id: Option<String>,
    pub(in crate::credential) token_file_path: Option<PathBuf>,
}

impl Workload {
    /// Returns the application that trusts the workload's service account.
    ///
    /// # Errors
    /// `CredentialUnavailable` when neither an option nor a variable has a value, `InvalidArgument`
    /// when a value is malformed.
    pub(in crate::credential) fn application(self, options: &Options) -> Result<Application> {
        let env = options.env();
        let is_option = (self.tenant_id.is_some(), self.client_id.is_some());
        let tenant = self.tenant_id.or_else(|| env.non_empty(TENANT));
        let client = self.client_id.or_else(|| env.non_empty(CLIENT));
        let from_env = || env.non_empty(FILE).map(PathBuf::from);
        let file = self.token_file_path.or_else(from_env);
        let missing = [
            tenant.is_none().then_some(TENANT),
            client.is_none().then_some(CLIENT),
            file.is_none().then_some(FILE),
        ];
        let (Some(tenant), Some(client), Some(file)) = (tenant, client, file) else {
            return Err(incomplete(&missing));
        };
        let of_env = |option: bool, error: Error, name| match option {
            true => error,
            false => error.in_variable(name),
        };
        check_tenant(&tenant).map_err(|error| of_env(is_option.0, error, TENANT))?;
        check_client_id(&client).map_err(|error| of_env(is_option.1, error, CLIENT))?;
        let proof = ClientAuth::Assertion(Arc::new(TokenFile::new(file)));
        application(&tenant, &client, proof, options)
    }
}

fn incomplete(missing: &[Option<&str>]) -> Error {
    let missing: Vec<_> = missing.iter().copied().flatten().collect();
    Error::unavailable(format!(
        "WorkloadIdentityCredential authentication unavailable. The workload options are not fully \
         configured. Missing (neither an option nor an environment variable): {}",
        missing.join(", ")
    ))
}
