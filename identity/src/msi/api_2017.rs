//! Azure Machine Learning.

use std::sync::Arc;

use http::HeaderName;
use url::Url;

use super::app_service::secret_header;
use super::{host, reply};
use crate::context::{Env, Request, Response, UnixTime};
use crate::error::{Error, ErrorKind, Result};
use crate::msi::{Host, ManagedIdentityId};
use crate::secret::Secret;
use crate::token::AccessToken;

#[derive(Debug)]
struct AzureMl {
    endpoint: Url,
    secret: Secret,
}

pub(super) fn detect(env: &dyn Env) -> Option<Result<Arc<dyn Host>>> {
    let secret = Secret::new(env.non_empty("MSI_SECRET")?);
    let endpoint = host::endpoint(env, "MSI_ENDPOINT")?;
    Some(endpoint.map(|endpoint| Arc::new(AzureMl { endpoint, secret }) as _))
}

impl Host for AzureMl {
    fn name(&self) -> &'static str {
        "Azure ML"
    }

    fn request(&self, resource: &str, identity: Option<&ManagedIdentityId>) -> Result<Request> {
        let mut url = self.endpoint.clone();
        url.query_pairs_mut()
            .append_pair("api-version", "2017-09-01")
            .append_pair("resource", resource)
            .extend_pairs(identity.map(client_id).transpose()?);
        let proof = secret_header(&self.secret, "MSI_SECRET")?;
        Ok(Request::get(url)
            .direct()
            .header(HeaderName::from_static("secret"), proof))
    }

    fn token(&self, reply: &Response, now: UnixTime) -> Result<AccessToken> {
        reply::token(reply, now, &[self.secret.expose()], |error, reason| {
            let status = reply.status;
            let message = format!("Azure ML managed identity: HTTP {status}: {reason}");
            error.retold(ErrorKind::ClientAuthentication, message)
        })
    }
}

/// This host knows identities by client id only, and would give the default one's token for
/// anything else.
fn client_id(identity: &ManagedIdentityId) -> Result<(&'static str, &str)> {
    match identity {
        ManagedIdentityId::ClientId(id) => Ok(("clientid", id)),
        _ => Err(Error::invalid(
            "Azure ML knows a user-assigned managed identity by its client id only",
        )),
    }
}
