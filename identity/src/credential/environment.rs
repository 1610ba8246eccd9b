//! A service principal, or a user, described by environment variables.

use crate::context::Env;
use crate::credential::certificate::{CertificateCredential, CertificateCredentialOptions};
use crate::credential::client_secret::{ClientSecretCredential, ClientSecretCredentialOptions};
use crate::credential::construction::check_client_id;
use crate::credential::username_password::{
    UsernamePasswordCredential, UsernamePasswordCredentialOptions,
};
use crate::error::{Error, Result};
use crate::oauth::assertion::ClientCertificate;
use crate::options::Options;
use crate::token::{AccessToken, TokenRequest, check_tenant};
use crate::token_credential::impl_token_credential;

const TENANT: &str = "AZURE_TENANT_ID";
const CLIENT: &str = "AZURE_CLIENT_ID";
const SECRET: &str = "AZURE_CLIENT_SECRET";
const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
const CERTIFICATE_PASSWORD: &str = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
const SEND_CHAIN: &str = "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN";
const USERNAME: &str = "AZURE_USERNAME";
const PASSWORD: &str = "AZURE_PASSWORD";
const ALLOWED_TENANTS: &str = "AZURE_ADDITIONALLY_ALLOWED_TENANTS";

/// Authenticates the application, or the user, that environment variables describe.
///
/// `AZURE_TENANT_ID` and `AZURE_CLIENT_ID` name the application. It authenticates with the first of
/// these that is set:
///
/// * `AZURE_CLIENT_SECRET`, a client secret;
/// * `AZURE_CLIENT_CERTIFICATE_PATH`, the file of a certificate and its key, used as by a
///   [`CertificateCredential`](crate::CertificateCredential), with
///   `AZURE_CLIENT_CERTIFICATE_PASSWORD` where the file is encrypted;
///   `AZURE_CLIENT_SEND_CERTIFICATE_CHAIN` set to `true` or `1` sends the certificate chain
///   (`false` and `0` do not; any other value is an error);
/// * `AZURE_USERNAME` and `AZURE_PASSWORD`, a user who signs in to the application, as with a
///   [`UsernamePasswordCredential`](crate::UsernamePasswordCredential) and with all its drawbacks;
///   without `AZURE_TENANT_ID` in the user's own tenant.
///
/// `AZURE_AUTHORITY_HOST` names another token service, and `AZURE_ADDITIONALLY_ALLOWED_TENANTS`
/// lists tenants, separated by `;`, that are allowed besides those in
/// [`Options::additionally_allowed_tenants`].
///
/// The variables are read once, when the credential is created. An empty variable counts as unset.
/// When one is missing the credential is unavailable and its error names the variable.
///
/// Source:
/// <https://learn.microsoft.com/python/api/azure-identity/azure.identity.environmentcredential>.
#[derive(Clone, Debug)]
pub struct EnvironmentCredential {
    inner: Result<Configured>,
}

/// Options of an [`EnvironmentCredential`].
#[derive(Clone, Debug, Default)]
pub struct EnvironmentCredentialOptions {
    /// The options that all credentials share.
    pub options: Options,
}

impl EnvironmentCredential {
    /// Creates the credential that this process's environment describes.
    ///
    /// # Errors
    /// `InvalidArgument` when all variables are set and one is malformed.
    pub fn new() -> Result<Self> {
        Self::with_options(EnvironmentCredentialOptions::default())
    }

    /// Creates the credential with `options`.
    ///
    /// # Errors
    /// As [`EnvironmentCredential::new`]; also for a malformed option.
    pub fn with_options(options: EnvironmentCredentialOptions) -> Result<Self> {
        let mut options = options.options;
        let list = options.env().non_empty(ALLOWED_TENANTS).unwrap_or_default();
        let tenants = list
            .split(';')
            .map(str::trim)
            .filter(|tenant| !tenant.is_empty());
        for tenant in tenants.clone().filter(|tenant| *tenant != "*") {
            check_tenant(tenant).map_err(|error| error.in_variable(ALLOWED_TENANTS))?;
        }
        options
            .additionally_allowed_tenants
            .extend(tenants.map(str::to_owned));
        let inner = Configured::read(options).map_err(|error| {
            let kind = error.kind();
            let message = format!("EnvironmentCredential: {error}");
            error.restated(kind, message)
        })?;
        Ok(Self { inner })
    }
}

