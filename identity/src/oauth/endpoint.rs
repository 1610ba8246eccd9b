//! Where tokens are asked for, and users sign in.

use url::Url;

use crate::cloud::Authority;

/// An endpoint of a tenant. It is always built from the authority: no document can lead a secret
/// away.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) url: Url,
    /// Active Directory Federation Services, which has no versions and an older taste in
    /// signatures.
    pub(crate) adfs: bool,
}

impl Endpoint {
    /// The endpoint `name` of `tenant` at `authority`.
    pub(crate) fn new(authority: &Authority, tenant: &str, name: &str) -> Self {
        let adfs = is_adfs(tenant);
        let url = match adfs {
            true => authority.join(&[tenant, "oauth2", name]),
            false => authority.join(&[tenant, "oauth2", "v2.0", name]),
        };
        Self { url, adfs }
    }
}

/// Whether `tenant` is none of Microsoft Entra ID, but Active Directory Federation Services.
pub(crate) fn is_adfs(tenant: &str) -> bool {
    tenant.eq_ignore_ascii_case("adfs")
}
