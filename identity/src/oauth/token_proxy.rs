//! The token proxy of AKS identity bindings, which is sent the requests to the token service.
//!
//! Source: <https://azure.github.io/azure-workload-identity/docs/>.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use url::{Host, Url};

use crate::context::{CachedFile, Context, Env, Request, Tls};
use crate::error::{Error, Result};
use crate::isolation::{ProxyIdentity, ProxyTrust};

const PROXY: &str = "AZURE_KUBERNETES_TOKEN_PROXY";
const SNI_NAME: &str = "AZURE_KUBERNETES_SNI_NAME";
const CA_FILE: &str = "AZURE_KUBERNETES_CA_FILE";
const CA_DATA: &str = "AZURE_KUBERNETES_CA_DATA";
/// The largest CA file that is read, in bytes. A bundle of many certificates has a few hundred
/// thousand.
const CA_LIMIT: u64 = 1 << 20;

/// The address of the proxy, and the way in which its certificate is judged.
#[derive(Debug)]
pub(crate) struct TokenProxy {
    url: Url,
    server_name: Option<String>,
    trust: Trust,
}

/// The certificates by which the proxy is trusted.
#[derive(Debug)]
enum Trust {
    System,
    Only(Bytes),
    File(CachedFile<Bytes>),
}

impl TokenProxy {
    /// Reads the proxy from the environment; `None` when it describes none.
    ///
    /// # Errors
    /// `InvalidArgument` when the variables contradict each other or one is malformed.
    pub(crate) fn from_env(env: &dyn Env) -> Result<Option<Self>> {
        let get = |name| env.non_empty(name);
        let (server_name, file, data) = (get(SNI_NAME), get(CA_FILE), get(CA_DATA));
        let Some(url) = get(PROXY) else {
            return match server_name.or(file).or(data) {
                None => Ok(None),
                Some(_) => Err(bad(&format!(
                    "is not set, but {SNI_NAME}, {CA_FILE} or {CA_DATA} is"
                ))),
            };
        };
        let trust = match (file, data) {
            (None, None) => Trust::System,
            (None, Some(pem)) => Trust::Only(pem.into()),
            (Some(path), None) => Trust::File(CachedFile::new(PathBuf::from(path), CA_LIMIT)),
            _ => return Err(bad(&format!("has both {CA_FILE} and {CA_DATA}; set one"))),
        };
        // An address, in whatever notation, would move the connection to that address.
        let is_name = |name: &String| {
            let is_domain = matches!(Host::parse(name), Ok(Host::Domain(_)));
            let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
            is_domain && name.chars().all(is_plain)
        };
        if !server_name.as_ref().is_none_or(is_name) {
            return Err(bad(&format!("has a {SNI_NAME} that is no host name")));
        }
        Ok(Some(Self {
            url: origin(&url)?,
            server_name,
            trust,
        }))
    }

    /// The part of an [`Identity`](crate::isolation::Identity) that this proxy is.
    pub(crate) fn identity(&self) -> ProxyIdentity {
        ProxyIdentity {
            url: self.url.clone(),
            server_name: self.server_name.clone(),
            trust: match &self.trust {
                Trust::System => ProxyTrust::System,
                Trust::Only(pem) => ProxyTrust::Only(pem.clone()),
                Trust::File(file) => ProxyTrust::File(file.path().to_owned()),
            },
        }
    }

    /// Returns `request` as it is sent to the proxy: with the same path, below the path of the
    /// proxy.
    ///
    /// # Errors
    /// `InvalidArgument` when the file with the proxy's CA cannot be read and never could.
    pub(crate) async fn reroute(&self, request: Request, context: &Context) -> Result<Request> {
        let mut url = self.url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{}", request.url.path()));
        url.set_query(request.url.query());
        let tls = Tls::Private {
            server_name: self.server_name.clone(),
            roots_pem: self.roots(context).await?,
        };
        Ok(Request {
            url,
            tls,
            // The proxy is inside the cluster, which no other proxy can reach.
            direct: true,
            ..request
        })
    }

    async fn roots(&self, context: &Context) -> Result<Option<Bytes>> {
        let file = match &self.trust {
            Trust::System => return Ok(None),
            Trust::Only(pem) => return Ok(Some(pem.clone())),
            Trust::File(file) => file,
        };
        let parse = async |content: Vec<u8>| match content.is_empty() {
            true => Err(bad(&format!("has a {CA_FILE} that is empty"))),
            false => Ok(Bytes::from(content)),
        };
        match file.load(context, Duration::MAX, parse).await {
            Ok(pem) => Ok(Some(Bytes::clone(&pem))),
            // The file is being replaced: the old certificates are used until the new can be read.
            Err(failure) => match file.last() {
                Some(pem) => Ok(Some(Bytes::clone(&pem))),
                None => Err(failure.into_error(|error| {
                    bad(&format!("has a {CA_FILE} that cannot be read: {error}"))
                })),
            },
        }
    }
}

fn origin(text: &str) -> Result<Url> {
    let url = Url::parse(text).map_err(|error| bad(&format!("is no URL: {error}")))?;
    if url.scheme() != "https" {
        return Err(bad("must be an https URL"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("must not hold a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("must not have a query or a fragment"));
    }
    Ok(url)
}

fn bad(what: &str) -> Error {
    Error::invalid(format!("WorkloadIdentityCredential: {PROXY} {what}"))
}
