//! The host of Service Fabric clusters.
//!
//! Source: <https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code>.

use http::HeaderName;
use http::header::{ACCEPT, HeaderValue};
use url::Url;

use super::{host, reply};
use crate::context::{Env, Files, Request, Response, Tls, UnixTime};
use crate::error::{Error, ErrorKind, Result};
use crate::isolation::HostIdentity;
use crate::msi::{Detected, Detection, Host, ManagedIdentityId};
use crate::secret::Secret;
use crate::token::AccessToken;

const THUMBPRINT: &str = "IDENTITY_SERVER_THUMBPRINT";

/// The token service of the node. It speaks TLS with a certificate that the platform issued itself
/// and whose thumbprint it puts into the environment.
#[derive(Debug)]
struct ServiceFabric {
    endpoint: Url,
    header: Secret,
    sha1: [u8; 20],
}

pub(super) fn detect(env: &dyn Env, _: &dyn Files) -> Detection {
    let header = Secret::new(env.non_empty("IDENTITY_HEADER")?);
    let thumbprint = env.non_empty(THUMBPRINT)?;
    let endpoint = host::endpoint(env, "IDENTITY_ENDPOINT")?;
    Some(endpoint.and_then(|endpoint| {
        // Without TLS nothing ties the endpoint to the thumbprint, and the secret would be sent in
        // clear.
        if endpoint.scheme() != "https" {
            return Err(Error::invalid(
                "the environment variable IDENTITY_ENDPOINT is not an https URL, which Service \
                 Fabric's has to be: its certificate is all that proves it",
            ));
        }
        let sha1 = sha1(&thumbprint).ok_or_else(|| {
            Error::invalid(format!(
                "the environment variable {THUMBPRINT} is not a SHA-1 thumbprint of 40 \
                 hexadecimal digits"
            ))
        })?;
        Ok(Detected::host(ServiceFabric {
            endpoint,
            header,
            sha1,
        }))
    }))
}

impl Host for ServiceFabric {
    fn name(&self) -> &'static str {
        "Service Fabric"
    }

    fn request(&self, resource: &str, identity: Option<&ManagedIdentityId>) -> Result<Request> {
        if identity.is_some() {
            return Err(Error::invalid(
                "Service Fabric gives each application the identity its manifest names: ask \
                 without a managed identity id",
            ));
        }
        let mut url = self.endpoint.clone();
        url.query_pairs_mut()
            .append_pair("api-version", "2019-07-01-preview")
            .append_pair("resource", resource);
        let proof = host::secret_header(&self.header, "the environment variable IDENTITY_HEADER")?;
        Ok(Request::get(url)
            .direct()
            .tls(Tls::Pinned { sha1: self.sha1 })
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(HeaderName::from_static("secret"), proof))
    }

    fn challenged(&self, mut request: Request, cae: bool, refused: Option<&str>) -> Request {
        // A client that reports a refused token handles challenges, so it says that, too.
        let capability = (cae || refused.is_some()).then_some(("xms_cc", "cp1"));
        let refused = refused.map(|sha256| ("token_sha256_to_refresh", sha256));
        if capability.is_some() {
            let mut query = request.url.query_pairs_mut();
            query.extend_pairs(capability.into_iter().chain(refused));
        }
        request
    }

    /// Always `None`: a refused token is named by its digest, which only the credential knows that
    /// gave it out.
    fn sharing(&self, _: Option<&ManagedIdentityId>) -> Option<HostIdentity> {
        None
    }

    fn token(&self, request: &Request, reply: &Response, now: UnixTime) -> Result<AccessToken> {
        reply::token(self.name(), request, reply, now, |error, reason| {
            let kind = match error.oauth_error() {
                Some("ManagedIdentityNotFound") => ErrorKind::CredentialUnavailable,
                _ => ErrorKind::ClientAuthentication,
            };
            let status = reply.status;
            let message = format!("Service Fabric managed identity: HTTP {status}: {reason}");
            error.restated(kind, message)
        })
    }
}

/// Reads a thumbprint: 40 hexadecimal digits, with or without colons and spaces.
fn sha1(thumbprint: &str) -> Option<[u8; 20]> {
    let digits = thumbprint.chars().filter(|c| !matches!(c, ':' | ' '));
    let digits: Option<Vec<u8>> = digits
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let bytes: Vec<u8> = match digits?.as_chunks::<2>() {
        (pairs, []) => pairs.iter().map(|[high, low]| high << 4 | low).collect(),
        _ => return None,
    };
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::context::{StaticEnv, SystemFiles};

    fn host(endpoint: &str, thumbprint: &str) -> Result<Arc<dyn Host>> {
        let env = [
            ("IDENTITY_ENDPOINT", endpoint),
            ("IDENTITY_HEADER", "hush"),
            (THUMBPRINT, thumbprint),
        ];
        let found = detect(&StaticEnv::from_iter(env), &SystemFiles).unwrap();
        found.map(Detected::into_host)
    }

    #[test]
    fn a_thumbprint_is_forty_digits_in_any_spelling() {
        let plain = "00ff".repeat(10);
        let colons = "00:Ff ".repeat(10);
        let wanted = [0x00, 0xff].repeat(10);
        assert_eq!(sha1(&plain).map(Vec::from), Some(wanted.clone()));
        assert_eq!(sha1(&colons).map(Vec::from), Some(wanted));
        for bad in ["", "00", &"0".repeat(39), &"0".repeat(42), &"é".repeat(20)] {
            assert!(sha1(bad).is_none(), "{bad}");
            assert!(host("https://h/t", &format!("x{bad}")).is_err());
        }
        assert!(host("http://h/t", &plain).is_err(), "no pin without TLS");
    }

    #[test]
    fn a_request_pins_the_certificate_and_names_a_refused_token() {
        let host = host("https://localhost:2377/t", &"00ff".repeat(10)).unwrap();
        let ask = host.request("r", None).unwrap();
        assert!(matches!(ask.tls, Tls::Pinned { sha1 } if sha1[1] == 0xff) && ask.direct);
        assert_eq!(ask.headers["secret"], "hush");
        let plain = host.challenged(ask.clone(), false, None);
        assert_eq!(plain.url, ask.url);
        let again = host.challenged(ask, false, Some("ab"));
        let query = again.url.query().unwrap();
        assert!(
            query.ends_with("&resource=r&xms_cc=cp1&token_sha256_to_refresh=ab"),
            "{query}"
        );
    }

    #[test]
    fn an_application_without_an_identity_is_unavailable() {
        let host = host("https://h/t", &"00".repeat(20)).unwrap();
        let body = r#"{"error":{"code":"ManagedIdentityNotFound","message":"none, hush"}}"#;
        let request = host.request("r", None).unwrap();
        let error = host
            .token(&request, &Response::new(404, body), UnixTime::MAX)
            .expect_err("none");
        assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
        assert!(
            error.to_string().ends_with("HTTP 404: none, ***"),
            "{error}"
        );
    }
}
