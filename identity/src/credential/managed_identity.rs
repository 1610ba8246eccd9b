//! The identity Azure gives to a machine, app or pod.

use std::sync::Arc;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::msi::{self, Host, Issued, ManagedIdentityId, Probe};
use crate::options::Options;
use crate::pipeline::{Pipeline, Source};
use crate::retry::RetryPolicy;
use crate::token::{AccessToken, TokenRequest, is_one_word};
use crate::token_credential::{TokenCredential, faces};

/// Authenticates as the managed identity of the Azure host this program runs on.
///
/// The host is found once, when the credential is made; the first that matches:
///
/// | host | found by | user-assigned identities |
/// |---|---|---|
/// | Service Fabric | `IDENTITY_ENDPOINT`, `IDENTITY_HEADER`, `IDENTITY_SERVER_THUMBPRINT` | none: the manifest names it |
/// | App Service, Functions, Container Apps | `IDENTITY_ENDPOINT`, `IDENTITY_HEADER` | by any id |
/// | Azure Arc | `IDENTITY_ENDPOINT`, `IMDS_ENDPOINT` | by any id |
/// | Azure ML, App Service and Functions of 2017 | `MSI_ENDPOINT`, `MSI_SECRET` | by client id |
/// | Cloud Shell | `MSI_ENDPOINT` | none: the signed-in user |
/// | IMDS at another address | `AZURE_POD_IDENTITY_AUTHORITY_HOST` | by any id |
/// | Azure Arc | its agent is installed | by any id |
/// | IMDS: virtual machines, AKS, container instances | nothing of the above | by any id |
///
/// Workload identity is recognised and reported as unavailable. A host that has no parameter for
/// the kind of id given is not asked: it would answer with another identity's token.
///
/// Inside a chain, IMDS at its usual address is first probed: without any answer within 1 s the
/// credential is unavailable, and stays so for 30 s without another probe.
///
/// A request names exactly one scope. Its tenant does not reach the host, which has one of its own.
/// A request with claims is answered by a request to the host and not from the token cached without
/// them. Service Fabric is told which token was refused (`token_sha256_to_refresh`) and of
/// `enable_cae` (`xms_cc`); other hosts have no parameter for either.
///
/// An identity the host does not have is `CredentialUnavailable`, as is a host that is not there.
/// A host that fails (429, 5xx, after all retries) is a transient `ClientAuthentication` error and
/// ends a chain: going on could silently act as somebody else.
///
/// Where the synchronous and asynchronous classes of the reference library differ: Service Fabric's
/// certificate is pinned and its endpoint has to be https (as the synchronous one); Arc's key file
/// has to be in the agent's own directory under the very path it names, and an Arc agent that
/// answers without a challenge is believed (as the asynchronous one); a resource id is sent as the
/// parameter the host's documentation names (as the synchronous one).
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
        let (host, policy) = match msi::detect(options.env(), &*options.context.files) {
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
            issued: Arc::default(),
        };
        Ok(Self(Pipeline::new(source, options.context)))
    }

    fn probing(&self) -> Self {
        let source = ManagedIdentity {
            probe: Some(Arc::default()),
            ..self.0.source().clone()
        };
        Self(self.0.with_source(source))
    }
}

faces!(ManagedIdentityCredential, |this| this.0, {
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
    issued: Arc<Issued>,
}

impl Source for ManagedIdentity {
    const NAME: &'static str = "ManagedIdentityCredential";

    async fn fetch(&self, request: &TokenRequest, context: &Context) -> Result<AccessToken> {
        let host = self.host.as_ref().map_err(Error::clone)?;
        if let Some(probe) = &self.probe {
            probe.run(&**host, msi::resource(request)?, context).await?;
        }
        // A claims challenge is about the token given out before.
        let refused = request.claims().and_then(|_| self.issued.digest(request));
        let (identity, refused) = (self.identity.as_ref(), refused.as_deref());
        let token =
            msi::acquire(&**host, identity, request, refused, &self.policy, context).await?;
        self.issued.note(request, &token);
        Ok(token)
    }
}
