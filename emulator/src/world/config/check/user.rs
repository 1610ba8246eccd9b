//! The rules of users and consents.

use super::app::{client, roles_of, scopes_of};
use super::{Checked, tenant, unique};
use crate::world::config::{Assignment, Consent, User, World};

pub(super) fn check(world: &World, user: &User) -> Checked {
    let place = format!("user `{}`", user.upn);
    tenant(world, &place, &user.tenant)?;
    user.guest_in
        .iter()
        .try_for_each(|name| tenant(world, &place, name))?;
    let home = world.tenants.iter().find(|one| one.name == user.tenant);
    let domains = home.map(|home| home.domains.as_slice()).unwrap_or_default();
    let own = |domain: &str| domains.iter().any(|one| one.eq_ignore_ascii_case(domain));
    match user.upn.split_once('@') {
        Some((name, domain)) if !name.is_empty() && own(domain) => {}
        _ => {
            return Err(format!(
                "{place}: a name is `somebody@` and a domain of the tenant `{}`",
                user.tenant
            ));
        }
    }
    if user
        .password
        .as_ref()
        .is_some_and(|password| password.expose().is_empty())
    {
        return Err(format!("{place}: a password may not be empty"));
    }
    if let Some(code) = user.refused_with
        && !User::REFUSALS.contains(&code)
    {
        let known: Vec<_> = User::REFUSALS.iter().map(u32::to_string).collect();
        return Err(format!(
            "{place}: no policy refuses with {code}; they do with {}",
            known.join(", ")
        ));
    }
    unique(
        "app of an assignment",
        user.assignments.iter().map(|one| &one.app),
    )
    .map_err(|problem| format!("{place}: {problem}"))?;
    user.assignments
        .iter()
        .try_for_each(|one| assignment(world, one))
        .map_err(|problem| format!("{place}: {problem}"))
}

pub(super) fn check_consent(world: &World, consent: &Consent) -> Checked {
    client(world, "a consent", &consent.client)?;
    scopes_of(world, "a consent", &consent.resource, &consent.scopes)?;
    if let Some(name) = &consent.tenant {
        tenant(world, "a consent", name)?;
    }
    let is_known = |upn: &String| {
        let mut users = world.users.iter();
        users.any(|user| user.upn.eq_ignore_ascii_case(upn))
    };
    match &consent.user {
        Some(upn) if !is_known(upn) => Err(format!(
            "a consent names the user `{upn}`, who does not exist"
        )),
        _ => Ok(()),
    }
}

fn assignment(world: &World, assignment: &Assignment) -> Checked {
    match world.apps.iter().find(|app| app.name == assignment.app) {
        Some(app) => roles_of(app, &assignment.roles),
        None => Err(format!(
            "an assignment names the app `{}`, which does not exist",
            assignment.app
        )),
    }
}
