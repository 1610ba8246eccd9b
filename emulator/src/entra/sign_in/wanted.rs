//! The permissions that a request asks for, by resource.

use crate::entra::scope::{is_of_the_protocol, is_resource};
use crate::entra::stores::codes::Asked;
use crate::exchange::error::Aadsts;
use crate::world::config::{App, Tenant};
use crate::world::directory::{Directory, Resource};

/// The client of a request and the permissions it asks for.
#[derive(Clone, Copy, Debug)]
pub(in crate::entra) struct Wish<'a> {
    pub(in crate::entra) app: &'a App,
    pub(in crate::entra) asked: &'a Asked,
    /// Whether it must fit into one token.
    pub(in crate::entra) at_once: bool,
}

/// Permissions of one resource.
#[derive(Debug)]
pub(in crate::entra) struct RequestedPermissions<'a> {
    pub(in crate::entra) resource: Resource<'a>,
    /// The resource by the name it was asked for.
    pub(in crate::entra) name: String,
    pub(in crate::entra) scopes: Vec<String>,
}

/// Microsoft Graph is meant where no resource is.
const GRAPH: &str = "https://graph.microsoft.com";
/// The resource of a v1 request that names none.
pub(super) const DIRECTORY_GRAPH: &str = "https://graph.windows.net";
const DEFAULT: &str = ".default";

/// Reads what is asked for, by resource, each of which exists in `tenant`.
pub(in crate::entra) fn wanted<'a>(
    wish: Wish<'_>,
    tenant: &Tenant,
    directory: &'a Directory,
) -> Result<Vec<RequestedPermissions<'a>>, Aadsts> {
    let asked: Vec<(&str, &str)> = match wish.asked {
        // Who names no resource gets to choose one with the code.
        Asked::Resource(resource) if resource == DIRECTORY_GRAPH => Vec::new(),
        Asked::Resource(resource) => vec![(resource.as_str(), DEFAULT)],
        Asked::Scope(scope) => scope
            .split_whitespace()
            .filter(|one| !is_of_the_protocol(one))
            .map(|one| parts(one, scope))
            .collect::<Result<_, _>>()?,
    };
    let mut all: Vec<RequestedPermissions<'a>> = Vec::new();
    for (name, value) in asked {
        let resource = directory.asked_for(tenant, name)?;
        let values = if value == DEFAULT {
            by_registration(wish, &resource, directory)
        } else if directory.exposes(&resource, value) {
            vec![value.to_owned()]
        } else {
            return Err(Aadsts::new(70011).with("scope", value));
        };
        let known = all
            .iter_mut()
            .find(|one| one.resource.app_id == resource.app_id);
        match known {
            Some(known) => known.scopes.extend(values),
            None => all.push(RequestedPermissions {
                resource,
                name: name.to_owned(),
                scopes: values,
            }),
        }
    }
    match wish.asked {
        Asked::Scope(scope) if wish.at_once && all.len() > 1 => {
            Err(Aadsts::new(700022).with("scope", scope))
        }
        _ => Ok(all),
    }
}

impl RequestedPermissions<'_> {
    pub(in crate::entra) fn needs_second_factor(&self) -> bool {
        self.resource.app.is_some_and(|app| app.mfa_required)
    }

    /// As a consent of the world names it.
    pub(in crate::entra) fn resource_name(&self) -> &str {
        self.resource
            .app
            .map_or(self.name.as_str(), |app| &app.name)
    }
}

/// Everything the registration asks for.
pub(in crate::entra) fn registered(app: &App, directory: &Directory) -> Asked {
    let name = |resource: &str| {
        let mut apps = directory.world().apps.iter();
        let app = apps.find(|app| app.name == resource);
        app.map_or_else(|| resource.to_owned(), |app| app.client_id.to_string())
    };
    let permissions = app.permissions.iter();
    let scopes: Vec<_> = permissions
        .map(|one| format!("{}/.default", name(&one.resource)))
        .collect();
    Asked::Scope(scopes.join(" "))
}

/// Resource and permission: everything to the last slash, and what follows.
fn parts<'a>(one: &'a str, whole: &str) -> Result<(&'a str, &'a str), Aadsts> {
    let invalid = || Aadsts::new(70011).with("scope", whole);
    if one
        .chars()
        .any(|c| c.is_control() || matches!(c, '"' | '\\'))
    {
        return Err(invalid());
    }
    match one.rsplit_once('/') {
        None => Ok((GRAPH, one)),
        Some((resource, value)) if !value.is_empty() && is_resource(resource) => {
            Ok((resource, value))
        }
        Some(_) => Err(invalid()),
    }
}

/// Returns the permissions that `/.default` stands for: those of the registration.
fn by_registration(wish: Wish<'_>, resource: &Resource<'_>, directory: &Directory) -> Vec<String> {
    let permissions = wish.app.permissions.iter();
    let matching = permissions.filter(|one| directory.is_resource(&one.resource, resource));
    matching
        .flat_map(|one| one.scopes.iter().cloned())
        .collect()
}
