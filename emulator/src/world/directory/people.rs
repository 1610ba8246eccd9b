//! Users, as a tenant sees them.

use uuid::Uuid;

use super::{Directory, derived_id};
use crate::world::config::{App, Tenant, User};

/// A user in a tenant: at home, or as a guest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) user: &'a User,
    pub(crate) home: &'a Tenant,
    pub(crate) tenant: &'a Tenant,
}

/// The error for somebody whom a tenant does not know: of an application that wants a second
/// factor, that there is nobody to give one.
pub(crate) fn stranger(app: &App) -> u32 {
    if app.mfa_required { 90072 } else { 50020 }
}

impl Directory {
    /// The user with this name in any tenant.
    pub(crate) fn user(&self, upn: &str) -> Option<&User> {
        let index = self.by_upn.get(&upn.trim().to_lowercase())?;
        self.world.users.get(*index)
    }

    /// The user as `tenant` has it, if it does.
    pub(crate) fn member<'a>(&'a self, tenant: &'a Tenant, upn: &str) -> Option<Member<'a>> {
        let user = self.user(upn)?;
        let is_in = user.tenant == tenant.name || user.guest_in.contains(&tenant.name);
        let home = self.tenant_by_name(&user.tenant)?;
        is_in.then_some(Member { user, home, tenant })
    }

    /// The user with this object id in `tenant`.
    pub(crate) fn member_by_id<'a>(
        &'a self,
        tenant: &'a Tenant,
        object_id: Uuid,
    ) -> Option<Member<'a>> {
        let names = self.world.users.iter().map(|user| user.upn.as_str());
        names
            .filter_map(|upn| self.member(tenant, upn))
            .find(|member| member.object_id() == object_id)
    }

    /// The tenant that a user name's domain belongs to.
    pub(crate) fn tenant_of_name(&self, upn: &str) -> Option<&Tenant> {
        let (_, domain) = upn.trim().rsplit_once('@')?;
        self.tenant_by_domain(domain)
    }
}

impl Member<'_> {
    /// Object id in this tenant.
    pub(crate) fn object_id(&self) -> Uuid {
        if self.is_guest() {
            derived_id(self.home_object_id().as_bytes(), self.tenant.id)
        } else {
            self.home_object_id()
        }
    }

    /// Object id at home, whichever tenant this is.
    pub(crate) fn home_object_id(&self) -> Uuid {
        let name = || derived_id(self.user.upn.to_lowercase().as_bytes(), self.home.id);
        self.user.object_id.unwrap_or_else(name)
    }

    pub(crate) fn is_guest(&self) -> bool {
        self.home.id != self.tenant.id
    }

    pub(crate) fn display_name(&self) -> &str {
        let upn = &self.user.upn;
        let short = || upn.split_once('@').map_or(upn.as_str(), |(name, _)| name);
        self.user.display_name.as_deref().unwrap_or_else(short)
    }

    /// Roles of `app` given to the user; `None` if the user is not assigned to it.
    pub(crate) fn roles(&self, app: &App) -> Option<&[String]> {
        let mut assignments = self.user.assignments.iter();
        let found = assignments.find(|one| one.app == app.name)?;
        Some(&found.roles)
    }
}
