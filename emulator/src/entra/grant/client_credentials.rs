//! An application on its own behalf.

use crate::crypto::jwt::Jwt;
use crate::entra::app_state::Snapshot;
use crate::entra::client_auth::{Client, Proof};
use crate::entra::delegation::access_token_lifetime;
use crate::entra::scope::resource_of_default;
use crate::entra::token::{Audience, Issue, Subject};
use crate::entra::token_form::TokenForm;
use crate::exchange::error::Aadsts;
use crate::world::authority::Authority;
use crate::world::config::Tenant;
use crate::world::directory::Resource;
use crate::world::endpoint_version::EndpointVersion;

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
    check_host(client, form)?;
    let asked = match form.version {
        EndpointVersion::V1 => form.required("resource")?,
        EndpointVersion::V2 if form.field("resource").is_some() => return Err(Aadsts::new(901002)),
        EndpointVersion::V2 => resource_of_default(form.required("scope")?)?,
    };
    let directory = &snapshot.directory;
    let tenant = client.tenant;
    let resource = directory.asked_for_now(tenant, asked)?;
    let roles = directory.roles(client.app, &resource);
    check_assignment(client, &resource, &roles)?;
    let cae = form.claims()?.cae;
    Ok(Issue {
        tenant: tenant.id,
        tenant_created: tenant.created,
        cloud: tenant.cloud,
        audience: Audience::of(&resource, asked),
        subject: Subject {
            client_id: client.app.client_id,
            object_id: directory.principal_id(tenant, client.app),
            acr: client.proof.acr(),
            roles: roles.into_iter().map(str::to_owned).collect(),
            managed_identity: None,
        },
        lifetime: access_token_lifetime(&resource, cae.as_deref()),
        cae,
        delegated: None,
    })
}

/// Hosts beside the usual one: of mutual TLS, which the emulator does not speak, and of regions.
fn check_host(client: &Client<'_>, form: &TokenForm<'_>) -> Result<(), Aadsts> {
    let host = form.host();
    if host == MUTUAL_TLS || host.ends_with(REGIONAL_MUTUAL_TLS) {
        return Err(Aadsts::new(392200));
    }
    let regional = client.app.regional_denied && host.ends_with(".login.microsoft.com");
    if regional && !sends_certificate(form) {
        return Err(Aadsts::new(100007));
    }
    Ok(())
}

const MUTUAL_TLS: &str = "mtlsauth.microsoft.com";
const REGIONAL_MUTUAL_TLS: &str = ".mtlsauth.microsoft.com";

/// Whether the proof comes with its certificate, as subject name and issuer need it.
fn sends_certificate(form: &TokenForm<'_>) -> bool {
    let assertion = form.field("client_assertion").and_then(Jwt::parse);
    assertion.is_some_and(|jwt| jwt.header.contains_key("x5c"))
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
