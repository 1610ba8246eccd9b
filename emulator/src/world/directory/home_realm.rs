//! Home realm discovery: who it is that signs a user name in.

use super::Directory;
use crate::world::config::{FederatedDomain, Tenant};

/// The identity provider of the domain of a user name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum HomeRealm<'a> {
    /// No tenant has the domain.
    Unknown,
    /// Passwords are checked here.
    Managed(&'a Tenant),
    /// Another identity provider does.
    Federated(&'a FederatedDomain),
}

impl Directory {
    /// Returns the provider that signs this name in, whether or not there is such a user.
    pub(crate) fn home_realm(&self, name: &str) -> HomeRealm<'_> {
        let Some((_, domain)) = name.trim().rsplit_once('@') else {
            return HomeRealm::Unknown;
        };
        match (self.tenant_by_domain(domain), self.federated_domain(domain)) {
            (_, Some(federated)) => HomeRealm::Federated(federated),
            (Some(tenant), None) => HomeRealm::Managed(tenant),
            (None, None) => HomeRealm::Unknown,
        }
    }

    /// The identity provider a user name belongs to, if it is another one.
    pub(crate) fn federation_of(&self, name: &str) -> Option<&FederatedDomain> {
        match self.home_realm(name) {
            HomeRealm::Federated(federated) => Some(federated),
            HomeRealm::Managed(_) | HomeRealm::Unknown => None,
        }
    }

    /// Returns the settings of this domain, if it is federated.
    pub(crate) fn federated_domain(&self, domain: &str) -> Option<&FederatedDomain> {
        let tenants = self.world.tenants.iter();
        let mut all = tenants.flat_map(|tenant| &tenant.federated_domains);
        all.find(|one| one.domain.eq_ignore_ascii_case(domain))
    }
}
