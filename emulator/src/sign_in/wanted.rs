//! What a request wants to be allowed, and what of it nobody has agreed to yet.

use crate::config::{App, Consent, Tenant};
use crate::directory::{Directory, Resource};
use crate::error::Aadsts;
use crate::first_party;
use crate::page::Permission;
use crate::scope::{is_of_the_protocol, is_resource};
use crate::sign_in::request::DIRECTORY_GRAPH;
use crate::sign_in::who::Visitor;
use crate::stores::codes::Asked;

/// Who asks for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    pub(crate) app: &'a App,
    pub(crate) asked: &'a Asked,
    /// Whether it must fit into one token.
    pub(crate) at_once: bool,
}

/// Permissions of one resource.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) resource: Resource<'a>,
    /// The resource by the name it was asked for.
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
}

/// Microsoft Graph is meant where no resource is.
const GRAPH: &str = "https://graph.microsoft.com";
const DEFAULT: &str = ".default";
/// A global administrator.
const ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// Reads what is asked for, by resource, each of which exists in `tenant`.
pub(crate) fn wanted<'a>(
    wish: Wish<'_>,
    tenant: &Tenant,
    directory: &'a Directory,
) -> Result<Vec<Wanted<'a>>, Aadsts> {
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
    let mut all: Vec<Wanted<'a>> = Vec::new();
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
            None => all.push(Wanted {
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

impl Wanted<'_> {
    /// What of it the visitor, or an administrator, has still to agree to.
    fn missing(&self, wish: Wish<'_>, visitor: &Visitor<'_>, directory: &Directory) -> Vec<&str> {
        if self.is_free_for(wish.app) {
            return Vec::new();
        }
        self.not_given(wish, visitor, directory)
    }

    /// What of it nobody has agreed to, free or not.
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

    /// Its own permissions, and Microsoft's own resources for Microsoft's own clients, need nobody's
    /// consent.
    fn is_free_for(&self, app: &App) -> bool {
        let microsofts = self.resource.app.is_none() && first_party::is_client(app.client_id);
        self.resource.app_id == app.client_id || microsofts
    }

    pub(crate) fn needs_second_factor(&self) -> bool {
        self.resource.app.is_some_and(|app| app.mfa_required)
    }

    fn is_for_administrators(&self, scope: &str) -> bool {
        let known = self.resource.app.into_iter().flat_map(|app| &app.scopes);
        let mut known = known.filter(|one| one.value.eq_ignore_ascii_case(scope));
        known.any(|one| one.admin_only)
    }

    /// As a consent of the world names it.
    pub(crate) fn resource_name(&self) -> &str {
        self.resource
            .app
            .map_or(self.name.as_str(), |app| &app.name)
    }
}

/// Lines of the consent page: all that is wanted with `everything`, else what is missing.
///
/// 90094 if only an administrator may agree to one of them, and the visitor is none.
pub(crate) fn to_ask(
    wanted: &[Wanted<'_>],
    everything: bool,
    wish: Wish<'_>,
    visitor: &Visitor<'_>,
    directory: &Directory,
) -> Result<Vec<Permission>, Aadsts> {
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
                lines.push(Permission {
                    name: described(one, scope),
                    resource: one.resource_name().to_owned(),
                });
            }
        }
    }
    Ok(lines)
}

/// The consents that the visitor gives by accepting, for everybody if `for_all`.
pub(crate) fn given(
    wanted: &[Wanted<'_>],
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

/// Everything the registration asks for.
pub(crate) fn registered(app: &App, directory: &Directory) -> Asked {
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

/// How a consent names a client.
pub(crate) fn client_name(app: &App) -> String {
    if app.tenant.is_empty() {
        app.client_id.to_string()
    } else {
        app.name.clone()
    }
}

/// Guests administer nothing.
pub(crate) fn is_administrator(visitor: &Visitor<'_>) -> bool {
    let mut roles = visitor.member.user.wids.iter();
    !visitor.member.is_guest() && roles.any(|role| role.to_string() == ADMINISTRATOR)
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

/// What `/.default` stands for: the permissions of the registration.
fn by_registration(wish: Wish<'_>, resource: &Resource<'_>, directory: &Directory) -> Vec<String> {
    let permissions = wish.app.permissions.iter();
    let matching = permissions.filter(|one| directory.is_resource(&one.resource, resource));
    matching
        .flat_map(|one| one.scopes.iter().cloned())
        .collect()
}

fn described(wanted: &Wanted<'_>, scope: &str) -> String {
    let known = wanted.resource.app.into_iter().flat_map(|app| &app.scopes);
    let mut known = known.filter(|one| one.value.eq_ignore_ascii_case(scope));
    known
        .find_map(|one| one.description.clone())
        .unwrap_or_else(|| scope.to_owned())
}
