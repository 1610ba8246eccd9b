//! The identity that Azure gives to a machine, app or pod.

use std::sync::Arc;

use crate::context::Context;
use crate::credential::construction::{Workload, sharing};
use crate::error::{Error, ErrorKind, Result};
use crate::isolation::Identity;
use crate::msi::{self, Detected, Host, ImdsProbeOptions, Issued, ManagedIdentityId, Probe};
use crate::oauth::application::Application;
use crate::oauth::grant::Grant;
use crate::oauth::token_endpoint;
use crate::options::Options;
use crate::pipeline::{Pipeline, Source};
use crate::redact;
use crate::retry::RetryPolicy;
use crate::token::{AccessToken, TokenRequest, is_one_word};
use crate::token_credential::{TokenCredential, impl_token_credential};

/// Authenticates as the managed identity of the Azure host this program runs on.
///
/// The host is detected once, when the credential is created. The first of these that matches is
/// used:
///
/// 1. Service Fabric, by `IDENTITY_ENDPOINT`, `IDENTITY_HEADER` and `IDENTITY_SERVER_THUMBPRINT`.
///    It has no user-assigned identities: the application's manifest names one.
/// 2. App Service, Functions and Container Apps, by `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
///    They have user-assigned identities by any id.
/// 3. Azure Arc, by `IDENTITY_ENDPOINT` and `IMDS_ENDPOINT`, with user-assigned identities by any
///    id.
/// 4. Azure ML, and App Service and Functions of 2017, by `MSI_ENDPOINT` and `MSI_SECRET`. They
///    have user-assigned identities by client id.
/// 5. Cloud Shell, by `MSI_ENDPOINT`. It has only the signed-in user.
/// 6. Workload identity of Kubernetes, by `AZURE_AUTHORITY_HOST`, `AZURE_TENANT_ID` and
///    `AZURE_FEDERATED_TOKEN_FILE`, with user-assigned identities by client id (by default that in
///    `AZURE_CLIENT_ID`).
/// 7. IMDS at another address, by `AZURE_POD_IDENTITY_AUTHORITY_HOST`, with user-assigned
///    identities by any id.
/// 8. Azure Arc, by its installed agent, with user-assigned identities by any id.
/// 9. IMDS (virtual machines, AKS, container instances) otherwise, with user-assigned identities
///    by any id.
///
/// A host that has no parameter for the kind of id given is not asked, because it would answer with
/// another identity's token. Under workload identity the token comes from Microsoft Entra ID, in
/// exchange for that of the service account, as with a
/// [`WorkloadIdentityCredential`](crate::WorkloadIdentityCredential).
///
/// Inside a chain a first request checks whether IMDS is at its usual address: see
/// [`ImdsProbeOptions`]. When no connection is made within 0.9 s, when no answer comes, or when
/// something other than IMDS answers (another cloud, a router, a gateway), the credential is
/// unavailable, and the chain goes on. A later call checks again. Once IMDS has given a token it is
/// there for good: an answer that is not its own is then a failure, which ends the chain.
///
/// A request to a host names exactly one scope. Its tenant is not sent, because a managed identity
/// belongs to one tenant only. A request with claims is never answered from the token cached
/// without them. Service Fabric receives the hash of the token that was refused
/// (`token_sha256_to_refresh`) and `enable_cae` (as `xms_cc`); other hosts have no parameter for
/// either.
///
/// An identity the host does not have is `CredentialUnavailable`, as is a host that is not there.
/// A host that fails (429, 5xx, after all retries) is a transient `ClientAuthentication` error and
/// ends a chain: going on could silently act as another identity.
///
/// Where the synchronous and asynchronous classes of the reference library differ, this one pins
/// Service Fabric's certificate, requires https of its endpoint and sends a resource id in the
/// parameter that the host's documentation names, like the synchronous class; and accepts an Arc
/// agent that answers without a challenge, like the asynchronous one. Arc's key file has to be in
/// the agent's own directory, under exactly the path that the agent names.
///
/// Source:
/// <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview>.
#[derive(Clone, Debug)]
pub struct ManagedIdentityCredential(Pipeline<ManagedIdentity>);

/// Options of a [`ManagedIdentityCredential`].
#[derive(Clone, Debug, Default)]
pub struct ManagedIdentityCredentialOptions {
    /// The user-assigned identity. `None`, the default, is the system-assigned one.
    pub identity: Option<ManagedIdentityId>,
    /// The options of the check, in a chain, whether IMDS is there.
    pub imds_probe: ImdsProbeOptions,
    /// The options that all credentials share. Authority and tenants matter only under workload
    /// identity.
    pub options: Options,
}

impl ManagedIdentityCredential {
    /// Creates a credential for the system-assigned identity.
    ///
    /// # Errors
    /// As [`ManagedIdentityCredential::with_options`].
    pub fn new() -> Result<Self> {
        Self::with_options(ManagedIdentityCredentialOptions::default())
    }

