//! The tenant that is asked for a token.

use crate::error::{Error, Result};
use crate::isolation::TenancyIdentity;
use crate::token::check_tenant;

/// The own tenant of a credential, and the other tenants it may be used for.
#[derive(Clone, Debug)]
pub(crate) struct Tenants {
    home: String,
    allowed: Vec<String>,
    single: bool,
}

impl Tenants {
    /// Checks and collects the tenants. `single` switches off all but `home`
    /// (`AZURE_IDENTITY_DISABLE_MULTITENANTAUTH`).
    pub(crate) fn new(home: &str, allowed: &[String], single: bool) -> Result<Self> {
        check_tenant(home)?;
        for tenant in allowed.iter().filter(|tenant| *tenant != "*") {
            check_tenant(tenant)?;
        }
        Ok(Self {
            home: home.to_owned(),
            allowed: allowed.to_vec(),
            single,
        })
    }

    /// Returns the credential's own tenant.
    pub(crate) fn home(&self) -> &str {
        &self.home
    }

    /// The part of an [`Identity`](crate::isolation::Identity) that these tenants are, for a
    /// developer tool.
    pub(crate) fn identity(&self) -> TenancyIdentity {
        TenancyIdentity::Own {
            tenant_id: self.home.clone(),
            allowed: self.allowed.clone(),
            single: self.single,
        }
    }

    /// Returns the tenant to ask when a request asks for `requested`.
    ///
    /// # Errors
    /// `ClientAuthentication` when that tenant is not allowed. Without this check a resource could,
    /// by its challenge, make this credential authenticate to any tenant.
    pub(crate) fn resolve<'a>(&'a self, requested: Option<&'a str>) -> Result<&'a str> {
        let Some(tenant) = requested.filter(|t| !t.eq_ignore_ascii_case(&self.home)) else {
            return Ok(&self.home);
        };
        // The request goes on with the own tenant instead of failing, as in the other Microsoft
        // SDKs.
        if self.single || self.home.eq_ignore_ascii_case("adfs") {
            tracing::debug!(name: "identity.tenant.ignored", tenant, "one tenant only");
            return Ok(&self.home);
        }
        // `organizations` stands for any tenant, so only a list of tenants closes it.
        let open = self.home.eq_ignore_ascii_case("organizations") && self.allowed.is_empty();
        let listed = |t: &String| t == "*" || t.eq_ignore_ascii_case(tenant);
        if open || self.allowed.iter().any(listed) {
            return Ok(tenant);
        }
        Err(Error::rejected(format!(
            "The current credential is not configured to acquire tokens for tenant {tenant}. To \
             enable acquiring tokens for this tenant add it to additionally_allowed_tenants, or \
             add \"*\" to allow any tenant"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(home: &str, allowed: &[&str], single: bool, requested: &str) -> Option<String> {
        let allowed: Vec<_> = allowed.iter().copied().map(str::to_owned).collect();
        let tenants = Tenants::new(home, &allowed, single).unwrap();
        tenants.resolve(Some(requested)).ok().map(str::to_owned)
    }

    #[test]
    fn another_tenant_has_to_be_allowed() {
        assert_eq!(resolve("home", &[], false, "HOME").as_deref(), Some("home"));
        assert_eq!(resolve("home", &[], false, "other"), None);
        assert_eq!(
            resolve("home", &["x", "Other"], false, "other").as_deref(),
            Some("other")
        );
        assert_eq!(
            resolve("home", &["*"], false, "other").as_deref(),
            Some("other")
        );
        assert_eq!(
            resolve("home", &["*"], true, "other").as_deref(),
            Some("home")
        );
        assert_eq!(
            resolve("adfs", &["*"], false, "other").as_deref(),
            Some("adfs")
        );
        assert_eq!(
            resolve("organizations", &[], false, "other").as_deref(),
            Some("other")
        );
        assert_eq!(resolve("organizations", &["x"], false, "other"), None);
    }
}
