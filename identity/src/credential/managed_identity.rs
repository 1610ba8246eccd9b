//! The identity Azure gives to a machine, app or pod.

use std::sync::Arc;

use crate::context::Context;
use crate::credential::construction::{Workload, sharing};
use crate::error::{Error, ErrorKind, Result};
use crate::isolation::Identity;
use crate::msi::{self, Detected, Host, Issued, ManagedIdentityId, Probe};
use crate::oauth::application::Application;
use crate::oauth::grant::Grant;
use crate::oauth::token_endpoint;
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
/// | workload identity of Kubernetes | `AZURE_AUTHORITY_HOST`, `AZURE_TENANT_ID`, `AZURE_FEDERATED_TOKEN_FILE` | by client id (`AZURE_CLIENT_ID` by default) |
/// | IMDS at another address | `AZURE_POD_IDENTITY_AUTHORITY_HOST` | by any id |
/// | Azure Arc | its agent is installed | by any id |
/// | IMDS: virtual machines, AKS, container instances | nothing of the above | by any id |
///
/// A host that has no parameter for the kind of id given is not asked: it would answer with another
/// identity's token. Under workload identity the token comes from Microsoft Entra ID, in exchange
/// for that of the service account, as of a
/// [`WorkloadIdentityCredential`](crate::WorkloadIdentityCredential).
///
/// Inside a chain, IMDS at its usual address is first probed: without any answer within 0.9 s the
/// credential is unavailable, and stays so for 30 s without another probe.
///
/// A request to a host names exactly one scope, and its tenant does not reach the host, which has
/// one of its own. A request with claims is answered by a request to the host and not from the
/// token cached without them. Service Fabric is told which token was refused
/// (`token_sha256_to_refresh`) and of `enable_cae` (`xms_cc`); other hosts have no parameter for
/// either.
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
///
/// Source: <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview>.
#[derive(Clone, Debug)]
pub struct ManagedIdentityCredential(Pipeline<ManagedIdentity>);

/// Options of a [`ManagedIdentityCredential`].
#[derive(Clone, Debug, Default)]
pub struct ManagedIdentityCredentialOptions {
    /// A user-assigned identity; `None`, the default, is the system-assigned one.
    pub identity: Option<ManagedIdentityId>,
    /// What every credential can be told. Authority and tenants matter only under workload identity.
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
    /// `InvalidArgument` when the identity's id is empty or has spaces, is of a kind workload
    /// identity does not know, or an endpoint in the environment is no URL.
    pub fn with_options(options: ManagedIdentityCredentialOptions) -> Result<Self> {
        Self::detected(options, true)
    }

    /// The same, but never by workload identity.
    ///
    /// # Errors
    /// As [`ManagedIdentityCredential::with_options`].
    pub(crate) fn of_host(options: ManagedIdentityCredentialOptions) -> Result<Self> {
        Self::detected(options, false)
    }

    fn detected(options: ManagedIdentityCredentialOptions, workload: bool) -> Result<Self> {
        let ManagedIdentityCredentialOptions { identity, options } = options;
        if identity
            .as_ref()
            .is_some_and(|identity| !is_one_word(identity.as_str()))
        {
            return Err(Error::invalid(
                "a managed identity's id must not be empty or contain spaces",
            ));
        }
        let found = msi::detect(options.env(), &*options.context.files, workload);
        let platform = found.and_then(|found| Platform::new(found, identity, &options));
        let platform = match platform {
            // Not here is an answer for chains, and comes when a token is asked for.
            Err(error) if error.kind() != ErrorKind::CredentialUnavailable => return Err(error),
            platform => platform,
        };
        let identity = platform.as_ref().ok().and_then(Platform::identity);
        sharing(ManagedIdentity(platform), identity, &options).map(Self)
    }

    fn probing(&self) -> Self {
        let platform = self.0.source().0.clone().map(Platform::probing);
        Self(self.0.with_source(ManagedIdentity(platform)))
    }
}

faces!(ManagedIdentityCredential, |this| this.0, {
    fn within_chain(&self) -> Option<Arc<dyn TokenCredential>> {
        Some(Arc::new(self.probing()))
    }
});

/// What gives the identity its tokens, if there is anything.
#[derive(Debug)]
struct ManagedIdentity(Result<Platform>);

#[derive(Clone, Debug)]
enum Platform {
    Host(OnHost),
    Workload(Arc<Application>),
}

/// An identity of a host.
#[derive(Clone, Debug)]
struct OnHost {
    host: Arc<dyn Host>,
    identity: Option<ManagedIdentityId>,
    policy: RetryPolicy,
    probe: Option<Arc<Probe>>,
    issued: Arc<Issued>,
}

impl Platform {
    fn new(
        found: Detected,
        identity: Option<ManagedIdentityId>,
        options: &Options,
    ) -> Result<Self> {
        match found {
            Detected::Host(host) => Ok(Self::Host(OnHost {
                policy: host.retry(&options.retry, options.request_timeout),
                host,
                identity,
                probe: None,
                issued: Arc::default(),
            })),
            Detected::WorkloadIdentity => {
                let workload = Workload {
                    client_id: identity.map(client_id).transpose()?,
                    ..Workload::default()
                };
                Ok(Self::Workload(Arc::new(workload.application(options)?)))
            }
        }
    }

    /// What tells it from others; `None` where its tokens are not to be shared.
    fn identity(&self) -> Option<Identity> {
        match self {
            Self::Host(on) => {
                let shared = on.host.sharing(on.identity.as_ref());
                shared.map(Identity::Managed)
            }
            Self::Workload(application) => Some(application.identity(ManagedIdentity::NAME, None)),
        }
    }

    fn probing(self) -> Self {
        match self {
            Self::Host(on) => Self::Host(OnHost {
                probe: Some(Arc::default()),
                ..on
            }),
            workload => workload,
        }
    }
}

/// Workload identity knows identities by client id only.
fn client_id(identity: ManagedIdentityId) -> Result<String> {
    match identity {
        ManagedIdentityId::ClientId(id) => Ok(id),
        _ => Err(Error::invalid(
            "workload identity knows a managed identity by its client id only",
        )),
    }
}

impl OnHost {
    async fn token(&self, request: &TokenRequest, context: &Context) -> Result<AccessToken> {
        let host = &*self.host;
        if let Some(probe) = &self.probe {
            probe.run(host, msi::resource(request)?, context).await?;
        }
        // A claims challenge is about the token given out before.
        let refused = request.claims().and_then(|_| self.issued.digest(request));
        let (identity, refused) = (self.identity.as_ref(), refused.as_deref());
        let token = msi::acquire(host, identity, request, refused, &self.policy, context).await?;
        self.issued.note(request, &token);
        Ok(token)
    }
}

impl Source for ManagedIdentity {
    const NAME: &'static str = "ManagedIdentityCredential";

    async fn fetch(&self, request: &TokenRequest, context: &Context) -> Result<AccessToken> {
        match self.0.as_ref().map_err(Error::clone)? {
            Platform::Host(on) => on.token(request, context).await,
            Platform::Workload(application) => {
                let grant = Grant::ClientCredentials;
                token_endpoint::redeem(application, &grant, request, context).await
            }
        }
    }
}
