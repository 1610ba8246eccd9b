//! The instance metadata service (IMDS), the host of virtual machines, scale sets, AKS nodes and
//! container instances.
//!
//! Source:
//! <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>.

use std::time::Duration;

use http::HeaderName;
use http::header::HeaderValue;
use url::Url;

use super::{host, reply};
use crate::context::{Env, Files, Request, Response, UnixTime};
use crate::error::{Error, ErrorKind, Result};
use crate::msi::{Detected, Detection, Host, ManagedIdentityId};
use crate::oauth::{failure, success};
use crate::retry::{RetryOptions, RetryPolicy};
use crate::token::AccessToken;

const ADDRESS: &str = "http://169.254.169.254";
const OVERRIDE: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

/// IMDS at the origin `base`. If its address was `configured`, it is known to be there.
#[derive(Debug)]
struct Imds {
    base: Url,
    configured: bool,
}

/// Detects IMDS, or a stand-in, by a configured address.
pub(super) fn detect_configured(env: &dyn Env, _: &dyn Files) -> Detection {
    let base = host::endpoint(env, OVERRIDE)?;
    Some(base.map(|base| imds(base, true)))
}

/// Takes IMDS to be at its fixed address, where nothing tells whether it is there.
pub(super) fn detect(_: &dyn Env, _: &dyn Files) -> Detection {
    let base = Url::parse(ADDRESS).map_err(|error| Error::invalid(error.to_string()));
    Some(base.map(|base| imds(base, false)))
}

fn imds(base: Url, configured: bool) -> Detected {
    Detected::host(Imds { base, configured })
}

impl Imds {
    fn token_request(&self, resource: &str, identity: Option<&ManagedIdentityId>) -> Request {
        let mut url = self.base.clone();
        url.set_query(None);
        if let Ok(mut path) = url.path_segments_mut() {
            // A configured address may end with a slash.
            path.pop_if_empty()
                .extend(["metadata", "identity", "oauth2", "token"]);
        }
        url.query_pairs_mut()
            .append_pair("api-version", "2018-02-01")
            .append_pair("resource", resource)
            .extend_pairs(identity.map(|identity| (parameter(identity), identity.as_str())));
        Request::get(url).direct()
    }
}

impl Host for Imds {
    fn name(&self) -> &'static str {
        "IMDS"
    }

    fn request(&self, resource: &str, identity: Option<&ManagedIdentityId>) -> Result<Request> {
        Ok(self.token_request(resource, identity).header(
            HeaderName::from_static("metadata"),
            HeaderValue::from_static("true"),
        ))
    }

    fn token(&self, request: &Request, reply: &Response, now: UnixTime) -> Result<AccessToken> {
        reply::token(self.name(), request, reply, now, |error, reason| {
            refused(reply, error, reason)
        })
    }

    fn retry(&self, options: &RetryOptions, attempt_timeout: Duration) -> RetryPolicy {
        RetryPolicy::imds(options, attempt_timeout)
    }

    fn unreached(&self, error: Error) -> Error {
        let message = format!(
            "ManagedIdentityCredential authentication unavailable, no response from the IMDS \
             endpoint. ({error}) In Azure, let this program reach {ADDRESS}; elsewhere, use another \
             credential"
        );
        error.restated(ErrorKind::CredentialUnavailable, message)
    }

    /// Returns a request without the header `Metadata`, which IMDS refuses at once.
    fn probe(&self, resource: &str) -> Option<Request> {
        (!self.configured).then(|| self.token_request(resource, None))
    }
}

fn parameter(identity: &ManagedIdentityId) -> &'static str {
    match identity {
        ManagedIdentityId::ClientId(_) => "client_id",
        ManagedIdentityId::ObjectId(_) => "object_id",
        ManagedIdentityId::ResourceId(_) => "msi_res_id",
    }
}

/// Returns the error for an answer without a token. IMDS answers 400 when it has no such identity,
/// but also when it passes on an error of Microsoft Entra ID. A 403 with "unreachable" comes from
/// Docker Desktop, which has no IMDS.
fn refused(reply: &Response, error: Error, reason: &str) -> Error {
    let unavailable = ErrorKind::CredentialUnavailable;
    match reply.status {
        400 if error.aadsts_codes().is_empty() => {
            let message = format!(
                "ManagedIdentityCredential authentication unavailable. The requested identity has \
                 not been assigned to this resource. Error: {reason}"
            );
            error.restated(unavailable, message)
        }
        400 => {
            let message = format!("ManagedIdentityCredential authentication unavailable. {error}");
            error.restated(unavailable, message)
        }
        403 if is_unreachable(reply) => {
            let message =
                format!("ManagedIdentityCredential authentication unavailable. Error: {reason}");
            error.restated(unavailable, message)
        }
        _ => error,
    }
}

