//! An application on its own behalf.

use crate::authority::Authority;
use crate::client_auth::{Client, Proof, TokenForm, Version};
use crate::config::Tenant;
use crate::delegation::{CAE_LIFETIME, LIFETIME};
use crate::directory::Resource;
use crate::error::Aadsts;
use crate::scope::resource_of_default;
use crate::state::Snapshot;
use crate::token::{Audience, Issue, Subject};

/// An application belongs to no tenant by itself, so the URL has to name one.
pub(super) fn tenant<'a>(
    snapshot: &'a Snapshot,
    authority: Authority<'a>,
    _: &TokenForm<'_>,
) -> Result<&'a Tenant, Aadsts> {
    super::tenant_or(snapshot, &authority, None)
}

pub(super) fn grant(
    snapshot: &Snapshot,
    client: &Client<'_>,
    form: &TokenForm<'_>,
) -> Result<Issue, Aadsts> {
    if client.proof == Proof::Public {
        return Err(Aadsts::new(7000216));
    }
    let asked = match form.version {
        Version::V1 => form.required("resource")?,
        Version::V2 if form.field("resource").is_some() => return Err(Aadsts::new(901002)),
        Version::V2 => resource_of_default(form.required("scope")?)?,
    };
    let directory = &snapshot.directory;
    let tenant = client.tenant;
    let resource = directory.asked_for_now(tenant, asked)?;
    let roles = directory.roles(client.app, &resource);
    check_assignment(client, &resource, &roles)?;
    let handles_cae = form.claims()?.handles_cae;
    Ok(Issue {
        tenant: tenant.id,
        tenant_created: tenant.created,
        audience: Audience::of(&resource, asked),
        subject: Subject {
            client_id: client.app.client_id,
            object_id: directory.principal_id(tenant, client.app),
            acr: client.proof.acr(),
            roles: roles.into_iter().map(str::to_owned).collect(),
            managed_identity: None,
        },
        lifetime: if handles_cae { CAE_LIFETIME } else { LIFETIME },
        handles_cae,
        delegated: None,
    })
}

/// A resource may insist on a role; usually a token is issued without any.
fn check_assignment(
    client: &Client<'_>,
    resource: &Resource<'_>,
    roles: &[&str],
) -> Result<(), Aadsts> {
    match resource.app {
        Some(app) if app.assignment_required && roles.is_empty() => Err(Aadsts::new(501051)
            .with("client", client.app.client_id.to_string())
            .with("client_name", &client.app.name)
            .with("id", app.client_id.to_string())
            .with("name", &app.name)),
        _ => Ok(()),
    }
}
