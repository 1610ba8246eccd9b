//! Where tokens are asked for.

use url::Url;

use crate::context::Context;
use crate::error::Result;
use crate::oauth::application::Application;
use crate::oauth::grant::Grant;

/// A token endpoint. It is always built from the authority: no document can lead a secret away.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) url: Url,
    /// Active Directory Federation Services, which has no versions and an older taste in
    /// signatures.
    pub(crate) adfs: bool,
}

impl Endpoint {
    /// The endpoint of `tenant` for `grant`.
    ///
    /// # Errors
    /// When the authority is unknown to Microsoft Entra ID, or that cannot be found out.
    pub(crate) async fn of(
        application: &Application,
        tenant: &str,
        grant: &Grant<'_>,
        context: &Context,
    ) -> Result<Self> {
        let adfs = tenant.eq_ignore_ascii_case("adfs");
        let authority = &application.authority;
        // A token proxy is in the cluster, where nothing else may be within reach.
        if !adfs && application.proxy.is_none() {
            application
                .instance
                .check(authority, tenant, &application.retry, context)
                .await?;
        }
        let regional = match grant {
            Grant::ClientCredentials if !adfs => application.region.of(authority, context).await,
            _ => None,
        };
        let authority = regional.as_ref().unwrap_or(authority);
        let url = match adfs {
            true => authority.join(&[tenant, "oauth2", "token"]),
            false => authority.join(&[tenant, "oauth2", "v2.0", "token"]),
        };
        Ok(Self { url, adfs })
    }
}
