//! The identity Azure gives to a machine, app or pod.

use std::sync::Arc;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::msi::{self, Host, ManagedIdentityId, Probe};
use crate::options::Options;
use crate::pipeline::{Pipeline, Source};
use crate::retry::RetryPolicy;
use crate::token::{AccessToken, TokenRequest, is_one_word};
use crate::token_credential::{TokenCredential, faces};

/// Authenticates as the managed identity of the Azure host this program runs on.
///
/// The host is found in the environment once, when the credential is made: App Service, Functions
/// and Container Apps (`IDENTITY_ENDPOINT` and `IDENTITY_HEADER`), Azure ML (`MSI_ENDPOINT` and
/// `MSI_SECRET`), Cloud Shell (`MSI_ENDPOINT`), otherwise the instance metadata service (IMDS) of
/// virtual machines, at `AZURE_POD_IDENTITY_AUTHORITY_HOST` if that is set. Service Fabric, Azure
/// Arc and workload identity are recognised and reported as unavailable.
///
/// Inside a chain, IMDS at its usual address is first probed: without any answer within 1 s the
/// credential is unavailable, and stays so for 30 s without another probe.
///
/// Tenant and claims of a request do not reach the host, which has a tenant of its own; a request
/// with claims is answered by a request to the host and not from the token cached without them.
///
/// An identity the host does not have is `CredentialUnavailable`, as is a host that is not there.
/// A host that fails (429, 5xx, after all retries) is a transient `ClientAuthentication` error and
/// ends a chain: going on could silently act as somebody else.
#[derive(Clone, Debug)]
pub struct ManagedIdentityCredential(Pipeline<ManagedIdentity>);

/// Options of a [`ManagedIdentityCredential`].
#[derive(Clone, Debug, Default)]
pub struct ManagedIdentityCredentialOptions {
    /// A user-assigned identity; `None`, the default, is the system-assigned one.
    pub identity: Option<ManagedIdentityId>,
    /// What every credential can be told. Authority and tenants do not matter here.
    pub options: Options,
}

impl ManagedIdentityCredential {
    /// The system-assigned identity.
    ///
    /// # Errors
    /// As [`ManagedIdentityCredential::with_options`].
    pub fn new() -> Result<Self> {
        Self::with_options(ManagedIdentityCredentialOptions::default())
    }

    /// The identity `options` say.
    ///
    /// # Errors
    /// `InvalidArgument` when the identity's id is empty or has spaces, or an endpoint in the
    /// environment is no URL.
    pub fn with_options(options: ManagedIdentityCredentialOptions) -> Result<Self> {
        let ManagedIdentityCredentialOptions { identity, options } = options;
        if identity
            .as_ref()
            .is_some_and(|identity| !is_one_word(identity.as_str()))
        {
            return Err(Error::invalid(
                "a managed identity's id must not be empty or contain spaces",
            ));
        }
        let (host, policy) = match msi::detect(options.env()) {
            Ok(host) => {
                let policy = host.retry(&options.retry, options.request_timeout);
                (Ok(host), policy)
            }
            // Not here is an answer for chains, and comes when a token is asked for.
            Err(error) if error.kind() == ErrorKind::CredentialUnavailable => {
                (Err(error), RetryPolicy::once(options.request_timeout))
            }
            Err(error) => return Err(error),
        };
        let source = ManagedIdentity {
            host,
            identity,
            policy,
            probe: None,
        };
        Ok(Self(Pipeline::new(source, options.context)))
    }

    /// A token for exactly one scope, from the cache while it is fresh.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn get_token(&self, scopes: &[&str]) -> Result<AccessToken> {
        self.0.get_token(scopes).await
    }

    /// A token for `request`, from the cache while it is fresh.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn get_token_with(&self, request: &TokenRequest) -> Result<AccessToken> {
        self.0.get_token_with(request).await
    }

    fn probing(&self) -> Self {
        let source = ManagedIdentity {
            probe: Some(Arc::default()),
            ..self.0.source().clone()
        };
        Self(self.0.with_source(source))
    }
}

faces!(ManagedIdentityCredential, "ManagedIdentityCredential" {
    fn within_chain(&self) -> Option<Arc<dyn TokenCredential>> {
        Some(Arc::new(self.probing()))
    }
});

#[derive(Clone, Debug)]
struct ManagedIdentity {
    host: Result<Arc<dyn Host>>,
    identity: Option<ManagedIdentityId>,
    policy: RetryPolicy,
    probe: Option<Arc<Probe>>,
}

impl Source for ManagedIdentity {
    const NAME: &'static str = "ManagedIdentityCredential";

    async fn fetch(&self, request: &TokenRequest, context: &Context) -> Result<AccessToken> {
        let host = self.host.as_ref().map_err(Error::clone)?;
        if let Some(probe) = &self.probe {
            probe.run(&**host, msi::resource(request)?, context).await?;
        }
        msi::acquire(
            &**host,
            self.identity.as_ref(),
            request,
            &self.policy,
            context,
        )
        .await
    }
}
