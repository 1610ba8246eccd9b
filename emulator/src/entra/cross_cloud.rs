//! Requests at one cloud for what lives in another.

use url::{Host, Url};

use crate::entra::client_auth::Proof;
use crate::exchange::error::Aadsts;
use crate::exchange::request::Call;
use crate::world::cloud;
use crate::world::config::{App, NationalCloud, Tenant};
use crate::world::directory::Directory;

/// Refuses a tenant of a national cloud that is asked for at another: a browser, or a public
/// client, would have to go there (90038).
pub(in crate::entra) fn check_tenant(call: &Call, tenant: &Tenant) -> Result<(), Aadsts> {
    let Some(cloud) = tenant.cloud else {
        return Ok(());
    };
    let here = here(&call.origin);
    if here == Some(cloud) {
        return Ok(());
    }
    let shown = tenant.display_name.as_ref().unwrap_or(&tenant.name);
    Err(Aadsts::new(90038)
        .with("tenant", shown)
        .with("cloud", cloud.name())
        .with("here", here.map_or(PUBLIC, NationalCloud::name)))
}

/// Refuses an application of the cloud of the US government at the public one (900439).
pub(in crate::entra) fn check_application(
    call: &Call,
    app: &App,
    directory: &Directory,
) -> Result<(), Aadsts> {
    let home = directory.tenant_by_name(&app.tenant);
    let cloud = home.and_then(|home| home.cloud);
    if cloud != Some(NationalCloud::UsGovernment) || here(&call.origin).is_some() {
        return Ok(());
    }
    Err(Aadsts::new(900439)
        .with("id", app.client_id.to_string())
        .with("name", &app.name)
        .with("cloud", NationalCloud::UsGovernment.name()))
}

/// Both at the token endpoint, where an application that proves itself cannot be sent elsewhere
/// either (900382).
pub(in crate::entra) fn check_client(
    call: &Call,
    (tenant, app, proof): (&Tenant, &App, Proof),
    directory: &Directory,
) -> Result<(), Aadsts> {
    match (check_tenant(call, tenant), proof) {
        (Err(_), Proof::Secret | Proof::Certificate) => Err(Aadsts::new(900382)),
        (Err(elsewhere), Proof::Public) => Err(elsewhere),
        // Mostly an application is asked about at home.
        (Ok(()), _) if app.tenant == tenant.name => Ok(()),
        (Ok(()), _) => check_application(call, app, directory),
    }
}

const PUBLIC: &str = "microsoftonline.com";

/// The national cloud that the client asks at; `None` for the public one and for private hosts.
fn here(origin: &str) -> Option<NationalCloud> {
    let url = Url::parse(origin).ok()?;
    let Host::Domain(host) = url.host()? else {
        return None;
    };
    cloud::national(host)
}