impl_token_credential!(EnvironmentCredential, |this| this
    .inner
    .as_ref()
    .map_err(Error::clone)?);

/// The credential that the variables describe.
#[derive(Clone, Debug)]
enum Configured {
    Secret(ClientSecretCredential),
    Certificate(CertificateCredential),
    User(UsernamePasswordCredential),
}

impl Configured {
    async fn get_token(&self, scopes: &[&str]) -> Result<AccessToken> {
        match self {
            Self::Secret(credential) => credential.get_token(scopes).await,
            Self::Certificate(credential) => credential.get_token(scopes).await,
            Self::User(credential) => credential.get_token(scopes).await,
        }
    }

    async fn get_token_with(&self, request: &TokenRequest) -> Result<AccessToken> {
        match self {
            Self::Secret(credential) => credential.get_token_with(request).await,
            Self::Certificate(credential) => credential.get_token_with(request).await,
            Self::User(credential) => credential.get_token_with(request).await,
        }
    }

    /// Reads the variables. The inner error says which are missing: the constructor succeeds then,
    /// so that a chain passes over this credential. The outer error says what is malformed.
    fn read(options: Options) -> Result<Result<Self>> {
        let env = options.env();
        let get = |name| env.non_empty(name);
        let (Some(client), tenant) = (get(CLIENT), get(TENANT)) else {
            return Ok(Err(incomplete(env)));
        };
        if let Some(tenant) = &tenant {
            check_tenant(tenant).map_err(|error| error.in_variable(TENANT))?;
        }
        check_client_id(&client).map_err(|error| error.in_variable(CLIENT))?;
        match (
            tenant,
            get(SECRET),
            get(CERTIFICATE),
            get(USERNAME),
            get(PASSWORD),
        ) {
            (Some(tenant), Some(secret), ..) => {
                log_proof("client secret");
                let with = ClientSecretCredentialOptions { options };
                let made = ClientSecretCredential::with_options(&tenant, &client, &secret, with)?;
                Ok(Ok(Self::Secret(made)))
            }
            (Some(tenant), None, Some(path), ..) => {
                log_proof("certificate");
                Self::certificate(&tenant, &client, path, options).map(Ok)
            }
            // Only without a secret or certificate: next to one of these a missing tenant is a
            // mistake, and must not make another identity authenticate.
            (tenant_id, None, None, Some(username), Some(password)) => {
                log_proof("user name and password");
                let with = UsernamePasswordCredentialOptions {
                    tenant_id,
                    authentication_record: None,
                    options,
                };
                let made = UsernamePasswordCredential::with_options;
                Ok(Ok(Self::User(made(&client, &username, &password, with)?)))
            }
            _ => Ok(Err(incomplete(env))),
        }
    }

    fn certificate(tenant: &str, client: &str, path: String, options: Options) -> Result<Self> {
        let env = options.env();
        let certificate = ClientCertificate {
            password: env.non_empty(CERTIFICATE_PASSWORD),
            send_certificate_chain: flag(env, SEND_CHAIN)?,
            ..ClientCertificate::from_path(path)
        };
        let options = CertificateCredentialOptions { options };
        let made = CertificateCredential::with_options(tenant, client, certificate, options)?;
        Ok(Self::Certificate(made))
    }
}

/// Logs how the application in the environment authenticates.
fn log_proof(proof: &str) {
    tracing::debug!(name: "identity.environment.configured", proof, "found in the environment");
}

/// Reads the variable `name` as yes or no. Unset means no.
fn flag(env: &dyn Env, name: &str) -> Result<bool> {
    match &*env
        .non_empty(name)
        .unwrap_or_default()
        .trim()
        .to_lowercase()
    {
        "true" | "1" => Ok(true),
        "false" | "0" | "" => Ok(false),
        _ => Err(Error::invalid(format!(
            "{name} must be true, 1, false or 0"
        ))),
    }
}

