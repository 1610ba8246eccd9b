//! The rules of an application registration.

use uuid::Uuid;

use super::{Checked, tenant, unique};
use crate::crypto::certificate::Certificate;
use crate::world::claims_matching::MatchExpression;
use crate::world::config::{
    App, AppCertificate, FederatedCredential, Preauthorized, RoleGrant, World,
};
use crate::world::first_party;

pub(super) fn check(world: &World, app: &App) -> Checked {
    let at = |problem: String| format!("app `{}`: {problem}", app.name);
    tenant(world, &format!("app `{}`", app.name), &app.tenant)?;
    app.also_in
        .iter()
        .try_for_each(|name| tenant(world, &format!("app `{}`", app.name), name))?;
    if !matches!(app.access_token_version, 1 | 2) {
        return Err(at("access_token_version is 1 or 2".to_owned()));
    }
    if app.object_id.is_some_and(|id| id.is_nil()) {
        return Err(at("object_id may not be all zeros".to_owned()));
    }
    credentials(app).map_err(at)?;
    redirect_uris(app).map_err(at)?;
    unique("scope", app.scopes.iter().map(|scope| &scope.value)).map_err(at)?;
    references(world, app).map_err(at)
}

/// Whether `resource` exists and exposes these delegated permissions.
pub(super) fn scopes_of(world: &World, what: &str, resource: &str, scopes: &[String]) -> Checked {
    let Some(app) = world.apps.iter().find(|app| app.name == resource) else {
        return match first_party::find(resource) {
            Some(_) => Ok(()),
            None => Err(format!(
                "{what} names the resource `{resource}`, which is neither the name of an app nor \
                 one of Microsoft's"
            )),
        };
    };
    let exposed = |scope: &&String| app.scopes.iter().any(|known| known.value == **scope);
    match scopes.iter().find(|scope| !exposed(scope)) {
        Some(scope) => Err(format!("app `{resource}` exposes no scope `{scope}`")),
        None => Ok(()),
    }
}

/// Whether there is such a client: the name of an application, or the id of one of Microsoft's.
pub(super) fn client(world: &World, what: &str, name: &str) -> Checked {
    let microsofts = || Uuid::try_parse(name).is_ok_and(first_party::is_client);
    if world.apps.iter().any(|app| app.name == name) || microsofts() {
        return Ok(());
    }
    Err(format!(
        "{what} names the client `{name}`, which is neither the name of an app nor the id of one \
         of Microsoft's clients"
    ))
}

fn references(world: &World, app: &App) -> Checked {
    for grant in &app.grants {
        role_grant(world, grant)?;
    }
    for needed in &app.permissions {
        scopes_of(world, "a permission", &needed.resource, &needed.scopes)?;
    }
    for trusted in &app.preauthorized {
        preauthorized(world, app, trusted)?;
    }
    Ok(())
}

fn credentials(app: &App) -> Checked {
    if app
        .secrets
        .iter()
        .any(|secret| secret.value.expose().is_empty())
    {
        return Err("a secret may not be empty".to_owned());
    }
    app.certificates.iter().try_for_each(certificate)?;
    for trusted in &app.trusted_subjects {
        if let Some(authority) = &trusted.authority {
            Certificate::from_pem(authority)
                .map_err(|problem| format!("authority of `{}`: {problem}", trusted.name))?;
        }
    }
    app.federated_credentials.iter().try_for_each(federated)
}

fn certificate(certificate: &AppCertificate) -> Checked {
    match (&certificate.pem, &certificate.thumbprint) {
        (Some(pem), _) => Certificate::from_pem(pem)
            .map(drop)
            .map_err(|problem| format!("a certificate cannot be read: {problem}")),
        (None, Some(thumbprint)) if is_thumbprint(thumbprint) => Ok(()),
        (None, Some(thumbprint)) => Err(format!(
            "`{thumbprint}` is no thumbprint: 40 or 64 hexadecimal digits"
        )),
        (None, None) => Err("a certificate needs `pem` or `thumbprint`".to_owned()),
    }
}

fn is_thumbprint(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn federated(credential: &FederatedCredential) -> Checked {
    let at = |problem: &str| {
        Err(format!(
            "federated credential `{}`: {problem}",
            credential.name
        ))
    };
    if credential.audiences.is_empty() {
        return at("it needs an audience");
    }
    match (&credential.subject, &credential.matches) {
        (Some(_), None) => Ok(()),
        (None, Some(text)) if MatchExpression::parse(text).is_some() => Ok(()),
        (None, Some(_)) => at("`matches` is like claims['sub'] matches 'repo:contoso/*'"),
        _ => at("it has either `subject` or `matches`"),
    }
}

fn redirect_uris(app: &App) -> Checked {
    let uris = &app.redirect_uris;
    let all = [&uris.web, &uris.spa, &uris.native];
    for uri in all.into_iter().flatten() {
        if uri.contains('#') || url::Url::parse(uri).is_err() {
            return Err(format!(
                "the redirect URI `{uri}` is no URI without a fragment"
            ));
        }
    }
    match &app.logout_url {
        Some(url) if !url::Url::parse(url).is_ok_and(|url| url.has_host()) => {
            Err(format!("logout_url `{url}` is no absolute URL"))
        }
        _ => Ok(()),
    }
}

fn role_grant(world: &World, grant: &RoleGrant) -> Checked {
    let Some(resource) = world.apps.iter().find(|app| app.name == grant.resource) else {
        return Err(format!(
            "a grant names the app `{}`, which does not exist",
            grant.resource
        ));
    };
    roles_of(resource, &grant.roles)
}

/// Whether an application defines these roles.
pub(super) fn roles_of(app: &App, roles: &[String]) -> Checked {
    match roles.iter().find(|role| !app.roles.contains(role)) {
        Some(role) => Err(format!("app `{}` defines no role `{role}`", app.name)),
        None => Ok(()),
    }
}

fn preauthorized(world: &World, app: &App, one: &Preauthorized) -> Checked {
    client(world, "a preauthorization", &one.client)?;
    scopes_of(world, "a preauthorization", &app.name, &one.scopes)
}
