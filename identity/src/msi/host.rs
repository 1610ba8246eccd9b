//! The interface of a managed identity host, and functions that several hosts share.

use std::fmt;
use std::time::Duration;

use futures_util::future::{self, BoxFuture, FutureExt};
use http::header::HeaderValue;
use url::Url;

use crate::context::{Env, Files, Request, Response, UnixTime};
use crate::error::{Error, Result};
use crate::isolation::{Fingerprint, HostIdentity};
use crate::msi::ManagedIdentityId;
use crate::retry::{RetryOptions, RetryPolicy};
use crate::secret::Secret;
use crate::token::AccessToken;

/// A host that gives tokens of the identities assigned to it.
pub(crate) trait Host: fmt::Debug + Send + Sync {
    /// Returns the host's name, for messages.
    fn name(&self) -> &'static str;

    /// Returns the request for a token of `identity` for `resource`. Without an identity it is for
    /// the system-assigned one.
    fn request(&self, resource: &str, identity: Option<&ManagedIdentityId>) -> Result<Request>;

    /// Returns `request` with what it has to say about claims challenges: `cae` when the caller
    /// handles them, `refused` (the SHA-256 of the token, in hex) when a resource has just refused
    /// a token. By default it says nothing, for hosts without parameters for that.
    fn challenged(&self, request: Request, _cae: bool, _refused: Option<&str>) -> Request {
        request
    }

    /// Returns a second request, where `reply` asks for a proof that only this machine can give.
    fn challenge<'a>(
        &'a self,
        _request: &'a Request,
        _reply: &'a Response,
        _files: &'a dyn Files,
    ) -> BoxFuture<'a, Result<Option<Request>>> {
        future::ready(Ok(None)).boxed()
    }

    /// Returns the token in the `reply` to `request`, or the error it stands for.
    fn token(&self, request: &Request, reply: &Response, now: UnixTime) -> Result<AccessToken>;

    /// Makes sure that `reply` is about `identity`, where a host may ignore the id in the request.
    fn confirm(&self, _reply: &Response, _identity: &ManagedIdentityId) -> Result<()> {
        Ok(())
    }

    /// A text that is equal for two hosts only if they give the same tokens of `identity`: they are
    /// sent the same request with the same proof. `None` where tokens must not be shared.
    fn sharing(&self, identity: Option<&ManagedIdentityId>) -> Option<HostIdentity> {
        let ask = self.request("", identity).ok()?;
        let headers = ask.headers.iter();
        let headers =
            headers.map(|(name, value)| (name.clone(), Fingerprint::of(value.as_bytes())));
        Some(HostIdentity {
            method: ask.method,
            url: ask.url,
            tls: ask.tls,
            headers: headers.collect(),
        })
    }

    /// Returns the retry policy of the host's requests.
    fn retry(&self, options: &RetryOptions, attempt_timeout: Duration) -> RetryPolicy {
        RetryPolicy::standard(options, attempt_timeout)
    }

    /// Returns the error for a request that got no answer.
    fn unreached(&self, error: Error) -> Error {
        let message = format!("{}: no response from its endpoint: {error}", self.name());
        let kind = error.kind();
        error.restated(kind, message)
    }

    /// Returns a request that every host of this kind answers at once. A chain sends it to find out
    /// whether there is one. `None` where the host is known to be there.
    fn probe(&self, _resource: &str) -> Option<Request> {
        None
    }
}

/// Returns the endpoint in the variable `name`, if it is set.
///
/// # Errors
/// `InvalidArgument` when it is no http(s) URL.
pub(super) fn endpoint(env: &dyn Env, name: &str) -> Option<Result<Url>> {
    let text = env.non_empty(name)?;
    let url = Url::parse(&text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    Some(url.filter(Url::has_host).ok_or_else(|| {
        Error::invalid(format!(
            "the environment variable {name} is not an http or https URL"
        ))
    }))
}

/// Whether all of the variables `names` are set and not empty.
pub(super) fn all_set(env: &dyn Env, names: &[&str]) -> bool {
    names.iter().all(|name| env.non_empty(name).is_some())
}

/// Returns `secret` as a header value marked sensitive, so that no log shows it and no error that
/// quotes a response. `origin` names its source for an error.
pub(super) fn secret_header(secret: &Secret, origin: &str) -> Result<HeaderValue> {
    let value = HeaderValue::from_str(secret.expose());
    let mut value = value.map_err(|_| Error::invalid(format!("{origin} is not a header value")))?;
    value.set_sensitive(true);
    Ok(value)
}