/// Returns the error that names the missing variables.
fn incomplete(env: &dyn Env) -> Error {
    let lacks = |name: &&str| env.non_empty(name).is_none();
    let mut missing: Vec<_> = [TENANT, CLIENT]
        .into_iter()
        .filter(lacks)
        .map(str::to_owned)
        .collect();
    // A user name without a password, or the other way round, means that a user is wanted: only the
    // other half is reported, and the tenant is optional.
    match (lacks(&USERNAME), lacks(&PASSWORD)) {
        _ if !lacks(&SECRET) || !lacks(&CERTIFICATE) => {}
        (true, true) => missing.push(format!(
            "{SECRET}, {CERTIFICATE}, or {USERNAME} and {PASSWORD}"
        )),
        (no_name, _) => {
            missing.retain(|name| name != TENANT);
            let other = if no_name { USERNAME } else { PASSWORD };
            missing.extend(lacks(&other).then(|| other.to_owned()));
        }
    }
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

    fn unavailable(variables: &[(&str, &str)]) -> String {
        let credential = with(variables).unwrap();
        let outcome = credential.get_token(&["s"]).now_or_never().unwrap();
        let error = outcome.expect_err("incomplete");
        assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
        error.to_string()
    }

    #[test]
    fn exactly_the_missing_variables_are_named_and_no_value() {
        let error = unavailable(&[(TENANT, "contoso"), (CLIENT, ""), (SECRET, "hush")]);
        assert!(
            error.ends_with("(unset or empty): AZURE_CLIENT_ID"),
            "{error}"
        );
        assert!(!error.contains("hush") && !error.contains("contoso"));
        let nothing = "AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH, or AZURE_USERNAME and \
                       AZURE_PASSWORD";
        for (variables, missing) in [
            (&[(TENANT, "contoso"), (CLIENT, "app")][..], nothing),
            (&[(CLIENT, "app"), (USERNAME, "me")], "AZURE_PASSWORD"),
            (&[(CLIENT, "app"), (PASSWORD, "hush")], "AZURE_USERNAME"),
            (&[(USERNAME, "me"), (PASSWORD, "hush")], "AZURE_CLIENT_ID"),
            (&[(CLIENT, "app"), (SECRET, "hush")], "AZURE_TENANT_ID"),
        ] {
            let error = unavailable(variables);
            let end = format!("(unset or empty): {missing}");
            assert!(error.ends_with(&end), "{error}");
        }
    }

    #[test]
    fn a_malformed_variable_is_an_error_of_the_constructor() {
        let application = [(TENANT, "contoso"), (CLIENT, "app"), (SECRET, "hush")];
        for change in [(TENANT, "a/b"), (ALLOWED_TENANTS, "fine; a b")] {
            let mut variables = application.to_vec();
            variables.push(change);
            let error = with(&variables).expect_err(change.0);
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{change:?}");
            assert!(!error.to_string().contains("hush"), "{error}");
        }
    }

    #[test]
    fn a_secret_goes_before_a_certificate_and_the_chain_is_a_real_yes_or_no() {
        let application = [(TENANT, "t"), (CLIENT, "c"), (CERTIFICATE, "/none.pem")];
        let made = |more: &[(&'static str, &'static str)]| {
            format!("{:?}", with(&[&application, more].concat()))
        };
        assert!(made(&[(SECRET, "s")]).contains("Secret("));
        let user = [(USERNAME, "me"), (PASSWORD, "hush")];
        assert!(
            made(&user).contains("Certificate("),
            "which goes before a user"
        );
        let user = format!("{:?}", with(&[&[(CLIENT, "c")], &user[..]].concat()));
        assert!(user.contains("User(") && !user.contains("hush"), "{user}");
        for (text, sent) in [("true", true), ("1", true), ("False", false), ("0", false)] {
            let shown = made(&[(SEND_CHAIN, text)]);
            assert!(
                shown.contains(&format!("send_chain: {sent}")),
                "{text}: {shown}"
            );
        }
        assert!(made(&[(SEND_CHAIN, "maybe")]).contains("must be true, 1, false or 0"));
    }
}
