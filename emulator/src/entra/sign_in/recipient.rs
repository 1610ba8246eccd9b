//! To whom an answer may go: what has to be right before anything is sent back.

use url::Url;
use uuid::Uuid;

use crate::entra::stores::flows::Parameters;
use crate::exchange::error::Aadsts;
use crate::world::authority::Authority;
use crate::world::config::App;
use crate::world::directory::Directory;
use crate::world::redirect_uri::{Platform, platform, registered};

/// To whom an answer may go.
pub(super) struct Recipient<'a> {
    pub(super) authority: Authority<'a>,
    pub(super) app: &'a App,
    pub(super) uri: String,
    pub(super) platform: Platform,
}

const LONGEST_QUERY: usize = 16 * 1024;

/// The application, its redirect URI, and the tenant; whatever is wrong with them is a page.
pub(super) fn recipient<'a>(
    parameters: &'a Parameters,
    directory: &'a Directory,
) -> Result<Recipient<'a>, Aadsts> {
    let size = |(name, value): &(String, String)| name.len() + value.len();
    if parameters.fields.iter().map(size).sum::<usize>() > LONGEST_QUERY {
        return Err(Aadsts::new(90015));
    }
    if let Some(name) = parameters.twice() {
        return Err(Aadsts::new(90004).with("parameter", name));
    }
    let authority = Authority::parse(&parameters.tenant, directory)?;
    let app = application(parameters, &authority, directory)?;
    let (uri, platform) = redirect_uri(parameters, app)?;
    Ok(Recipient {
        authority,
        app,
        uri,
        platform,
    })
}

/// The application that is named, if it may be signed in to at this authority.
pub(in crate::entra) fn application<'a>(
    parameters: &Parameters,
    authority: &Authority<'_>,
    directory: &'a Directory,
) -> Result<&'a App, Aadsts> {
    if parameters.field("grant_type").is_some() && parameters.field("response_type").is_none() {
        return Err(Aadsts::new(90056));
    }
    let id = parameters.field("client_id");
    let id = id.ok_or_else(|| Aadsts::new(900144).with("parameter", "client_id"))?;
    let parsed = Uuid::try_parse(id.trim()).ok();
    let found = parsed.and_then(|client_id| match authority {
        Authority::Tenant(tenant) => directory.app_in(tenant, client_id),
        _ => directory.app(client_id),
    });
    let Some(app) = found else {
        let tenant = match authority {
            Authority::Tenant(tenant) => tenant.display_name.as_ref().unwrap_or(&tenant.name),
            _ => &parameters.tenant,
        };
        return Err(Aadsts::new(700016).with("id", id).with("tenant", tenant));
    };
    let refused = match authority {
        _ if app.disabled => 7000112,
        Authority::Consumers if !app.personal_accounts => 9002332,
        Authority::Common | Authority::Organizations if !is_multi_tenant(app) => 50194,
        _ => return Ok(app),
    };
    let id = app.client_id.to_string();
    Err(Aadsts::new(refused).with("id", id).with("name", &app.name))
}

/// Microsoft's own clients have no home and are everywhere.
fn is_multi_tenant(app: &App) -> bool {
    app.tenant.is_empty() || !app.also_in.is_empty()
}

/// Returns the redirect URI: the one that was asked for if it is registered, or the only one there
/// is.
pub(in crate::entra) fn redirect_uri(
    parameters: &Parameters,
    app: &App,
) -> Result<(String, Platform), Aadsts> {
    let Some(asked) = parameters.field("redirect_uri") else {
        let mut all = registered(app);
        return match (all.next(), all.next()) {
            (Some((uri, platform)), None) => Ok((uri.to_owned(), platform)),
            _ => Err(Aadsts::new(900971)),
        };
    };
    if Url::parse(asked).is_err() {
        return Err(Aadsts::new(90102).with("parameter", "redirect_uri"));
    }
    if registered(app).next().is_none() {
        return Err(Aadsts::new(500113));
    }
    let mismatch = || {
        let id = app.client_id.to_string();
        Aadsts::new(50011).with("uri", asked).with("id", id)
    };
    let platform = platform(app, asked).ok_or_else(mismatch)?;
    Ok((asked.to_owned(), platform))
}
