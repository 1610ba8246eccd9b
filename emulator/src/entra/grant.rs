//! Grants, one file each, and the table that knows them.

mod authorization_code;
mod client_credentials;
mod device_code;
mod on_behalf_of;
mod password;
mod refresh_token;
pub(in crate::entra) mod saml_bearer;

use crate::entra::app_state::Snapshot;
use crate::entra::client_auth::Client;
use crate::entra::stores::codes::Asked;
use crate::entra::token::Issue;
use crate::entra::token_form::TokenForm;
use crate::exchange::error::Aadsts;
use crate::world::authority::Authority;
use crate::world::cloud::CloudNames;
use crate::world::config::Tenant;
use crate::world::directory::{self, Member};
use crate::world::endpoint_version::EndpointVersion;

pub(in crate::entra) use password::{check_name, check_password};

/// One row: what a grant is called and what it does. Pure and synchronous but for the codes it
/// redeems: a test calls it without a server.
#[derive(Debug)]
pub(crate) struct Grant {
    /// The value of `grant_type`.
    pub(crate) name: &'static str,
    /// Finds the tenant where the URL names many, and refuses what is refused before the client has
    /// authenticated.
    pub(in crate::entra) tenant: Locate,
    /// Decides what an authenticated client gets.
    pub(in crate::entra) decide: Decide,
}

pub(in crate::entra) type Locate =
    for<'a> fn(&'a Snapshot, Authority<'a>, &TokenForm<'_>) -> Result<&'a Tenant, Aadsts>;
pub(in crate::entra) type Decide =
    fn(&Snapshot, &Client<'_>, &TokenForm<'_>) -> Result<Issue, Aadsts>;

/// Every grant; some go by two names.
#[rustfmt::skip]
pub(crate) const GRANTS: &[Grant] = &[
    Grant { name: "client_credentials", tenant: client_credentials::tenant, decide: client_credentials::grant },
    Grant { name: "authorization_code", tenant: authorization_code::tenant, decide: authorization_code::grant },
    Grant { name: "refresh_token", tenant: refresh_token::tenant, decide: refresh_token::grant },
    Grant { name: "password", tenant: password::tenant, decide: password::grant },
    Grant { name: "urn:ietf:params:oauth:grant-type:device_code", tenant: device_code::tenant, decide: device_code::grant },
    Grant { name: "device_code", tenant: device_code::tenant, decide: device_code::grant },
    Grant { name: "urn:ietf:params:oauth:grant-type:jwt-bearer", tenant: on_behalf_of::tenant, decide: on_behalf_of::grant },
];

/// Returns what is asked for: `scope` of a v2 endpoint, `resource` of a v1 endpoint, or what was
/// agreed to before.
fn asked(form: &TokenForm<'_>, agreed: Option<&Asked>) -> Result<Asked, Aadsts> {
    let name = match form.version {
        EndpointVersion::V1 => "resource",
        EndpointVersion::V2 if form.field("resource").is_some() => return Err(Aadsts::new(901002)),
        EndpointVersion::V2 => "scope",
    };
    match (form.field(name), agreed) {
        (Some(value), _) if name == "resource" => Ok(Asked::Resource(value.to_owned())),
        (Some(value), _) => Ok(Asked::Scope(value.to_owned())),
        (None, Some(agreed)) => Ok(agreed.clone()),
        (None, None) => Err(Aadsts::new(900144).with("parameter", name)),
    }
}

/// The user that an earlier step named, still there and still allowed to sign in.
fn member<'a>(
    snapshot: &'a Snapshot,
    client: &Client<'a>,
    upn: &str,
) -> Result<Member<'a>, Aadsts> {
    let tenant = client.tenant;
    let Some(member) = snapshot.directory.member(tenant, upn) else {
        let home = snapshot.directory.tenant_of_name(upn);
        let idp = home.map(|home| CloudNames::of(home.cloud).v1_issuer(home.id));
        return Err(Aadsts::new(directory::stranger(client.app))
            .with("user", upn)
            .with("idp", idp.unwrap_or_default())
            .with(
                "tenant",
                tenant.display_name.as_ref().unwrap_or(&tenant.name),
            )
            .with("id", client.app.client_id.to_string())
            .with("name", &client.app.name));
    };
    if member.user.disabled {
        return Err(Aadsts::new(50057));
    }
    Ok(member)
}

/// The tenant of the URL, or else the one that the grant itself belongs to.
fn tenant_or<'a>(
    snapshot: &'a Snapshot,
    authority: &Authority<'a>,
    own: Option<uuid::Uuid>,
) -> Result<&'a Tenant, Aadsts> {
    match authority {
        Authority::Tenant(tenant) => Ok(tenant),
        Authority::Common | Authority::Organizations | Authority::Consumers => own
            .and_then(|own| snapshot.directory.tenant_by_id(own))
            .ok_or_else(|| Aadsts::new(50059)),
    }
}
