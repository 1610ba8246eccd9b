//! The host of servers outside Azure: the Azure Arc agent.
//!
//! The agent makes its client prove that it may read a file which only members of a group can read.
//! It names the file in a challenge, and the client repeats the request with the file's content.
//!
//! Source: <https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication>.

use std::io;
use std::path::{Path, PathBuf};

use futures_util::future::{BoxFuture, FutureExt};
use http::HeaderName;
use http::header::{AUTHORIZATION, HeaderValue};
use url::Url;

use super::{host, reply};
use crate::context::{Env, Files, Request, Response, UnixTime};
use crate::error::{Error, ErrorKind, Result};
use crate::msi::{Detected, Detection, Host, ManagedIdentityId};
use crate::oauth::success;
use crate::secret::Secret;
use crate::token::AccessToken;

/// The endpoint of the agent where no variable names it.
const ENDPOINT: &str = "http://127.0.0.1:40342/metadata/identity/oauth2/token";
/// The largest key file that is read, in bytes.
const KEY_LIMIT: u64 = 4096;

#[derive(Debug)]
struct AzureArc {
    endpoint: Url,
    /// The only directory key files are read from.
    keys: PathBuf,
}

/// Detects the agent by its two variables.
pub(super) fn detect(env: &dyn Env, _: &dyn Files) -> Detection {
    env.non_empty("IMDS_ENDPOINT")?;
    let endpoint = host::endpoint(env, "IDENTITY_ENDPOINT")?;
    Some(endpoint.map(|endpoint| azure_arc(endpoint, env)))
}

/// Detects the agent by its program, for processes without its variables, such as a service or a
/// cron job.
pub(super) fn detect_installed(env: &dyn Env, files: &dyn Files) -> Detection {
    if !files.exists(&agent(env)?) {
        return None;
    }
    let endpoint = Url::parse(ENDPOINT).map_err(|error| Error::invalid(error.to_string()));
    Some(endpoint.map(|endpoint| azure_arc(endpoint, env)))
}

fn azure_arc(endpoint: Url, env: &dyn Env) -> Detected {
    let keys = keys(env);
    Detected::host(AzureArc { endpoint, keys })
}

impl Host for AzureArc {
    fn name(&self) -> &'static str {
        "Azure Arc"
    }

    fn request(&self, resource: &str, identity: Option<&ManagedIdentityId>) -> Result<Request> {
        let mut url = self.endpoint.clone();
        url.query_pairs_mut()
            .append_pair("api-version", "2020-06-01")
            .append_pair("resource", resource)
            .extend_pairs(identity.map(|identity| (parameters(identity)[0], identity.as_str())));
        Ok(Request::get(url).direct().header(
            HeaderName::from_static("metadata"),
            HeaderValue::from_static("true"),
        ))
    }

    fn challenge<'a>(
        &'a self,
        request: &'a Request,
        reply: &'a Response,
        files: &'a dyn Files,
    ) -> BoxFuture<'a, Result<Option<Request>>> {
        async move {
            if reply.status != 401 {
                return Ok(None);
            }
            let path = self.key_file(reply)?;
            let key = files.read(&path, KEY_LIMIT).await;
            let key = key.map_err(unreadable)?;
            // A key that is no text becomes an empty proof, which the agent refuses.
            let key = String::from_utf8(key).unwrap_or_default();
            let proof = Secret::new(format!("Basic {}", key.trim_end()));
            let proof = host::secret_header(&proof, "the content of Azure Arc's key file")?;
            Ok(Some(request.clone().header(AUTHORIZATION, proof)))
        }
        .boxed()
    }

    fn token(&self, request: &Request, reply: &Response, now: UnixTime) -> Result<AccessToken> {
        reply::token(self.name(), request, reply, now, |error, reason| {
            let kind = match reply.status {
                400 => ErrorKind::CredentialUnavailable,
                _ => ErrorKind::ClientAuthentication,
            };
            let status = reply.status;
            let message = format!("Azure Arc managed identity: HTTP {status}: {reason}");
            error.restated(kind, message)
        })
    }

    /// Checks that the answer names `identity`: agents that do not know user-assigned identities
    /// answer with the token of the system-assigned one.
    fn confirm(&self, reply: &Response, identity: &ManagedIdentityId) -> Result<()> {
        let body = success::object(reply).unwrap_or_default();
        let echoes = |name: &&str| {
            let echo = body.get(*name).and_then(|value| value.as_str());
            echo.is_some_and(|echo| echo.eq_ignore_ascii_case(identity.as_str()))
        };
        if parameters(identity).iter().any(echoes) {
            return Ok(());
        }
        Err(Error::rejected(
            "Azure Arc did not confirm the requested user-assigned managed identity in its \
             answer. Update the agent, or ask without a managed identity id for the system-assigned \
             one",
        ))
    }
}

