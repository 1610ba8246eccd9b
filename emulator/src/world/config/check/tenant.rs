//! The rules of tenants and their domains.

use super::{Checked, unique};
use crate::world::config::{FederatedDomain, Tenant};

pub(super) fn check(tenant: &Tenant) -> Checked {
    tenant.domains.iter().try_for_each(|one| domain(one))?;
    let federated = &tenant.federated_domains;
    let names = federated.iter().map(|one| one.domain.to_ascii_lowercase());
    unique("federated domain", names)?;
    federated
        .iter()
        .try_for_each(|one| check_federated(tenant, one))
}

fn check_federated(tenant: &Tenant, federated: &FederatedDomain) -> Checked {
    let domain = &federated.domain;
    let place = format!("federated domain `{domain}`");
    let is = |known: &String| known.eq_ignore_ascii_case(domain);
    if !tenant.domains.iter().any(is) {
        return Err(format!(
            "{place}: it is none of the domains of the tenant `{}`",
            tenant.name
        ));
    }
    let urls = [
        Some(&federated.sign_in_url),
        federated.metadata_url.as_ref(),
        federated.active_url.as_ref(),
    ];
    match urls
        .into_iter()
        .flatten()
        .find(|url| !url.has_host() || !url.scheme().starts_with("http"))
    {
        Some(url) => Err(format!("{place}: `{url}` is no address of a web server")),
        None => Ok(()),
    }
}

fn domain(domain: &str) -> Checked {
    let fine = domain.contains('.')
        && domain
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    if fine {
        Ok(())
    } else {
        Err(format!("`{domain}` is not a domain name"))
    }
}
