//! The rules of a world beyond well-formed TOML.

mod app;
mod federation;
mod host;
mod tenant;
mod user;

use std::collections::HashSet;
use std::fmt::Display;
use std::hash::Hash;

use url::Url;

use crate::world::config::{Issuer, ManagedIdentity, World};

type Checked = Result<(), String>;

pub(super) fn check(world: &World) -> Checked {
    names_are_unique(world)?;
    ids_are_unique(world)?;
    world.tenants.iter().try_for_each(tenant::check)?;
    world.issuers.iter().try_for_each(issuer)?;
    world
        .apps
        .iter()
        .try_for_each(|one| app::check(world, one))?;
    world
        .users
        .iter()
        .try_for_each(|one| user::check(world, one))?;
    world
        .consents
        .iter()
        .try_for_each(|one| user::check_consent(world, one))?;
    world
        .managed_identities
        .iter()
        .try_for_each(|one| identity(world, one))?;
    federation::check(world)?;
    host::check(world)?;
    world
        .scripts
        .iter()
        .try_for_each(|rule| rule.check().map_err(|error| error.to_string()))?;
    default_app(world)
}

fn names_are_unique(world: &World) -> Checked {
    unique(
        "tenant name",
        world.tenants.iter().map(|tenant| &tenant.name),
    )?;
    unique("app name", world.apps.iter().map(|app| &app.name))?;
    unique(
        "managed identity name",
        world
            .managed_identities
            .iter()
            .map(|identity| &identity.name),
    )?;
    unique("issuer name", world.issuers.iter().map(|one| &one.name))?;
    unique("issuer URL", world.issuers.iter().map(|one| &one.url))?;
    let users = world.users.iter().map(|user| user.upn.to_lowercase());
    unique("user name", users)?;
    let domains = world.tenants.iter().flat_map(|tenant| &tenant.domains);
    unique("domain", domains.map(|domain| domain.to_ascii_lowercase()))?;
    let uris = world.apps.iter().flat_map(|app| &app.identifier_uris);
    unique("identifier URI", uris.map(|uri| uri.to_ascii_lowercase()))
}

fn ids_are_unique(world: &World) -> Checked {
    unique("tenant id", world.tenants.iter().map(|tenant| tenant.id))?;
    if world.tenants.iter().any(|tenant| tenant.id.is_nil()) {
        return Err("a tenant id may not be all zeros".to_owned());
    }
    let users = world.users.iter().filter_map(|user| user.object_id);
    unique("object id of a user", users)?;
    let apps = world.apps.iter().map(|app| app.client_id);
    unique(
        "client id",
        apps.chain(world.managed_identities.iter().map(|one| one.client_id)),
    )
}

fn unique<T: Display + Eq + Hash>(what: &str, values: impl Iterator<Item = T>) -> Checked {
    let mut seen = HashSet::new();
    for value in values {
        if seen.contains(&value) {
            return Err(format!("the {what} `{value}` is used twice"));
        }
        seen.insert(value);
    }
    Ok(())
}

fn identity(world: &World, identity: &ManagedIdentity) -> Checked {
    let place = format!("managed identity `{}`", identity.name);
    tenant(world, &place, &identity.tenant)?;
    if identity.resource_id.starts_with("/subscriptions/") {
        Ok(())
    } else {
        Err(format!("{place}: resource_id starts with /subscriptions/"))
    }
}

fn issuer(issuer: &Issuer) -> Checked {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if issuer.name.is_empty() || !issuer.name.chars().all(plain) {
        return Err(format!(
            "issuer `{}`: its name becomes part of a URL, so it has only letters, digits, - and _",
            issuer.name
        ));
    }
    match Url::parse(&issuer.url) {
        Ok(_) => Ok(()),
        Err(_) => Err(format!(
            "issuer `{}`: `{}` is no URL",
            issuer.name, issuer.url
        )),
    }
}

fn tenant(world: &World, place: &str, name: &str) -> Checked {
    if world.tenants.iter().any(|tenant| tenant.name == name) {
        return Ok(());
    }
    Err(format!(
        "{place} names the tenant `{name}`, which does not exist"
    ))
}

fn default_app(world: &World) -> Checked {
    match &world.default_app {
        Some(name) if world.showcase().is_none() => Err(format!(
            "default_app names the app `{name}`, which does not exist"
        )),
        _ => Ok(()),
    }
}
