//! Tenant restrictions: a company's proxy says which tenants its people may use.

use crate::exchange::error::Aadsts;
use crate::exchange::request::Call;
use crate::world::config::Tenant;

/// Ids and domains of the tenants that are allowed, separated by commas.
const ALLOWED: &str = "restrict-access-to-tenants";
/// The second form: `{tenant}:{policy}`, the company's own tenant and the id of the policy there.
const POLICY: &str = "sec-restrict-tenant-access-policy";

/// Refuses a tenant that is not among those allowed: 500021 by the first form of the header, 500022
/// by the second, whose policy keeps people in their own tenant.
pub(in crate::entra) fn check(call: &Call, tenant: &Tenant) -> Result<(), Aadsts> {
    if let Some(allowed) = call.header(ALLOWED)
        && !allowed.split(',').any(|name| names(name, tenant))
    {
        return Err(refusal(500021, tenant));
    }
    let policy = call
        .header(POLICY)
        .and_then(|policy| policy.split_once(':'));
    match policy {
        Some((own, _)) if !names(own, tenant) => Err(refusal(500022, tenant)),
        _ => Ok(()),
    }
}

fn names(name: &str, tenant: &Tenant) -> bool {
    let is = |known: &str| known.eq_ignore_ascii_case(name.trim());
    is(&tenant.id.to_string()) || tenant.domains.iter().any(|domain| is(domain))
}

fn refusal(code: u32, tenant: &Tenant) -> Aadsts {
    let shown = tenant.display_name.as_ref().unwrap_or(&tenant.name);
    Aadsts::new(code).with("tenant", shown)
}