impl AzureArc {
    /// Returns the file that the challenge names. Whoever answers at the endpoint could otherwise
    /// have any file of the machine sent to them, so directory and ending have to be right.
    fn key_file(&self, reply: &Response) -> Result<PathBuf> {
        let challenge = reply.header("www-authenticate").and_then(realm);
        let path = challenge.ok_or_else(|| {
            refused("its 401 answer has no challenge of the form Basic realm=<key file>")
        })?;
        let path = Path::new(path);
        // Equal and not below: `..` in the path must not lead out of the directory.
        if path.parent() != Some(&self.keys) {
            let keys = self.keys.display();
            return Err(refused(&format!("the key file is not in {keys}")));
        }
        if path.extension().is_none_or(|extension| extension != "key") {
            return Err(refused("the key file's name does not end in .key"));
        }
        Ok(path.to_owned())
    }
}

/// Returns the names of the parameter that holds an identity: first the one in a query, then others
/// that an answer may use.
fn parameters(identity: &ManagedIdentityId) -> &'static [&'static str] {
    match identity {
        ManagedIdentityId::ClientId(_) => &["client_id"],
        ManagedIdentityId::ObjectId(_) => &["object_id"],
        ManagedIdentityId::ResourceId(_) => &["msi_res_id", "mi_res_id"],
    }
}

/// Returns the path in `Basic realm=<path>`: all that follows the first `=`, because a path may
/// hold one too.
fn realm(challenge: &str) -> Option<&str> {
    let (scheme, rest) = challenge.trim().split_once(' ')?;
    let (name, path) = rest.split_once('=')?;
    let named = scheme.eq_ignore_ascii_case("basic") && name.trim().eq_ignore_ascii_case("realm");
    named.then(|| path.trim().trim_matches('"'))
}

fn refused(reason: &str) -> Error {
    Error::rejected(format!("Azure Arc's challenge was not answered: {reason}"))
}

fn unreadable(error: io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            ". Make this program's user a member of the group himds, or run it elevated on Windows"
        }
        io::ErrorKind::FileTooLarge => ". A key file has at most 4096 bytes",
        _ => "",
    };
    refused(&format!("the key file cannot be read: {error}{hint}")).with_source(error)
}

#[cfg(not(windows))]
fn agent(_: &dyn Env) -> Option<PathBuf> {
    Some("/opt/azcmagent/bin/himds".into())
}

#[cfg(windows)]
fn agent(env: &dyn Env) -> Option<PathBuf> {
    let programs = PathBuf::from(env.non_empty("ProgramFiles")?);
    Some(
        programs
            .join("AzureConnectedMachineAgent")
            .join("himds.exe"),
    )
}

#[cfg(not(windows))]
fn keys(_: &dyn Env) -> PathBuf {
    "/var/opt/azcmagent/tokens".into()
}

#[cfg(windows)]
fn keys(env: &dyn Env) -> PathBuf {
    let data = env.non_empty("ProgramData");
    let data = PathBuf::from(data.unwrap_or_else(|| r"C:\ProgramData".to_owned()));
    data.join("AzureConnectedMachineAgent").join("Tokens")
}

#[cfg(test)]
mod tests;
