//! The permissions of a request that nobody has agreed to yet, and who may agree.

use crate::entra::pages::PermissionLine;
use crate::entra::sign_in::wanted::{RequestedPermissions, Wish};
use crate::entra::sign_in::who::Visitor;
use crate::entra::stores::codes::Asked;
use crate::exchange::error::Aadsts;
use crate::world::config::{App, Consent};
use crate::world::directory::Directory;
use crate::world::first_party;

/// A global administrator.
const ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// Lines of the consent page: all that is wanted with `everything`, else what is missing.
///
/// 90094 if only an administrator may agree to one of them, and the visitor is none.
pub(in crate::entra) fn to_ask(
    wanted: &[RequestedPermissions<'_>],
    everything: bool,
    wish: Wish<'_>,
    visitor: &Visitor<'_>,
    directory: &Directory,
) -> Result<Vec<PermissionLine>, Aadsts> {
    let mut lines = Vec::new();
    for one in wanted {
        let missing = one.missing(wish, visitor, directory);
        one.check_registered(wish, visitor, directory)?;
        one.check_preauthorized(wish, visitor, directory)?;
        for scope in &one.scopes {
            let is_missing = missing.contains(&scope.as_str());
            if is_missing && one.is_for_administrators(scope) && !is_administrator(visitor) {
                let code = if visitor.member.tenant.admin_consent_requests {
                    90095
                } else {
                    90094
                };
                return Err(Aadsts::new(code).with("name", &wish.app.name));
            }
            if is_missing || everything {
                lines.push(PermissionLine {
                    name: described(one, scope),
                    resource: one.resource_name().to_owned(),
                });
            }
        }
    }
    Ok(lines)
}

/// The consents that the visitor gives by accepting, for everybody if `for_all`.
pub(in crate::entra) fn given(
    wanted: &[RequestedPermissions<'_>],
    wish: Wish<'_>,
    visitor: &Visitor<'_>,
    for_all: bool,
    directory: &Directory,
) -> Vec<Consent> {
    let consents = wanted.iter().filter_map(|one| {
        let missing = one.missing(wish, visitor, directory);
        (!missing.is_empty()).then(|| Consent {
            client: client_name(wish.app),
            resource: one.resource_name().to_owned(),
            scopes: missing.into_iter().map(str::to_owned).collect(),
            tenant: Some(visitor.member.tenant.name.clone()),
            user: (!for_all).then(|| visitor.member.user.upn.clone()),
        })
    });
    consents.collect()
}

/// How a consent names a client.
pub(in crate::entra) fn client_name(app: &App) -> String {
    if app.tenant.is_empty() {
        app.client_id.to_string()
    } else {
        app.name.clone()
    }
}

/// Guests administer nothing.
pub(in crate::entra) fn is_administrator(visitor: &Visitor<'_>) -> bool {
    let mut roles = visitor.member.user.wids.iter();
    !visitor.member.is_guest() && roles.any(|role| role.to_string() == ADMINISTRATOR)
}

impl RequestedPermissions<'_> {
    /// Returns the permissions that the visitor, or an administrator, has still to agree to.
    fn missing(&self, wish: Wish<'_>, visitor: &Visitor<'_>, directory: &Directory) -> Vec<&str> {
        if self.is_free_for(wish.app) {
            return Vec::new();
        }
        self.not_given(wish, visitor, directory)
    }

    /// Returns the permissions that nobody has agreed to, whether they need consent or not.
    fn not_given(&self, wish: Wish<'_>, visitor: &Visitor<'_>, directory: &Directory) -> Vec<&str> {
        let (member, app) = (&visitor.member, wish.app);
        let given = directory.consented(member.tenant, app, member.user, &self.resource);
        let scopes = self.scopes.iter().map(String::as_str);
        scopes
            .filter(|scope| !given.iter().any(|one| one.eq_ignore_ascii_case(scope)))
            .collect()
    }

    /// Refuses a request for whatever the registration says if it says nothing, and nothing was
    /// agreed to besides: nobody could agree to it.
    fn check_registered(
        &self,
        wish: Wish<'_>,
        visitor: &Visitor<'_>,
        directory: &Directory,
    ) -> Result<(), Aadsts> {
        let (member, app) = (&visitor.member, wish.app);
        let given = directory.consented(member.tenant, app, member.user, &self.resource);
        if !self.scopes.is_empty() || !given.is_empty() || self.is_free_for(app) {
            return Ok(());
        }
        match wish.asked {
            Asked::Resource(name) => {
                directory.check_listed(member.tenant, app, &self.resource, name)
            }
            Asked::Scope(_) => Err(Aadsts::new(650056)
                .with("resource", &self.name)
                .with("id", app.client_id.to_string())),
        }
    }

    /// Refuses one of Microsoft's clients what nobody has consented to and nobody can.
    fn check_preauthorized(
        &self,
        wish: Wish<'_>,
        visitor: &Visitor<'_>,
        directory: &Directory,
    ) -> Result<(), Aadsts> {
        let client = wish.app.client_id;
        if self.resource.app.is_some() || !first_party::is_client(client) {
            return Ok(());
        }
        let mut new = self.not_given(wish, visitor, directory).into_iter();
        new.try_for_each(|scope| {
            first_party::check_preauthorized(client, self.resource.app_id, scope)
        })
    }

    /// Its own permissions, and Microsoft's own resources for Microsoft's own clients, need
    /// nobody's consent.
    fn is_free_for(&self, app: &App) -> bool {
        let microsofts = self.resource.app.is_none() && first_party::is_client(app.client_id);
        self.resource.app_id == app.client_id || microsofts
    }

    fn is_for_administrators(&self, scope: &str) -> bool {
        let known = self.resource.app.into_iter().flat_map(|app| &app.scopes);
        let mut known = known.filter(|one| one.value.eq_ignore_ascii_case(scope));
        known.any(|one| one.admin_only)
    }
}

fn described(wanted: &RequestedPermissions<'_>, scope: &str) -> String {
    let known = wanted.resource.app.into_iter().flat_map(|app| &app.scopes);
    let mut known = known.filter(|one| one.value.eq_ignore_ascii_case(scope));
    known
        .find_map(|one| one.description.clone())
        .unwrap_or_else(|| scope.to_owned())
}