    /// Creates the credential with `options`.
    ///
    /// # Errors
    /// `InvalidArgument` when the identity's id is empty or has spaces, is of a kind that workload
    /// identity does not know, or an endpoint in the environment is no URL.
    pub fn with_options(options: ManagedIdentityCredentialOptions) -> Result<Self> {
        Self::detected(options, true)
    }

    /// Creates the credential with `options`, without considering workload identity.
    ///
    /// # Errors
    /// As [`ManagedIdentityCredential::with_options`].
    pub(crate) fn of_host(options: ManagedIdentityCredentialOptions) -> Result<Self> {
        Self::detected(options, false)
    }

    fn detected(options: ManagedIdentityCredentialOptions, workload: bool) -> Result<Self> {
        let ManagedIdentityCredentialOptions {
            identity,
            imds_probe,
            options,
        } = options;
        let id = identity.as_ref().map(ManagedIdentityId::as_str);
        if let Some(id) = id.filter(|id| !is_one_word(id)) {
            return Err(Error::invalid(format!(
                "a managed identity's id must not be empty or contain spaces: {}. For the \
                 system-assigned identity give none",
                redact::argument(id)
            )));
        }
        let detected = msi::detect(options.env(), &*options.context.files, workload);
        if let Ok(detected) = &detected {
            let host = detected.name();
            tracing::debug!(name: "identity.host.detected", host, "managed identity host");
        }
        let platform = detected.and_then(|detected| Platform::new(detected, identity, &options));
        let platform = match platform {
            // An identity that is not available is an error of the first request and not of the
            // constructor, so that a chain can pass over this credential.
            Err(error) if error.kind() != ErrorKind::CredentialUnavailable => return Err(error),
            platform => platform,
        };
        let identity = platform.as_ref().ok().and_then(Platform::identity);
        let source = ManagedIdentity {
            platform,
            imds_probe,
        };
        sharing(source, identity, &options).map(Self)
    }

    fn probing(&self) -> Self {
        let ManagedIdentity {
            platform,
            imds_probe,
        } = self.0.source();
        let source = ManagedIdentity {
            platform: platform.clone().map(|known| known.probing(imds_probe)),
            imds_probe: imds_probe.clone(),
        };
        Self(self.0.with_source(source))
    }
}

impl_token_credential!(ManagedIdentityCredential, |this| this.0, {
    fn within_chain(&self) -> Option<Arc<dyn TokenCredential>> {
        Some(Arc::new(self.probing()))
    }
});

/// The source of an identity's tokens, or the reason why there is none.
#[derive(Debug)]
struct ManagedIdentity {
    platform: Result<Platform>,
    imds_probe: ImdsProbeOptions,
}

#[derive(Clone, Debug)]
enum Platform {
    Host(OnHost),
    Workload(Arc<Application>),
}

/// An identity of a managed identity host.
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
        detected: Detected,
        identity: Option<ManagedIdentityId>,
        options: &Options,
    ) -> Result<Self> {
        match detected {
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

    /// The key under which credentials of one identity share tokens; `None` where they must not.
    fn identity(&self) -> Option<Identity> {
        match self {
            Self::Host(on) => {
                let shared = on.host.sharing(on.identity.as_ref());
                shared.map(Identity::Managed)
            }
            Self::Workload(application) => Some(application.identity(ManagedIdentity::NAME, None)),
        }
    }

    fn probing(self, options: &ImdsProbeOptions) -> Self {
        match self {
            Self::Host(on) => Self::Host(OnHost {
                probe: Some(Arc::new(Probe::new(options.clone()))),
                ..on
            }),
            workload => workload,
        }
    }
}

/// Returns the client id of `identity`: workload identity knows identities by client id only.
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
        // A claims challenge means that a resource has refused the token issued last: a host that
        // knows its hash does not answer with that token again.
        let refused = request.claims().and_then(|_| self.issued.digest(request));
        let (identity, refused) = (self.identity.as_ref(), refused.as_deref());
        let connect_timeout = self.probe.as_ref().map(|probe| probe.connect_timeout());
        let (limit, policy) = (connect_timeout, &self.policy);
        let outcome = msi::acquire(host, identity, request, refused, limit, policy, context).await;
        let token = match &self.probe {
            None => outcome?,
            Some(probe) => {
                let token = outcome.map_err(|error| probe.judge(error))?;
                probe.succeeded();
                token
            }
        };
        self.issued.note(request, &token);
        Ok(token)
    }
}

impl Source for ManagedIdentity {
    const NAME: &'static str = "ManagedIdentityCredential";

    async fn fetch(&self, request: &TokenRequest, context: &Context) -> Result<AccessToken> {
        match self.platform.as_ref().map_err(Error::clone)? {
            Platform::Host(on) => on.token(request, context).await,
            Platform::Workload(application) => {
                let grant = Grant::ClientCredentials;
                token_endpoint::redeem(application, &grant, request, context).await
            }
        }
    }
}