/// Whether `reply` is Docker Desktop's message that there is no IMDS. Its end is in the language of
/// the operating system, so the beginning counts, too.
fn is_unreachable(reply: &Response) -> bool {
    let has = |text: &str| {
        let mut windows = reply.body.windows(text.len());
        windows.any(|window| window == text.as_bytes())
    };
    reply.status == 403 && (has("unreachable") || has("connecting to 169.254.169.254"))
}

/// Checks that IMDS itself sent `reply` to a request without the header `Metadata`. It answers with
/// a JSON object that has an `error`. Whatever else is reachable at its address (the metadata
/// service of another cloud, a router, a gateway) does not.
///
/// # Errors
/// `CredentialUnavailable` otherwise.
pub(super) fn check_origin(reply: &Response) -> Result<()> {
    let body = success::object(reply);
    let names = ["error", "access_token"];
    let is_own = body.is_some_and(|body| names.iter().any(|name| body.contains_key(*name)));
    if is_own && !is_unreachable(reply) {
        return Ok(());
    }
    let answer = failure::foreign(reply, &[]);
    let cause = match is_unreachable(reply) {
        true => "Docker Desktop answers at the address of IMDS, which it does not have",
        false => "something other than IMDS answers at its address",
    };
    Err(Error::unavailable(format!(
        "ManagedIdentityCredential authentication unavailable, {cause} ({ADDRESS}): {answer}. In \
         Azure, let this program reach IMDS; elsewhere, use another credential"
    ))
    .with_status(reply.status))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::context::{StaticEnv, SystemFiles};

    fn imds(base: Option<&str>) -> Arc<dyn Host> {
        let env = StaticEnv::from_iter(base.map(|base| (OVERRIDE, base)));
        let found = detect_configured(&env, &SystemFiles);
        let found = found.or_else(|| detect(&env, &SystemFiles));
        found.unwrap().unwrap().into_host()
    }

    #[test]
    fn a_request_names_resource_and_identity_and_goes_past_proxies() {
        let id = ManagedIdentityId::ResourceId("/subscriptions/a b".into());
        let request = imds(None)
            .request("https://vault.azure.net", Some(&id))
            .unwrap();
        assert_eq!(
            request.url.as_str(),
            "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01\
             &resource=https%3A%2F%2Fvault.azure.net&msi_res_id=%2Fsubscriptions%2Fa+b"
        );
        assert!(request.direct);
        assert_eq!(request.headers["metadata"], "true");
    }

    #[test]
    fn an_overridden_address_is_used_and_not_probed() {
        for base in ["http://127.0.0.1:9", "http://127.0.0.1:9//"] {
            let host = imds(Some(base));
            let request = host.request("r", None).unwrap();
            assert!(
                request.url.as_str().starts_with("http://127.0.0.1:9/"),
                "{}",
                request.url
            );
            assert!(host.probe("r").is_none());
        }
        let probe = imds(None).probe("r").unwrap();
        assert!(!probe.headers.contains_key("metadata"));
    }

    #[test]
    fn answers_outside_a_chain_mean_what_the_reference_library_takes_them_for() {
        let told = |status: u16, body: &'static str| {
            let now = UnixTime::from_seconds(0);
            let host = imds(None);
            let asked = host.request("r", None).unwrap();
            let error = host
                .token(&asked, &Response::new(status, body), now)
                .expect_err(body);
            (error.kind(), error.to_string())
        };
        let (kind, text) = told(
            400,
            r#"{"error":"invalid_request","error_description":"Identity not found"}"#,
        );
        assert_eq!(kind, ErrorKind::CredentialUnavailable);
        assert!(text.contains("has not been assigned to this resource. Error: Identity not found"));
        let (kind, text) = told(
            400,
            r#"{"error":"invalid_resource","error_description":"AADSTS500011: no"}"#,
        );
        assert!(
            kind == ErrorKind::CredentialUnavailable && !text.contains("assigned"),
            "{text}"
        );
        assert_eq!(
            told(403, r#"{"error":"unreachable"}"#).0,
            ErrorKind::CredentialUnavailable
        );
        assert_eq!(
            told(403, r#"{"error":"access_denied"}"#).0,
            ErrorKind::ClientAuthentication
        );
        assert_eq!(told(200, "<html>").0, ErrorKind::CredentialUnavailable);
        for status in [404, 410, 429, 500] {
            assert_eq!(
                told(status, "").0,
                ErrorKind::ClientAuthentication,
                "{status}"
            );
        }
    }
}
