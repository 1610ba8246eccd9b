//! Tenant restrictions: a company's proxy says which tenants its people may use.

use crate::config::Tenant;
use crate::error::Aadsts;

/// Ids and domains of the tenants that are allowed, separated by commas.
pub(crate) const ALLOWED: &str = "restrict-access-to-tenants";

/// Refuses a tenant that the header, if it was sent, does not name.
pub(crate) fn check(allowed: Option<&str>, tenant: &Tenant) -> Result<(), Aadsts> {
    let Some(allowed) = allowed else {
        return Ok(());
    };
    let id = tenant.id.to_string();
    let is_tenant = |name: &str| {
        let mut domains = tenant.domains.iter();
        name.eq_ignore_ascii_case(&id) || domains.any(|domain| domain.eq_ignore_ascii_case(name))
    };
    if allowed.split(',').any(|name| is_tenant(name.trim())) {
        return Ok(());
    }
    let shown = tenant.display_name.as_ref().unwrap_or(&tenant.name);
    Err(Aadsts::new(500021).with("tenant", shown))
}
