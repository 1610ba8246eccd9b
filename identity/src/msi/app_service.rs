//! The host of App Service, Functions, Container Apps and Automation (the API of 2019).
//!
//! Source: <https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>.

use http::HeaderName;
use url::Url;

use super::{host, reply};
use crate::context::{Env, Files, Request, Response, UnixTime};
use crate::error::{Error, ErrorKind, Result};
use crate::msi::{Detected, Detection, Host, ManagedIdentityId};
use crate::secret::Secret;
use crate::token::AccessToken;

#[derive(Debug)]
struct AppService {
    endpoint: Url,
    header: Secret,
}

pub(super) fn detect(env: &dyn Env, _: &dyn Files) -> Detection {
    let header = Secret::new(env.non_empty("IDENTITY_HEADER")?);
    let endpoint = host::endpoint(env, "IDENTITY_ENDPOINT")?;
    Some(endpoint.map(|endpoint| Detected::host(AppService { endpoint, header })))
}

impl Host for AppService {
    fn name(&self) -> &'static str {
        "App Service"
    }

    fn request(&self, resource: &str, identity: Option<&ManagedIdentityId>) -> Result<Request> {
        let mut url = self.endpoint.clone();
        url.query_pairs_mut()
            .append_pair("api-version", "2019-08-01")
            .append_pair("resource", resource)
            .extend_pairs(identity.map(|identity| (parameter(identity), identity.as_str())));
        let proof = host::secret_header(&self.header, "the environment variable IDENTITY_HEADER")?;
        Ok(Request::get(url)
            .direct()
            .header(HeaderName::from_static("x-identity-header"), proof))
    }

    fn token(&self, request: &Request, reply: &Response, now: UnixTime) -> Result<AccessToken> {
        reply::token(self.name(), request, reply, now, |error, reason| {
            refused(reply.status, error, reason)
        })
    }
}

fn parameter(identity: &ManagedIdentityId) -> &'static str {
    match identity {
        ManagedIdentityId::ClientId(_) => "client_id",
        ManagedIdentityId::ObjectId(_) => "object_id",
        ManagedIdentityId::ResourceId(_) => "mi_res_id",
    }
}

fn refused(status: u16, error: Error, reason: &str) -> Error {
    let kind = match status {
        // App Service answers 400 when the program has no such identity.
        400 => ErrorKind::CredentialUnavailable,
        _ => ErrorKind::ClientAuthentication,
    };
    error.restated(
        kind,
        format!("App Service managed identity: HTTP {status}: {reason}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{StaticEnv, SystemFiles};

    #[test]
    fn a_request_carries_the_header_and_the_identity_and_shows_neither() {
        let env = [
            ("IDENTITY_ENDPOINT", "http://h/msi/token?a=b"),
            ("IDENTITY_HEADER", "hush"),
        ];
        let found = detect(&StaticEnv::from_iter(env), &SystemFiles).unwrap();
        let host = found.unwrap().into_host();
        let id = ManagedIdentityId::ResourceId("/r".into());
        let request = host.request("r", Some(&id)).unwrap();
        let url = "http://h/msi/token?a=b&api-version=2019-08-01&resource=r&mi_res_id=%2Fr";
        assert_eq!(request.url.as_str(), url);
        assert_eq!(request.headers["x-identity-header"], "hush");
        assert!(!format!("{host:?} {request:?}").contains("hush"));
        let answer = r#"{"statusCode":400,"message":"No MSI found hush."}"#;
        let error = host
            .token(&request, &Response::new(400, answer), UnixTime::MAX)
            .expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
        assert_eq!(
            error.to_string(),
            "App Service managed identity: HTTP 400: No MSI found ***."
        );
    }
}
