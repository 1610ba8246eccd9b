//! The directory at one instant: a checked world with the look-ups requests need.

mod consent;
mod home_realm;
mod microsofts;
mod people;
mod resource;

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::digest;
use uuid::Uuid;

use crate::crypto::certificate::Certificate;
use crate::world::config::{App, ManagedIdentity, Tenant, World};

pub(crate) use home_realm::HomeRealm;
pub(crate) use people::{Member, stranger};
pub(crate) use resource::Resource;

/// Never changes; what changes is which one the next request gets.
#[derive(Debug)]
pub(crate) struct Directory {
    world: Arc<World>,
    by_client_id: HashMap<Uuid, usize>,
    by_uri: HashMap<String, usize>,
    by_upn: HashMap<String, usize>,
    /// Certificates by client id, in the order of the world; `None` where only a thumbprint is
    /// known.
    certificates: HashMap<Uuid, Vec<Option<Certificate>>>,
}

impl Directory {
    /// Creates the directory of a world that passed its check.
    pub(crate) fn new(world: Arc<World>) -> Self {
        let apps = || world.apps.iter().enumerate();
        let by_client_id = apps().map(|(index, app)| (app.client_id, index)).collect();
        let by_uri = apps()
            .flat_map(|(index, app)| {
                app.identifier_uris
                    .iter()
                    .map(move |uri| (bare(uri), index))
            })
            .collect();
        let users = world.users.iter().enumerate();
        let by_upn = users
            .map(|(index, user)| (user.upn.to_lowercase(), index))
            .collect();
        Self {
            by_client_id,
            by_uri,
            by_upn,
            certificates: world.apps.iter().map(certificates).collect(),
            world,
        }
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    pub(crate) fn shared_world(&self) -> Arc<World> {
        self.world.clone()
    }

    pub(crate) fn tenant_by_id(&self, id: Uuid) -> Option<&Tenant> {
        self.world.tenants.iter().find(|tenant| tenant.id == id)
    }

    pub(crate) fn tenant_by_domain(&self, domain: &str) -> Option<&Tenant> {
        let is = |known: &String| known.eq_ignore_ascii_case(domain);
        self.world
            .tenants
            .iter()
            .find(|tenant| tenant.domains.iter().any(is))
    }

    pub(crate) fn tenant_by_name(&self, name: &str) -> Option<&Tenant> {
        self.world.tenants.iter().find(|tenant| tenant.name == name)
    }

    /// The application, if it has a service principal in `tenant`; Microsoft's own clients have one
    /// everywhere.
    pub(crate) fn app_in(&self, tenant: &Tenant, client_id: Uuid) -> Option<&App> {
        match self.by_client_id.get(&client_id) {
            Some(index) => Some(&self.world.apps[*index]).filter(|app| is_in(app, tenant)),
            None => microsofts::client(client_id),
        }
    }

    /// The application, wherever it lives.
    pub(crate) fn app(&self, client_id: Uuid) -> Option<&App> {
        match self.by_client_id.get(&client_id) {
            Some(index) => Some(&self.world.apps[*index]),
            None => microsofts::client(client_id),
        }
    }

    /// The tenant an application lives in; Microsoft's own live in the first as well as in any.
    pub(crate) fn home_of(&self, app: &App) -> Option<&Tenant> {
        let home = self.tenant_by_name(&app.tenant);
        home.or_else(|| self.world.tenants.first())
    }

    /// The certificates of an application, each beside what the world says of it.
    pub(crate) fn certificates(&self, app: &App) -> &[Option<Certificate>] {
        let known = self.certificates.get(&app.client_id);
        known.map(Vec::as_slice).unwrap_or_default()
    }

    /// Object id of an application's service principal in `tenant`.
    pub(crate) fn principal_id(&self, tenant: &Tenant, app: &App) -> Uuid {
        match app.object_id {
            Some(id) if app.tenant == tenant.name => id,
            _ => derived_id(app.client_id.as_bytes(), tenant.id),
        }
    }

    /// App roles of `resource` that `app` holds.
    pub(crate) fn roles<'a>(&self, app: &'a App, resource: &Resource<'_>) -> Vec<&'a str> {
        let Some(resource) = resource.app else {
            return Vec::new();
        };
        let grants = app
            .grants
            .iter()
            .filter(|grant| grant.resource == resource.name);
        grants
            .flat_map(|grant| grant.roles.iter().map(String::as_str))
            .collect()
    }

    /// The managed identities with these names, in their order.
    pub(crate) fn assigned(&self, identities: &[String]) -> Vec<&ManagedIdentity> {
        let named = |name: &String| {
            self.world
                .managed_identities
                .iter()
                .find(|one| one.name == *name)
        };
        identities.iter().filter_map(named).collect()
    }

    fn app_named(&self, name: &str) -> Option<&App> {
        let id = name.strip_prefix("api://").unwrap_or(name);
        let index = match Uuid::parse_str(id) {
            Ok(id) => self.by_client_id.get(&id),
            Err(_) => self.by_uri.get(&bare(name)),
        };
        index.map(|index| &self.world.apps[*index])
    }
}

fn certificates(app: &App) -> (Uuid, Vec<Option<Certificate>>) {
    let parse = |pem: &String| Certificate::from_pem(pem).ok();
    let all = app.certificates.iter();
    let parsed = all.map(|one| one.pem.as_ref().and_then(parse));
    (app.client_id, parsed.collect())
}

fn is_in(app: &App, tenant: &Tenant) -> bool {
    app.tenant == tenant.name || app.also_in.contains(&tenant.name)
}

fn bare(uri: &str) -> String {
    uri.strip_suffix('/').unwrap_or(uri).to_ascii_lowercase()
}

/// An id that needs no configuration and is the same in every run.
fn derived_id(of: &[u8], tenant_id: Uuid) -> Uuid {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(of);
    context.update(tenant_id.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&context.finish().as_ref()[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_is_found_only_where_it_has_a_service_principal() {
        let directory = Directory::new(Arc::new(World::basic()));
        let fabrikam = directory
            .tenant_by_domain("FABRIKAM.onmicrosoft.com")
            .unwrap();
        let contoso = directory.tenant_by_name("contoso").unwrap();
        let daemon = directory.world().apps[0].client_id;
        let desktop = directory.world().apps[5].client_id;
        assert!(directory.app_in(fabrikam, daemon).is_some());
        assert!(directory.app_in(fabrikam, desktop).is_none());
        let app = directory.app_in(contoso, daemon).unwrap();
        let here = directory.principal_id(contoso, app);
        assert_eq!(here.to_string(), "bbbbbbbb-0000-4000-8000-100000000001");
        assert_ne!(directory.principal_id(fabrikam, app), here);
    }

    #[test]
    fn a_resource_goes_by_uri_id_and_api_id() {
        let directory = Directory::new(Arc::new(World::basic()));
        let contoso = directory.tenant_by_name("contoso").unwrap();
        let id = "bbbbbbbb-0000-4000-8000-000000000004";
        for name in ["api://orders", "API://orders/", id, &format!("api://{id}")] {
            let found = directory.resource(contoso, name).unwrap();
            assert_eq!(found.app_id.to_string(), id, "{name}");
            assert_eq!(found.version, 2);
        }
        assert!(directory.resource(contoso, "api://nowhere").is_none());
    }
}
