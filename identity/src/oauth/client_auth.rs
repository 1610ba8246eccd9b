//! Client authentication: how an application proves its identity.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use url::form_urlencoded::Serializer;

use crate::context::Context;
use crate::error::Result;
use crate::isolation::ProofIdentity;
use crate::oauth::endpoint::Endpoint;
use crate::secret::Secret;

/// The method by which an application proves its identity.
#[derive(Clone, Debug)]
pub(crate) enum ClientAuth {
    /// No proof: a public client runs on a machine of its user, where no secret is safe.
    None,
    /// A client secret, in the form (the way every Microsoft library sends it).
    Secret(Secret),
    /// A signed statement of the application, or of an issuer that the tenant trusts.
    Assertion(Arc<dyn Assertions>),
}

/// A source of client assertions.
pub(crate) trait Assertions: fmt::Debug + Send + Sync {
    /// Returns an assertion that the application `client_id` may present to `endpoint`.
    fn assertion<'a>(
        &'a self,
        client_id: &'a str,
        endpoint: &'a Endpoint,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Secret>>;

    /// A text that is equal for two sources only if they give the same proof. Credentials share
    /// tokens only where it is equal.
    fn identity(&self) -> ProofIdentity;
}

impl ClientAuth {
    /// Returns the proof for one request. It is made once, however often that request is sent.
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

    /// Returns the part of an [`Identity`](crate::isolation::Identity) that this proof is. It holds
    /// the fingerprint of a secret, and never the secret.
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
                // RFC 7523, section 2.2.
                const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                form.append_pair("client_assertion_type", KIND);
                form.append_pair("client_assertion", assertion.expose());
            }
        }
    }

    /// Returns the secret that must not be repeated in an error text.
    pub(crate) fn secret(&self) -> &str {
        match self {
            Self::None => "",
            Self::Secret(secret) | Self::Assertion(secret) => secret.expose(),
        }
    }
}
