//! The delegated permissions that a client has.

use super::{Directory, Resource};
use crate::world::config::{App, Tenant, User};
use crate::world::first_party;

impl Directory {
    /// Permissions of `resource` that `app` may use for `user` in `tenant` without asking again:
    /// preauthorised, consented to by the user or by an administrator. In the order of the world.
    pub(crate) fn consented<'a>(
        &'a self,
        tenant: &Tenant,
        app: &App,
        user: &User,
        resource: &Resource<'a>,
    ) -> Vec<&'a str> {
        let client = app.client_id.to_string();
        let is_client = |name: &str| name == app.name || name.eq_ignore_ascii_case(&client);
        let trusted = resource.app.map_or(&[][..], |app| &app.preauthorized);
        let preauthorized = trusted.iter().filter(|one| is_client(&one.client));
        let consents = self.world.consents.iter().filter(|consent| {
            let at = consent.tenant.as_ref().map_or_else(
                || app.tenant.is_empty() || app.tenant == tenant.name,
                |name| *name == tenant.name,
            );
            let who = consent.user.as_ref();
            at && is_client(&consent.client)
                && self.is_resource(&consent.resource, resource)
                && who.is_none_or(|upn| upn.eq_ignore_ascii_case(&user.upn))
        });
        let mut scopes = Vec::new();
        let all = preauthorized
            .flat_map(|one| &one.scopes)
            .chain(consents.flat_map(|one| &one.scopes));
        for scope in all {
            if !scopes.contains(&scope.as_str()) {
                scopes.push(scope.as_str());
            }
        }
        if let (true, None) = (first_party::is_client(app.client_id), resource.app) {
            let usual = first_party::usual_scopes(resource.app_id);
            scopes.extend(usual.iter().copied());
        }
        scopes
    }

    /// Whether `scope` is a delegated permission of `resource`; Microsoft's own have too many to
    /// list, so any name will do there.
    pub(crate) fn exposes(&self, resource: &Resource<'_>, scope: &str) -> bool {
        resource.app.is_none_or(|app| {
            let mut scopes = app.scopes.iter();
            scopes.any(|known| known.value.eq_ignore_ascii_case(scope))
        })
    }

    /// Whether a consent or a permission that says `name` is about the resource.
    pub(crate) fn is_resource(&self, name: &str, resource: &Resource<'_>) -> bool {
        match resource.app {
            Some(app) => app.name == name,
            None => first_party::find(name).is_some_and(|one| one.app_id == resource.app_id),
        }
    }
}
