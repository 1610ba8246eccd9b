//! The meaning of the tenant segment of a URL.

use uuid::{Uuid, uuid};

use crate::exchange::error::Aadsts;
use crate::world::config::Tenant;
use crate::world::directory::Directory;

/// The tenant of personal accounts.
pub(crate) const CONSUMERS: Uuid = uuid!("9188040d-6c67-4c5b-b112-36a304b66dad");

/// A tenant, or one of the names that stand for many.
#[derive(Debug)]
pub(crate) enum Authority<'a> {
    Tenant(&'a Tenant),
    Common,
    Organizations,
    Consumers,
}

impl<'a> Authority<'a> {
    /// Reads the segment as the real service does: alias, GUID, domain, in this order.
    pub(crate) fn parse(segment: &str, directory: &'a Directory) -> Result<Self, Aadsts> {
        match segment.to_ascii_lowercase().as_str() {
            "common" => return Ok(Self::Common),
            "organizations" => return Ok(Self::Organizations),
            "consumers" => return Ok(Self::Consumers),
            _ => {}
        }
        let found = match Uuid::try_parse(segment) {
            Ok(id) if id.is_nil() => return Err(Aadsts::new(900021)),
            Ok(CONSUMERS) => return Ok(Self::Consumers),
            Ok(id) => directory.tenant_by_id(id),
            Err(_) if is_dns_name(segment) => directory.tenant_by_domain(segment),
            Err(_) => return Err(Aadsts::new(900023).with("tenant", segment)),
        };
        found
            .map(Self::Tenant)
            .ok_or_else(|| Aadsts::new(90002).with("tenant", segment))
    }
}

fn is_dns_name(segment: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    segment.contains('.') && segment.len() <= 253 && segment.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::world::config::World;

    #[test]
    fn every_kind_of_bad_tenant_has_its_own_code() {
        let directory = Directory::new(Arc::new(World::basic()));
        let code = |segment| Authority::parse(segment, &directory).unwrap_err().code();
        assert_eq!(code("00000000-0000-0000-0000-000000000000"), 900021);
        assert_eq!(code("aaaaaaaa-0000-4000-8000-0000000000ff"), 90002);
        assert_eq!(code("nowhere.example"), 90002);
        for segment in ["contoso", "a..b", "", "ä.example", "a_b.example"] {
            assert_eq!(code(segment), 900023, "{segment}");
        }
    }

    #[test]
    fn a_domain_means_its_tenant_in_any_case() {
        let directory = Directory::new(Arc::new(World::basic()));
        let authority = Authority::parse("Contoso.Example", &directory).unwrap();
        assert!(matches!(authority, Authority::Tenant(tenant) if tenant.name == "contoso"));
    }
}
