//! The endpoints of a token service, at which tokens are requested and users sign in.

use url::Url;

use crate::cloud::Authority;

/// An endpoint of a tenant. It is always built from the authority and never taken from a document,
/// so that no document can lead a secret to another host.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) url: Url,
    /// Whether this is Active Directory Federation Services, whose paths have no version and which
    /// wants older signatures.
    pub(crate) adfs: bool,
}

impl Endpoint {
    /// Returns the endpoint `name` of `tenant` at `authority`.
    pub(crate) fn new(authority: &Authority, tenant: &str, name: &str) -> Self {
        let adfs = is_adfs(tenant);
        let url = match adfs {
            true => authority.join(&[tenant, "oauth2", name]),
            false => authority.join(&[tenant, "oauth2", "v2.0", name]),
        };
        Self { url, adfs }
    }
}

/// Whether `tenant` is no tenant of Microsoft Entra ID but the name that stands for Active
/// Directory Federation Services.
pub(crate) fn is_adfs(tenant: &str) -> bool {
    tenant.eq_ignore_ascii_case("adfs")
}
