//! An API that passes its caller on to the next API.

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::crypto::jwt::Jwt;
use crate::entra::app_state::Snapshot;
use crate::entra::client_auth::Client;
use crate::entra::delegation::{Delegation, SignIn};
use crate::entra::token::Issue;
use crate::entra::token_form::TokenForm;
use crate::exchange::error::Aadsts;
use crate::world::authority::Authority;
use crate::world::config::{App, Tenant};
use crate::world::directory::Member;

/// Without a tenant in the URL, that of the token is meant.
pub(super) fn tenant<'a>(
    snapshot: &'a Snapshot,
    authority: Authority<'a>,
    form: &TokenForm<'_>,
) -> Result<&'a Tenant, Aadsts> {
    let assertion = form.required("assertion")?;
    let own = Jwt::parse(assertion).and_then(|jwt| Uuid::try_parse(jwt.text("tid")?).ok());
    super::tenant_or(snapshot, &authority, own)
}

pub(super) fn grant(
    snapshot: &Snapshot,
    client: &Client<'_>,
    form: &TokenForm<'_>,
) -> Result<Issue, Aadsts> {
    client.must_be_confidential()?;
    if client.app.on_behalf_of_denied {
        let id = client.app.client_id.to_string();
        return Err(Aadsts::new(7000114).with("id", id));
    }
    if form.required("requested_token_use")? != "on_behalf_of" {
        return Err(Aadsts::new(9002313));
    }
    let asked = super::asked(form, None)?;
    let malformed = || Aadsts::new(50027).named("invalid_request");
    let jwt = Jwt::parse(form.required("assertion")?).ok_or_else(malformed)?;
    check_signature(snapshot, &jwt)?;
    check_kind(&jwt)?;
    check_audience(client.app, &jwt)?;
    check_time(&jwt, snapshot.now)?;
    let member = user(snapshot, client, &jwt)?;
    let sign_in = SignIn {
        auth_time: snapshot.now,
        methods: methods(&jwt),
        session: None,
    };
    Delegation::requested(form, client, member, asked, sign_in, snapshot.now)?.issue(snapshot)
}

fn check_signature(snapshot: &Snapshot, jwt: &Jwt<'_>) -> Result<(), Aadsts> {
    let kid = jwt.header("kid").unwrap_or_default();
    let keys = snapshot.signing_keys();
    let Some(key) = keys.iter().find(|key| key.kid == kid) else {
        return Err(Aadsts::new(50013).with("reason", "The key was not found."));
    };
    if key.has_signed(jwt) {
        return Ok(());
    }
    let reason = "The provided signature value did not match the expected signature value.";
    Err(Aadsts::new(50013).with("reason", reason))
}

/// An access token about a user: ID tokens and tokens of applications will not do.
fn check_kind(jwt: &Jwt<'_>) -> Result<(), Aadsts> {
    let has = |name: &str| jwt.claims.contains_key(name);
    if !has("appid") && !has("azp") {
        return Err(Aadsts::new(240002));
    }
    if !has("scp") {
        return Err(Aadsts::new(50027).named("invalid_request"));
    }
    Ok(())
}

/// The token was made for the client itself.
fn check_audience(app: &App, jwt: &Jwt<'_>) -> Result<(), Aadsts> {
    let audiences = jwt.audiences();
    let id = app.client_id.to_string();
    let bare = |name: &str| name.trim_end_matches('/').to_ascii_lowercase();
    let own = |name: &str| {
        let named = app
            .identifier_uris
            .iter()
            .any(|uri| bare(uri) == bare(name));
        named || bare(name.strip_prefix("api://").unwrap_or(name)) == id
    };
    if audiences.iter().any(|audience| own(audience)) {
        return Ok(());
    }
    Err(Aadsts::new(500131)
        .with("audience", audiences.join(" "))
        .with("id", id)
        .with("name", &app.name))
}

fn check_time(jwt: &Jwt<'_>, now: OffsetDateTime) -> Result<(), Aadsts> {
    let end = jwt.moment("exp").flatten();
    let end = end.and_then(|end| OffsetDateTime::from_unix_timestamp(end).ok());
    match end {
        Some(end) if end + Duration::minutes(5) > now => Ok(()),
        _ => {
            let written = |at: OffsetDateTime| at.format(&Rfc3339).unwrap_or_default();
            let refusal = Aadsts::new(500133).with("now", written(now));
            Err(refusal.with("end", end.map(written).unwrap_or_default()))
        }
    }
}

/// The user of the token, who may be a guest; the tenant has to be that of the token.
fn user<'a>(
    snapshot: &'a Snapshot,
    client: &Client<'a>,
    jwt: &Jwt<'_>,
) -> Result<Member<'a>, Aadsts> {
    if jwt.text("tid") != Some(client.tenant.id.to_string().as_str()) {
        return Err(Aadsts::new(700005));
    }
    let id = jwt.text("oid").and_then(|id| Uuid::try_parse(id).ok());
    let found = id.and_then(|id| snapshot.directory.member_by_id(client.tenant, id));
    let Some(found) = found else {
        let tenant = client.tenant.display_name.as_ref();
        return Err(Aadsts::new(50034).with("tenant", tenant.unwrap_or(&client.tenant.name)));
    };
    super::member(snapshot, client, &found.user.upn)
}

/// How the user had signed in; v2 tokens tell of a second factor by an authentication context.
fn methods(jwt: &Jwt<'_>) -> Vec<String> {
    let list = |name: &str| jwt.claims.get(name).and_then(|it| it.as_array().cloned());
    let texts = |name| {
        let values = list(name).unwrap_or_default();
        let texts = values.iter().filter_map(|value| value.as_str());
        texts.map(str::to_owned).collect::<Vec<_>>()
    };
    let mut methods = texts("amr");
    if methods.is_empty() {
        methods.push("pwd".to_owned());
    }
    if texts("acrs").iter().any(|context| context == "p1") && !methods.contains(&"mfa".to_owned()) {
        methods.push("mfa".to_owned());
    }
    methods
}
