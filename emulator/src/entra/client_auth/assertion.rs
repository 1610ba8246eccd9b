//! Client assertions (RFC 7523): signed by the application itself, or by an issuer it trusts.

use jsonwebtoken::Algorithm;

use super::times::check_times;
use super::{certificate, federated};
use crate::crypto::jwt::Jwt;
use crate::entra::app_state::Snapshot;
use crate::entra::token_form::TokenForm;
use crate::exchange::error::Aadsts;
use crate::world::config::{App, Tenant};

/// Refuses an assertion that does not prove `app`.
///
/// An assertion in the application's own name is checked against its certificates, every other
/// against its federated credentials.
pub(super) fn verify(
    snapshot: &Snapshot,
    tenant: &Tenant,
    app: &App,
    form: &TokenForm<'_>,
    assertion: &str,
) -> Result<(), Aadsts> {
    let (jwt, algorithm) = read(assertion)?;
    if !is_own(app, &jwt) {
        return federated::verify(snapshot, app, &jwt, algorithm);
    }
    check_names(app, &jwt)?;
    certificate::verify(snapshot, app, &jwt, algorithm)?;
    check_times(&jwt, snapshot.now)?;
    if jwt
        .audiences()
        .iter()
        .any(|audience| is_meant(audience, tenant, form))
    {
        Ok(())
    } else {
        Err(Aadsts::new(50012))
    }
}

/// Refuses an assertion that is no token of another issuer that `app` trusts.
pub(crate) fn verify_federated(
    snapshot: &Snapshot,
    app: &App,
    assertion: &str,
) -> Result<(), Aadsts> {
    let (jwt, algorithm) = read(assertion)?;
    federated::verify(snapshot, app, &jwt, algorithm)
}

/// An assertion with what every assertion has.
fn read(assertion: &str) -> Result<(Jwt<'_>, Algorithm), Aadsts> {
    let jwt = Jwt::parse(assertion).ok_or_else(|| Aadsts::new(50027))?;
    let algorithm = algorithm(&jwt)?;
    for field in ["iss", "sub"] {
        required(&jwt, field)?;
    }
    if jwt.audiences().is_empty() {
        return Err(missing("aud"));
    }
    Ok((jwt, algorithm))
}

fn missing(field: &str) -> Aadsts {
    Aadsts::new(90014).with("field", field)
}

fn required<'a>(jwt: &'a Jwt<'_>, name: &str) -> Result<&'a str, Aadsts> {
    jwt.text(name).ok_or_else(|| missing(name))
}

fn algorithm(jwt: &Jwt<'_>) -> Result<Algorithm, Aadsts> {
    let name = jwt.header("alg").unwrap_or_default();
    match name {
        "RS256" => Ok(Algorithm::RS256),
        "RS384" => Ok(Algorithm::RS384),
        "RS512" => Ok(Algorithm::RS512),
        "PS256" => Ok(Algorithm::PS256),
        "PS384" => Ok(Algorithm::PS384),
        "PS512" => Ok(Algorithm::PS512),
        _ => Err(Aadsts::new(5002738).with("alg", name)),
    }
}

/// Whether it is in the name of an application instead of another issuer's: applications go by
/// ids, and name one of their keys.
fn is_own(app: &App, jwt: &Jwt<'_>) -> bool {
    let is_id = |name: &str| uuid::Uuid::try_parse(name).ok();
    let names_key = ["x5t", "x5t#S256", "x5c"];
    let by_key = names_key.iter().any(|name| jwt.header.contains_key(*name));
    let (issuer, subject) = (jwt.text("iss"), jwt.text("sub"));
    issuer.and_then(is_id).is_some() || (by_key && subject.and_then(is_id) == Some(app.client_id))
}

fn check_names(app: &App, jwt: &Jwt<'_>) -> Result<(), Aadsts> {
    let (issuer, subject) = (required(jwt, "iss")?, required(jwt, "sub")?);
    if !subject.eq_ignore_ascii_case(&app.client_id.to_string()) {
        return Err(Aadsts::new(700021));
    }
    if !issuer.eq_ignore_ascii_case(subject) {
        let refusal = Aadsts::new(50048).with("sub", subject);
        return Err(refusal.with("iss", issuer));
    }
    Ok(())
}

/// Whether an audience is the token service of the tenant: one of its token endpoints or its
/// issuer, at whatever host and port the client knows it by.
fn is_meant(audience: &str, tenant: &Tenant, form: &TokenForm<'_>) -> bool {
    let Ok(url) = url::Url::parse(audience.trim()) else {
        return false;
    };
    let is_here = |origin: &str| {
        url::Url::parse(origin).is_ok_and(|origin| origin.host_str() == url.host_str())
    };
    let host = url.host_str().unwrap_or_default();
    let known = is_here(form.origin())
        || is_loopback(host)
        || MICROSOFTS.contains(&host)
        || host.ends_with(".login.microsoft.com");
    let mut segments = url.path_segments().into_iter().flatten();
    let name = segments.next().unwrap_or_default().to_ascii_lowercase();
    let names_tenant = name == tenant.id.to_string()
        || tenant
            .domains
            .iter()
            .any(|domain| domain.eq_ignore_ascii_case(&name))
        || matches!(name.as_str(), "common" | "organizations");
    let rest: Vec<_> = segments.filter(|segment| !segment.is_empty()).collect();
    let endpoint = matches!(
        rest.as_slice(),
        [] | ["v2.0"] | ["oauth2", "token"] | ["oauth2", "v2.0", "token"]
    );
    known && names_tenant && endpoint
}

/// The emulator answers at several names of one machine, and some clients drop what is in front of
/// them and keep another.
fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

const MICROSOFTS: &[&str] = &[
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoft.com",
    "sts.windows.net",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
];
