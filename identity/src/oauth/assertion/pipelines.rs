//! Client assertions that Azure Pipelines makes for a service connection.
//!
//! Source: <https://learn.microsoft.com/azure/devops/pipelines/release/configure-workload-identity>.

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use url::Url;

use crate::context::{Context, Request, Response};
use crate::error::{Error, Result};
use crate::exchange::exchange;
use crate::isolation::ProofIdentity;
use crate::oauth::client_auth::Assertions;
use crate::oauth::endpoint::Endpoint;
use crate::oauth::success;
use crate::redact;
use crate::retry::RetryPolicy;
use crate::secret::Secret;

/// A service connection, as a job of a pipeline sees it.
#[derive(Debug)]
pub(crate) struct ServiceConnection {
    /// The value of `SYSTEM_OIDCREQUESTURI`, or the error that says why there is none.
    pub(crate) request_uri: Result<Url>,
    pub(crate) id: String,
    pub(crate) system_access_token: Secret,
    pub(crate) retry: RetryPolicy,
}

impl ServiceConnection {
    fn ask(&self) -> Result<Request> {
        let mut url = self.request_uri.clone()?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty();
        }
        url.query_pairs_mut()
            .append_pair("api-version", "7.1")
            .append_pair("serviceConnectionId", &self.id);
        let bearer = format!("Bearer {}", self.system_access_token.expose());
        let mut bearer = HeaderValue::try_from(bearer).map_err(|_| {
            Error::invalid("the system access token cannot stand in an HTTP header")
        })?;
        bearer.set_sensitive(true);
        let json = HeaderValue::from_static("application/json");
        let mut request = Request::get(url)
            .header(ACCEPT, json.clone())
            .header(CONTENT_TYPE, json)
            .header(AUTHORIZATION, bearer)
            // Without it a refusal is a redirect to a sign-in page instead of a status.
            .header(
                HeaderName::from_static("x-tfs-fedauthredirect"),
                HeaderValue::from_static("Suppress"),
            );
        request.method = Method::POST;
        request.body = Bytes::new();
        Ok(request)
    }

    fn read(&self, response: &Response) -> Result<Secret> {
        let body = success::object(response).filter(|_| response.status == 200);
        let token = body
            .as_ref()
            .and_then(|body| body.get("oidcToken")?.as_str());
        if let Some(token) = token.filter(|token| !token.trim().is_empty()) {
            return Ok(Secret::new(token));
        }
        let secrets = [self.system_access_token.expose()];
        let reason = body
            .is_none()
            .then(|| String::from_utf8_lossy(&response.body));
        let reason = redact::excerpt(reason.as_deref().unwrap_or("no oidcToken"), &secrets);
        let hint = match response.status {
            300..=399 | 401 | 403 => {
                "; check that the step maps SYSTEM_ACCESSTOKEN: $(System.AccessToken)"
            }
            404 => "; check the id of the service connection",
            _ => "",
        };
        let message = format!(
            "AzurePipelinesCredential: Azure Pipelines gave no token for the service connection: \
             HTTP {} {reason}{hint}",
            response.status
        );
        let transient = matches!(response.status, 408 | 429 | 500..=599);
        let error = Error::rejected(message).with_status(response.status);
        Err(error.with_transient(transient))
    }
}

impl Assertions for ServiceConnection {
    fn assertion<'a>(
        &'a self,
        _: &'a str,
        _: &'a Endpoint,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Secret>> {
        async move { self.read(&exchange(self.ask()?, &self.retry, context).await?) }.boxed()
    }

    fn identity(&self) -> ProofIdentity {
        ProofIdentity::ServiceConnection {
            id: self.id.clone(),
            system_access_token: (&self.system_access_token).into(),
        }
    }
}
