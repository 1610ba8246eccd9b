//! Where tokens are asked for.

use url::Url;

use crate::cloud::Authority;
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
        let adfs = is_adfs(tenant);
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
        Ok(Self {
            url: place(authority, tenant, "token"),
            adfs,
        })
    }
}

/// The endpoint `name` of `tenant`, where a user signs in.
///
/// # Errors
/// As [`Endpoint::of`].
pub(crate) async fn user_endpoint(
    application: &Application,
    tenant: &str,
    name: &str,
    context: &Context,
) -> Result<Url> {
    let authority = &application.authority;
    if !is_adfs(tenant) {
        let (instance, retry) = (&application.instance, &application.retry);
        instance.check(authority, tenant, retry, context).await?;
    }
    Ok(place(authority, tenant, name))
}

fn place(authority: &Authority, tenant: &str, name: &str) -> Url {
    match is_adfs(tenant) {
        true => authority.join(&[tenant, "oauth2", name]),
        false => authority.join(&[tenant, "oauth2", "v2.0", name]),
    }
}

fn is_adfs(tenant: &str) -> bool {
    tenant.eq_ignore_ascii_case("adfs")
}
