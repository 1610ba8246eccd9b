//! The host of Azure Cloud Shell, which gives tokens of the signed-in user.

use http::HeaderName;
use http::header::HeaderValue;
use url::Url;
use url::form_urlencoded::Serializer;

use super::{host, reply};
use crate::context::{Env, Files, Request, Response, UnixTime};
use crate::error::{Error, ErrorKind, Result};
use crate::msi::{Detected, Detection, Host, ManagedIdentityId};
use crate::token::AccessToken;

#[derive(Debug)]
struct CloudShell {
    endpoint: Url,
}

pub(super) fn detect(env: &dyn Env, _: &dyn Files) -> Detection {
    let endpoint = host::endpoint(env, "MSI_ENDPOINT")?;
    Some(endpoint.map(|endpoint| Detected::host(CloudShell { endpoint })))
}

impl Host for CloudShell {
    fn name(&self) -> &'static str {
        "Cloud Shell"
    }

    fn request(&self, resource: &str, identity: Option<&ManagedIdentityId>) -> Result<Request> {
        if identity.is_some() {
            return Err(Error::invalid(
                "Cloud Shell has only the signed-in user: ask without a managed identity id",
            ));
        }
        // The parameters go into a form here, while the other hosts take them in the query.
        let form = Serializer::new(String::new())
            .append_pair("resource", resource)
            .finish();
        let ask = Request::post_form(self.endpoint.clone(), form).direct();
        Ok(ask.header(
            HeaderName::from_static("metadata"),
            HeaderValue::from_static("true"),
        ))
    }

    fn token(&self, request: &Request, reply: &Response, now: UnixTime) -> Result<AccessToken> {
        reply::token(self.name(), request, reply, now, |error, reason| {
            let message = format!("Cloud Shell: HTTP {}: {reason}", reply.status);
            error.restated(ErrorKind::ClientAuthentication, message)
        })
    }
}
