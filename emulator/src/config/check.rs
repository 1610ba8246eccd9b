//! What a world must be beyond well-formed TOML.

use std::collections::HashSet;
use std::fmt::Display;
use std::hash::Hash;

use crate::config::{App, Host, IdentityKind, ManagedIdentity, World};

type Checked = Result<(), String>;

pub(super) fn check(world: &World) -> Checked {
    names_are_unique(world)?;
    ids_are_unique(world)?;
    world
        .tenants
        .iter()
        .flat_map(|tenant| &tenant.domains)
        .try_for_each(|d| domain(d))?;
    world.apps.iter().try_for_each(|one| app(world, one))?;
    world
        .managed_identities
        .iter()
        .try_for_each(|one| identity(world, one))?;
    host(world, "imds", &world.hosts.imds)?;
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

fn app(world: &World, app: &App) -> Checked {
    let place = format!("app `{}`", app.name);
    tenant(world, &place, &app.tenant)?;
    app.also_in
        .iter()
        .try_for_each(|name| tenant(world, &place, name))?;
    if !matches!(app.access_token_version, 1 | 2) {
        return Err(format!("{place}: access_token_version is 1 or 2"));
    }
    if app
        .secrets
        .iter()
        .any(|secret| secret.value.expose().is_empty())
    {
        return Err(format!("{place}: a secret may not be empty"));
    }
    if app.object_id.is_some_and(|id| id.is_nil()) {
        return Err(format!("{place}: object_id may not be all zeros"));
    }
    app.grants.iter().try_for_each(|grant| {
        let Some(resource) = world.apps.iter().find(|app| app.name == grant.resource) else {
            return Err(format!(
                "{place}: a grant names the app `{}`, which does not exist",
                grant.resource
            ));
        };
        match grant
            .roles
            .iter()
            .find(|role| !resource.roles.contains(role))
        {
            Some(role) => Err(format!(
                "{place}: app `{}` defines no role `{role}`",
                resource.name
            )),
            None => Ok(()),
        }
    })
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

fn tenant(world: &World, place: &str, name: &str) -> Checked {
    if world.tenants.iter().any(|tenant| tenant.name == name) {
        return Ok(());
    }
    Err(format!(
        "{place} names the tenant `{name}`, which does not exist"
    ))
}

fn host(world: &World, name: &str, host: &Host) -> Checked {
    let mut systems = 0;
    for wanted in &host.identities {
        let Some(found) = world
            .managed_identities
            .iter()
            .find(|one| one.name == *wanted)
        else {
            return Err(format!(
                "host.{name} names the managed identity `{wanted}`, which does not exist"
            ));
        };
        systems += usize::from(found.kind == IdentityKind::System);
    }
    if systems > 1 {
        return Err(format!(
            "host.{name} has more than one system-assigned identity"
        ));
    }
    unique("managed identity of a host", host.identities.iter())
}

fn default_app(world: &World) -> Checked {
    match &world.default_app {
        Some(name) if world.showcase().is_none() => Err(format!(
            "default_app names the app `{name}`, which does not exist"
        )),
        _ => Ok(()),
    }
}
