//! An application on its own behalf.

use crate::client_auth::{Client, TokenForm, Version};
use crate::error::Aadsts;
use crate::scope::resource_of_default;
use crate::state::Snapshot;
use crate::token::{Audience, Issue, Subject};

/// One hour, as the real service mostly says.
const LIFETIME: i64 = 3599;

pub(super) fn grant(
    snapshot: &Snapshot,
    client: &Client<'_>,
    form: &TokenForm<'_>,
) -> Result<Issue, Aadsts> {
    let asked = match form.version {
        Version::V1 => form.required("resource")?,
        Version::V2 if form.field("resource").is_some() => return Err(Aadsts::new(901002)),
        Version::V2 => resource_of_default(form.required("scope")?)?,
    };
    let directory = &snapshot.directory;
    let tenant = client.tenant;
    let Some(resource) = directory.resource(tenant, asked) else {
        let unknown = Aadsts::new(500011).with("resource", asked);
        return Err(unknown.with("tenant", tenant.id.to_string()));
    };
    let roles = directory.roles(client.app, &resource);
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
        lifetime: LIFETIME,
    })
}
