//! The managed identity API of 2017: Azure Machine Learning, and App Service and Functions where
//! they offer no later one. Both announce it by the same two variables.
//!
//! Sources: <https://learn.microsoft.com/azure/app-service/overview-managed-identity>,
//! <https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication>.

use http::HeaderName;
use url::Url;

use super::{host, reply};
use crate::context::{Env, Files, Request, Response, UnixTime};
use crate::error::{Error, ErrorKind, Result};
use crate::msi::{Detected, Detection, Host, ManagedIdentityId};
use crate::secret::Secret;
use crate::token::AccessToken;

#[derive(Debug)]
struct Api2017 {
    name: &'static str,
    endpoint: Url,
    secret: Secret,
    /// The client id to ask for when the program names none.
    default: Option<String>,
}

pub(super) fn detect(env: &dyn Env, _: &dyn Files) -> Detection {
    let secret = Secret::new(env.non_empty("MSI_SECRET")?);
    let endpoint = host::endpoint(env, "MSI_ENDPOINT")?;
    // Azure Machine Learning sets the same two variables, but no site name.
    let name = match env.non_empty("WEBSITE_SITE_NAME") {
        Some(_) => "App Service",
        None => "Azure ML",
    };
    let default = env.non_empty("DEFAULT_IDENTITY_CLIENT_ID");
    Some(endpoint.map(|endpoint| {
        Detected::host(Api2017 {
            name,
            endpoint,
            secret,
            default,
        })
    }))
}

impl Host for Api2017 {
    fn name(&self) -> &'static str {
        self.name
    }

    fn request(&self, resource: &str, identity: Option<&ManagedIdentityId>) -> Result<Request> {
        let identity = identity.map(|identity| self.client_id(identity));
        let identity = identity.transpose()?.or(self.default.as_deref());
        let mut url = self.endpoint.clone();
        url.query_pairs_mut()
            .append_pair("api-version", "2017-09-01")
            .append_pair("resource", resource)
            .extend_pairs(identity.map(|id| ("clientid", id)));
        let proof = host::secret_header(&self.secret, "the environment variable MSI_SECRET")?;
        Ok(Request::get(url)
            .direct()
            .header(HeaderName::from_static("secret"), proof))
    }

    fn token(&self, request: &Request, reply: &Response, now: UnixTime) -> Result<AccessToken> {
        reply::token(self.name, request, reply, now, |error, reason| {
            let (name, status) = (self.name, reply.status);
            let message = format!("{name} managed identity: HTTP {status}: {reason}");
            error.restated(ErrorKind::ClientAuthentication, message)
        })
    }
}

impl Api2017 {
    /// Returns the client id in `identity`. This API knows no other id and would answer one with
    /// the token of the default identity.
    fn client_id<'a>(&self, identity: &'a ManagedIdentityId) -> Result<&'a str> {
        match identity {
            ManagedIdentityId::ClientId(id) => Ok(id),
            _ => Err(Error::invalid(format!(
                "{} knows a user-assigned managed identity by its client id only",
                self.name
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{StaticEnv, SystemFiles};

    #[test]
    fn without_an_id_the_default_identity_of_the_environment_is_asked_for() {
        let env = [
            ("MSI_ENDPOINT", "http://h/t"),
            ("MSI_SECRET", "hush"),
            ("DEFAULT_IDENTITY_CLIENT_ID", "d"),
        ];
        let found = detect(&StaticEnv::from_iter(env), &SystemFiles).unwrap();
        let request = found.unwrap().into_host().request("r", None).unwrap();
        let query = "api-version=2017-09-01&resource=r&clientid=d";
        assert_eq!(request.url.query(), Some(query));
        assert_eq!(request.headers["secret"], "hush");
        assert!(!format!("{request:?}").contains("hush"));
    }
}
