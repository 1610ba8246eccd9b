//! How an application proves that it is itself.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use url::form_urlencoded::Serializer;

use crate::context::Context;
use crate::error::Result;
use crate::isolation::ProofIdentity;
use crate::oauth::endpoint::Endpoint;
use crate::secret::Secret;

/// What an application proves itself by.
#[derive(Clone, Debug)]
pub(crate) enum ClientAuth {
    /// By nothing: a public client, on a machine of its user, where no secret is safe.
    None,
    /// A client secret, in the form (the way every Microsoft library sends it).
    Secret(Secret),
    /// A signed statement of the application, or of somebody the tenant believes about it.
    Assertion(Arc<dyn Assertions>),
}

/// Where client assertions come from.
pub(crate) trait Assertions: fmt::Debug + Send + Sync {
    /// An assertion that the application `client_id` may show to `endpoint`.
    fn assertion<'a>(
        &'a self,
        client_id: &'a str,
        endpoint: &'a Endpoint,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Secret>>;

    /// The part of an [`Identity`](crate::isolation::Identity) that this proof is. Credentials share
    /// tokens only where it is equal.
    fn identity(&self) -> ProofIdentity;
}

impl ClientAuth {
    /// The proof for one request, made once however often that request is sent.
    pub(crate) async fn present(
        &self,
        client_id: &str,
        endpoint: &Endpoint,
        context: &Context,
    ) -> Result<Proof> {
        match self {
            Self::None => Ok(Proof::None),
            Self::Secret(secret) => Ok(Proof::Secret(secret.clone())),
            Self::Assertion(assertions) => {
                let assertion = assertions.assertion(client_id, endpoint, context).await?;
                Ok(Proof::Assertion(assertion))
            }
        }
    }

    /// The part of an [`Identity`](crate::isolation::Identity) that this proof is.
    pub(crate) fn identity(&self) -> ProofIdentity {
        match self {
            Self::None => ProofIdentity::None,
            Self::Secret(secret) => ProofIdentity::Secret(secret.into()),
            Self::Assertion(assertions) => assertions.identity(),
        }
    }
}

/// A proof, ready to be sent.
#[derive(Debug)]
pub(crate) enum Proof {
    None,
    Secret(Secret),
    Assertion(Secret),
}

impl Proof {
    /// Writes the form fields of the proof.
    pub(crate) fn write(&self, form: &mut Serializer<'_, String>) {
        match self {
            Self::None => {}
            Self::Secret(secret) => {
                form.append_pair("client_secret", secret.expose());
            }
            Self::Assertion(assertion) => {
                const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                form.append_pair("client_assertion_type", KIND);
                form.append_pair("client_assertion", assertion.expose());
            }
        }
    }

    /// What must not come back in an error text.
    pub(crate) fn secret(&self) -> &str {
        match self {
            Self::None => "",
            Self::Secret(secret) | Self::Assertion(secret) => secret.expose(),
        }
    }
}
