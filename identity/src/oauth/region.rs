//! Regional token services, which are nearer to programs in Azure and do not fail with another
//! region.

use std::time::Duration;

use http::HeaderName;
use http::header::HeaderValue;
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use crate::cloud::Authority;
use crate::context::{Context, Env, Request};
use crate::error::{Error, Result};
use crate::exchange::exchange;
use crate::isolation::RegionIdentity;
use crate::oauth::success;
use crate::redact;
use crate::retry::RetryPolicy;

const NAME: &str = "AZURE_REGIONAL_AUTHORITY_NAME";
const DETECTED: &str = "REGION_NAME";
/// The instance metadata that names the region. Source:
/// <https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service>.
const IMDS: &str = "http://169.254.169.254/metadata/instance/compute?api-version=2021-02-01";
/// IMDS answers within milliseconds; a longer wait would delay the first token of a machine that
/// has none.
const IMDS_TIMEOUT: Duration = Duration::from_secs(2);

/// The region whose token service is asked.
#[derive(Debug)]
pub(crate) enum Region {
    /// No region: the global service.
    Global,
    /// The region of this name.
    Named(String),
    /// The region this program runs in. It is looked for once; the cell holds `None` when that
    /// failed.
    Detect(OnceCell<Option<String>>),
}

impl Region {
    /// Reads `AZURE_REGIONAL_AUTHORITY_NAME`: a region, or `tryautodetect` or `true`.
    pub(crate) fn from_env(env: &dyn Env) -> Result<Self> {
        let Some(value) = env.non_empty(NAME) else {
            return Ok(Self::Global);
        };
        if ["tryautodetect", "true"].contains(&&*value.trim().to_lowercase()) {
            return Ok(Self::Detect(OnceCell::new()));
        }
        normal(&value).map(Self::Named).ok_or_else(|| {
            Error::invalid(format!(
                "{NAME} is not the name of a region: {}. Set it to one such as westus2, or to \
                 tryautodetect, or unset it",
                redact::argument(&value)
            ))
        })
    }

    /// The part of an [`Identity`](crate::isolation::Identity) that this choice is.
    pub(crate) fn identity(&self) -> RegionIdentity {
        match self {
            Self::Global => RegionIdentity::Global,
            Self::Named(region) => RegionIdentity::Named(region.clone()),
            Self::Detect(_) => RegionIdentity::Detected,
        }
    }

    /// Returns the regional service of `authority`, if one is asked for and the region is known.
    pub(crate) async fn of(&self, authority: &Authority, context: &Context) -> Option<Authority> {
        let region = match self {
            Self::Global => return None,
            Self::Named(region) => Some(region),
            Self::Detect(cell) => {
                let detected = Box::pin(cell.get_or_init(|| detect(context)));
                detected.await.as_ref()
            }
        };
        authority.regional(region?)
    }
}

async fn detect(context: &Context) -> Option<String> {
    let region = match context.env.non_empty(DETECTED) {
        Some(name) => normal(&name),
        None => ask(context).await,
    };
    tracing::debug!(name: "identity.region.detected", ?region, "looked for a region");
    region
}

async fn ask(context: &Context) -> Option<String> {
    let header = HeaderName::from_static("metadata");
    let request = Request::get(Url::parse(IMDS).ok()?).direct();
    let request = request.header(header, HeaderValue::from_static("true"));
    let policy = RetryPolicy::once(IMDS_TIMEOUT);
    // Not knowing the region is no error: the global service is as good, only farther away.
    let response = exchange(request, &policy, context).await.ok()?;
    let location = success::object(&response).filter(|_| response.status == 200)?;
    location
        .get("location")
        .and_then(Value::as_str)
        .and_then(normal)
}

/// Returns a region as it stands in a host name: `westus2` for `West US 2`. `None` for a text that
/// cannot stand in one.
fn normal(name: &str) -> Option<String> {
    let name = name.to_lowercase().replace(' ', "");
    let fits = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    // 63 characters are the limit of a label in a host name.
    (fits && !name.is_empty() && name.len() <= 63).then_some(name)
}
