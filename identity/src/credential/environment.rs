//! A service principal in environment variables.

use crate::context::Env;
use crate::credential::client_secret::{ClientSecretCredential, ClientSecretCredentialOptions};
use crate::error::{Error, Result};
use crate::options::Options;
use crate::token::{AccessToken, TokenRequest};
use crate::token_credential::faces;

const TENANT: &str = "AZURE_TENANT_ID";
const CLIENT: &str = "AZURE_CLIENT_ID";
const SECRET: &str = "AZURE_CLIENT_SECRET";

/// Authenticates the application that environment variables describe: `AZURE_TENANT_ID`,
/// `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET`; the token service is `AZURE_AUTHORITY_HOST`, if
/// that is set.
///
/// The variables are read once, when the credential is made. An empty one counts as unset. When
/// one is missing the credential is unavailable and says which.
#[derive(Clone, Debug)]
pub struct EnvironmentCredential {
    inner: Result<ClientSecretCredential>,
}

/// Options of an [`EnvironmentCredential`].
#[derive(Clone, Debug, Default)]
pub struct EnvironmentCredentialOptions {
    /// What every credential can be told.
    pub options: Options,
}

impl EnvironmentCredential {
    /// The application in this process's environment.
    ///
    /// # Errors
    /// `InvalidArgument` when all variables are there and one is malformed.
    pub fn new() -> Result<Self> {
        Self::with_options(EnvironmentCredentialOptions::default())
    }

    /// The same, with options.
    ///
    /// # Errors
    /// As [`EnvironmentCredential::new`]; also for a malformed option.
    pub fn with_options(options: EnvironmentCredentialOptions) -> Result<Self> {
        let options = options.options;
        let env = options.env();
        let values = (
            env.non_empty(TENANT),
            env.non_empty(CLIENT),
            env.non_empty(SECRET),
        );
        let (Some(tenant), Some(client), Some(secret)) = values else {
            return Ok(Self {
                inner: Err(incomplete(env)),
            });
        };
        let options = ClientSecretCredentialOptions { options };
        let inner = ClientSecretCredential::with_options(&tenant, &client, &secret, options);
        let inner = inner.map_err(|error| {
            let kind = error.kind();
            let message = format!("EnvironmentCredential ({TENANT}, {CLIENT}, {SECRET}): {error}");
            error.retold(kind, message)
        })?;
        Ok(Self { inner: Ok(inner) })
    }

    /// A token for `scopes`, from the cache while it is fresh.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn get_token(&self, scopes: &[&str]) -> Result<AccessToken> {
        self.inner
            .as_ref()
            .map_err(Error::clone)?
            .get_token(scopes)
            .await
    }

    /// A token for `request`, from the cache while it is fresh.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn get_token_with(&self, request: &TokenRequest) -> Result<AccessToken> {
        self.inner
            .as_ref()
            .map_err(Error::clone)?
            .get_token_with(request)
            .await
    }
}

faces!(EnvironmentCredential, "EnvironmentCredential" {});

fn incomplete(env: &dyn Env) -> Error {
    let missing = [TENANT, CLIENT, SECRET]
        .into_iter()
        .filter(|name| env.non_empty(name).is_none());
    let missing: Vec<_> = missing.collect();
    Error::unavailable(format!(
        "EnvironmentCredential authentication unavailable. Environment variables are not fully \
         configured. Missing (unset or empty): {}",
        missing.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt;

    use super::*;
    use crate::context::{Context, StaticEnv};
    use crate::error::ErrorKind;

    fn with(variables: &[(&str, &str)]) -> Result<EnvironmentCredential> {
        let env = Arc::new(StaticEnv::from_iter(variables.iter().copied()));
        let context = Context {
            env,
            ..Context::system()
        };
        let options = Options {
            context,
            ..Options::default()
        };
        EnvironmentCredential::with_options(EnvironmentCredentialOptions { options })
    }

    #[test]
    fn exactly_the_missing_variables_are_named_and_no_value() {
        let credential = with(&[(TENANT, "contoso"), (CLIENT, ""), (SECRET, "hush")]).unwrap();
        let error = credential
            .get_token(&["s"])
            .now_or_never()
            .unwrap()
            .expect_err("incomplete");
        assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
        assert!(
            error
                .to_string()
                .ends_with("(unset or empty): AZURE_CLIENT_ID"),
            "{error}"
        );
        assert!(!error.to_string().contains("hush") && !error.to_string().contains("contoso"));
    }

    #[test]
    fn a_malformed_variable_is_an_error_of_the_constructor() {
        let error = with(&[(TENANT, "a/b"), (CLIENT, "c"), (SECRET, "hush")]).expect_err("bad");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(!error.to_string().contains("hush"), "{error}");
    }
}
