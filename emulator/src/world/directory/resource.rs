//! The resources that a token can be asked for.

use uuid::Uuid;

use super::{Directory, is_in};
use crate::exchange::error::Aadsts;
use crate::world::config::{App, Tenant};
use crate::world::first_party;

/// A resource that a token is asked for.
#[derive(Debug)]
pub(crate) struct Resource<'a> {
    pub(crate) app_id: Uuid,
    /// The registration, if it is not Microsoft's own.
    pub(crate) app: Option<&'a App>,
    pub(crate) version: u8,
}

impl Resource<'_> {
    /// Whether it takes part in continuous access evaluation.
    pub(crate) fn evaluates_continuously(&self) -> bool {
        match self.app {
            Some(app) => app.continuous_access_evaluation,
            None => first_party::evaluates_continuously(self.app_id),
        }
    }
}

impl Directory {
    /// The resource of that name: an application of the tenant, or one of Microsoft's.
    pub(crate) fn resource(&self, tenant: &Tenant, name: &str) -> Option<Resource<'_>> {
        if let Some(app) = self.app_named(name).filter(|app| is_in(app, tenant)) {
            let (app_id, version) = (app.client_id, app.access_token_version);
            return Some(Resource {
                app_id,
                app: Some(app),
                version,
            });
        }
        first_party::find(name).map(|known| Resource {
            app_id: known.app_id,
            app: None,
            version: known.version,
        })
    }

    /// The resource that a request asks for: 500011 if there is none, 50001 if it is disabled.
    pub(crate) fn asked_for(&self, tenant: &Tenant, name: &str) -> Result<Resource<'_>, Aadsts> {
        let Some(resource) = self.resource(tenant, name) else {
            let unknown = Aadsts::new(500011).with("resource", name);
            return Err(unknown.with("tenant", tenant.id.to_string()));
        };
        if resource.app.is_some_and(|app| app.disabled) {
            return Err(Aadsts::new(50001).with("resource", name));
        }
        Ok(resource)
    }

    /// The same for a token that is made at once: 50171 if the resource takes only tokens that are
    /// bound to a certificate.
    pub(crate) fn asked_for_now(
        &self,
        tenant: &Tenant,
        name: &str,
    ) -> Result<Resource<'_>, Aadsts> {
        let resource = self.asked_for(tenant, name)?;
        if resource.app.is_some_and(|app| app.mutual_tls_only) {
            return Err(Aadsts::new(50171));
        }
        Ok(resource)
    }

    /// Whether the registration of `app` lists permissions of the resource; else the error that
    /// says so to a v1 client.
    pub(crate) fn check_listed(
        &self,
        tenant: &Tenant,
        app: &App,
        resource: &Resource<'_>,
        name: &str,
    ) -> Result<(), Aadsts> {
        let listed = app.permissions.iter().map(|one| one.resource.as_str());
        if listed.clone().any(|one| self.is_resource(one, resource)) {
            return Ok(());
        }
        let known = listed.filter_map(|one| self.permission_target(tenant, one));
        let known: Vec<_> = known.map(|one| one.app_id.to_string()).collect();
        Err(Aadsts::new(650057)
            .with("id", app.client_id.to_string())
            .with("name", &app.name)
            .with("resource", name)
            .with("resource_id", resource.app_id.to_string())
            .with("list", known.join(", ")))
    }

    /// Returns the resource that a permission of a registration names: an application by its name,
    /// or one of Microsoft's.
    pub(crate) fn permission_target(&self, tenant: &Tenant, name: &str) -> Option<Resource<'_>> {
        let mut apps = self.world.apps.iter();
        match apps.find(|app| app.name == name) {
            Some(app) => self.resource(tenant, &app.client_id.to_string()),
            None => self.resource(tenant, name),
        }
    }
}
