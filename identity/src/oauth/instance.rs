//! Instance discovery: asks whether an authority is one of Microsoft Entra ID's before a secret
//! goes there.

use serde_json::{Map, Value};
use tokio::sync::OnceCell;
use url::Url;

use crate::cloud::{Authority, Cloud};
use crate::context::{Context, Request};
use crate::error::{Error, Result};
use crate::exchange::exchange;
use crate::oauth::{failure, success};
use crate::retry::RetryPolicy;

/// The trust in an authority.
#[derive(Debug)]
pub(crate) enum Instance {
    /// Trusted without asking.
    Trusted,
    /// To be asked about once. The cell is filled when the answer was yes; after a failure the next
    /// request asks again.
    Unknown(OnceCell<()>),
}

impl Instance {
    /// Returns the trust in `authority`; `disabled` is
    /// [`Options::disable_instance_discovery`](crate::Options). An address of this machine is
    /// trusted, because no service can say anything about it.
    pub(crate) fn new(authority: &Authority, disabled: bool) -> Self {
        match disabled || authority.is_known() || authority.is_loopback() {
            true => Self::Trusted,
            false => Self::Unknown(OnceCell::new()),
        }
    }

    /// Asks the public cloud about `authority`, unless that was done before.
    ///
    /// # Errors
    /// `InvalidArgument` when the authority is unknown there; another kind when that cannot be
    /// found out.
    pub(crate) async fn check(
        &self,
        authority: &Authority,
        tenant: &str,
        policy: &RetryPolicy,
        context: &Context,
    ) -> Result<()> {
        let Self::Unknown(answered) = self else {
            return Ok(());
        };
        let ask = || async {
            let request = Request::get(discovery_url(authority, tenant)?);
            let response = exchange(request, policy, context).await?;
            // An unknown authority gets a 400 with `invalid_instance`, any known one a 200.
            match success::object(&response) {
                Some(body) if response.status == 200 => check_answer(&body, authority),
                body => Err(refused(failure::read(&response, body.as_ref(), &[]))),
            }
        };
        // Boxed, like everything rare on the way to a token: the future of each call is as large as
        // its largest part.
        Box::pin(answered.get_or_try_init(ask)).await.copied()
    }
}

fn discovery_url(authority: &Authority, tenant: &str) -> Result<Url> {
    // The public cloud knows the hosts of all clouds.
    let directory = Authority::parse(Cloud::Public.authority_host(), false)?;
    let mut url = directory.join(&["common", "discovery", "instance"]);
    let endpoint = authority.join(&[tenant, "oauth2", "v2.0", "authorize"]);
    url.query_pairs_mut()
        .append_pair("api-version", "1.1")
        .append_pair("authorization_endpoint", endpoint.as_str());
    Ok(url)
}

/// Checks that the answer is about this authority: its endpoint has to be https, on the authority's
/// host or an alias of it.
fn check_answer(body: &Map<String, Value>, authority: &Authority) -> Result<()> {
    let endpoint = body
        .get("tenant_discovery_endpoint")
        .and_then(Value::as_str);
    let endpoint = endpoint.and_then(|text| Url::parse(text).ok());
    let endpoint = endpoint.filter(|url| url.scheme() == "https");
    let host = endpoint.as_ref().and_then(Url::host_str);
    let own = authority.host();
    match host {
        Some(host) if host.eq_ignore_ascii_case(own) || aliases(body, own, host) => Ok(()),
        _ => Err(refused(Error::rejected(
            "instance discovery answered with an endpoint of another host",
        ))),
    }
}

fn aliases(body: &Map<String, Value>, one: &str, other: &str) -> bool {
    let clouds = body.get("metadata").and_then(Value::as_array);
    let names = clouds
        .into_iter()
        .flatten()
        .filter_map(|cloud| cloud.get("aliases")?.as_array());
    let mut names = names.map(|names| names.iter().filter_map(Value::as_str));
    names.any(|names| {
        let has = |host: &str| names.clone().any(|name| name.eq_ignore_ascii_case(host));
        has(one) && has(other)
    })
}

fn refused(error: Error) -> Error {
    let unknown = error.oauth_error() == Some("invalid_instance");
    let kind = match unknown {
        true => crate::error::ErrorKind::InvalidArgument,
        false => error.kind(),
    };
    let message = format!(
        "the authority host is not known to Microsoft Entra ID, so nothing was sent there: \
         {error}\nIf it is yours (Azure Stack, a private cloud, an emulator), set \
         disable_instance_discovery"
    );
    error.restated(kind, message)
}
