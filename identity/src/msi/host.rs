//! What every managed identity host has to say for itself.

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
    /// What it is called, for messages.
    fn name(&self) -> &'static str;

    /// The request for a token of `identity` (the system-assigned one if `None`) for `resource`.
    fn request(&self, resource: &str, identity: Option<&ManagedIdentityId>) -> Result<Request>;

    /// `ask`, telling the host what resources say about its tokens: `cae` when the caller handles
    /// challenges, `refused` (SHA-256 of the token in hex) when one was just refused. A host with
    /// no words for that is asked as ever.
    fn challenged(&self, ask: Request, _cae: bool, _refused: Option<&str>) -> Request {
        ask
    }

    /// The second request, where `reply` asks for a proof that only this machine can give.
    fn challenge<'a>(
        &'a self,
        _request: &'a Request,
        _reply: &'a Response,
        _files: &'a dyn Files,
    ) -> BoxFuture<'a, Result<Option<Request>>> {
        future::ready(Ok(None)).boxed()
    }

    /// The token in the `reply` to what was `asked`, or the error it stands for.
    fn token(&self, asked: &Request, reply: &Response, now: UnixTime) -> Result<AccessToken>;

    /// Makes sure that `reply` is about `identity`, where the host may ignore whom it was asked for.
    fn confirm(&self, _reply: &Response, _identity: &ManagedIdentityId) -> Result<()> {
        Ok(())
    }

    /// The identity whose tokens credentials may share when they ask this host for those of
    /// `identity`; `None` where tokens are not to be shared.
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

    /// How its requests are repeated.
    fn retry(&self, options: &RetryOptions, attempt_timeout: Duration) -> RetryPolicy {
        RetryPolicy::standard(options, attempt_timeout)
    }

    /// What it means that no answer came.
    fn unreached(&self, error: Error) -> Error {
        let message = format!("{}: no response from its endpoint: {error}", self.name());
        let kind = error.kind();
        error.retold(kind, message)
    }

    /// A request that any living host of the kind answers at once, where a chain has to find out
    /// whether there is one.
    fn probe(&self, _resource: &str) -> Option<Request> {
        None
    }
}

/// The endpoint in variable `name`, if it is set.
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

/// All of `names` set and not empty.
pub(super) fn announced(env: &dyn Env, names: &[&str]) -> bool {
    names.iter().all(|name| env.non_empty(name).is_some())
}

/// `secret` as a header value that no log shows, and no error that quotes the answer; `origin` says
/// where it came from.
pub(super) fn secret_header(secret: &Secret, origin: &str) -> Result<HeaderValue> {
    let value = HeaderValue::from_str(secret.expose());
    let mut value = value.map_err(|_| Error::invalid(format!("{origin} is not a header value")))?;
    value.set_sensitive(true);
    Ok(value)
}
