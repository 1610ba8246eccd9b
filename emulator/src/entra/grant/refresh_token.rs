//! A new token for a user who signed in before: for any resource, at any of the user's tenants.

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::base::secret::Secret;
use crate::entra::app_state::Snapshot;
use crate::entra::claims_request::ClaimsRequest;
use crate::entra::client_auth::Client;
use crate::entra::delegation::{Delegation, Line, SignIn};
use crate::entra::policy;
use crate::entra::stores::refresh::RefreshToken;
use crate::entra::token::Issue;
use crate::entra::token_form::TokenForm;
use crate::exchange::error::Aadsts;
use crate::world::authority::Authority;
use crate::world::config::{App, Tenant, User};
use crate::world::first_party;

/// Not bound to a tenant; without one in the URL the tenant signed in to is meant.
pub(super) fn tenant<'a>(
    snapshot: &'a Snapshot,
    authority: Authority<'a>,
    form: &TokenForm<'_>,
) -> Result<&'a Tenant, Aadsts> {
    let token = open(snapshot, form)?;
    super::tenant_or(snapshot, &authority, Some(token.tenant))
}

pub(super) fn grant(
    snapshot: &Snapshot,
    client: &Client<'_>,
    form: &TokenForm<'_>,
) -> Result<Issue, Aadsts> {
    let token = open(snapshot, form)?;
    check_client(client, &token)?;
    check_origin(form, &token)?;
    check_age(client.app, &token, snapshot.now)?;
    let asked = super::asked(form, Some(&token.asked))?;
    let member = super::member(snapshot, client, &token.user)?;
    let sign_in = SignIn {
        auth_time: token.auth_time,
        methods: token.methods.clone(),
        session: token.session,
    };
    let user = member.user;
    check_frequency(user, &token, snapshot.now)?;
    check_password(user, &token, snapshot.now)?;
    let mut delegation = Delegation::requested(form, client, member, asked, sign_in, snapshot.now)?;
    check_revocation(snapshot, &token, user, &delegation.claims)?;
    delegation.line = Some(Line {
        began: token.began,
        spa: token.spa,
    });
    Ok(always_renewed(
        delegation.issue(snapshot)?,
        &token,
        snapshot.now,
    ))
}

/// The old token stays valid, and a new one comes whether `offline_access` is asked for or not.
fn always_renewed(mut issue: Issue, old: &RefreshToken, now: OffsetDateTime) -> Issue {
    if let Some(delegated) = &mut issue.delegated {
        let renewed = || RefreshToken {
            issued: now,
            client_id: issue.subject.client_id,
            ..old.clone()
        };
        delegated.refresh_token.get_or_insert_with(renewed);
    }
    issue
}

fn open(snapshot: &Snapshot, form: &TokenForm<'_>) -> Result<RefreshToken, Aadsts> {
    let opened = snapshot.stores.sealer.open(form.required("refresh_token")?);
    opened.ok_or_else(|| Aadsts::new(9002313).named("invalid_grant"))
}

/// Its own client, or a relative: family tokens serve the whole family.
fn check_client(client: &Client<'_>, token: &RefreshToken) -> Result<(), Aadsts> {
    if token.confidential {
        client.must_be_confidential()?;
    }
    let ids = [client.app.client_id, token.client_id];
    if ids[0] == ids[1] || ids.into_iter().all(first_party::is_family) {
        return Ok(());
    }
    Err(Aadsts::new(70000).because("client_mismatch"))
}

fn check_origin(form: &TokenForm<'_>, token: &RefreshToken) -> Result<(), Aadsts> {
    match (form.browser_origin(), token.spa) {
        (Some(origin), false) => Err(Aadsts::new(9002326).with("origin", origin)),
        (None, true) => Err(Aadsts::new(9002327)),
        _ => Ok(()),
    }
}

/// Ninety days without use, one day altogether for a single-page application, or what the
/// application allows.
fn check_age(app: &App, token: &RefreshToken, now: OffsetDateTime) -> Result<(), Aadsts> {
    if token.spa && now - token.began >= Duration::DAY {
        return Err(Aadsts::new(700084).with("issued", written(token.began)));
    }
    if now - token.issued >= Duration::days(90) {
        return Err(Aadsts::new(700082).with("issued", written(token.issued)));
    }
    match app.refresh_token_max_age_s {
        Some(most) if now - token.began >= Duration::seconds(most.into()) => {
            let refusal = Aadsts::new(700081).with("issued", written(token.began));
            Err(refusal.with("most", span(most)))
        }
        _ => Ok(()),
    }
}

/// A policy may want the user to sign in again.
fn check_frequency(user: &User, token: &RefreshToken, now: OffsetDateTime) -> Result<(), Aadsts> {
    match policy::outlasted(user, token.auth_time, now) {
        Some(most) => Err(Aadsts::new(70043)
            .with("issued", written(token.issued))
            .with("most", most.to_string())),
        None => Ok(()),
    }
}

/// Refuses a token that was got by password and needs no client authentication once the password
/// has changed.
fn check_password(user: &User, token: &RefreshToken, now: OffsetDateTime) -> Result<(), Aadsts> {
    let Some(before) = token.password else {
        return Ok(());
    };
    if user.password.as_ref().map(Secret::fingerprint) != Some(before) {
        return Err(ended(token, now));
    }
    if user.password_expired {
        return Err(Aadsts::new(50132));
    }
    Ok(())
}

/// Days, hours, minutes and seconds, as in `1.00:00:00`.
fn span(seconds: u32) -> String {
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    format!("{days}.{hours:02}:{minutes:02}:{seconds:02}")
}

/// Signed out everywhere, or so says the challenge that the client passes on.
fn check_revocation(
    snapshot: &Snapshot,
    token: &RefreshToken,
    user: &User,
    claims: &ClaimsRequest,
) -> Result<(), Aadsts> {
    let revoked = snapshot.stores.revocations.of(&user.upn);
    let challenge = claims
        .not_before
        .and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    let newest = [revoked, user.tokens_valid_from, challenge];
    match newest.into_iter().flatten().max() {
        Some(from) if from > token.issued => Err(ended(token, from)),
        _ => Ok(()),
    }
}

fn ended(token: &RefreshToken, from: OffsetDateTime) -> Aadsts {
    let refusal = Aadsts::new(50173).with("issued", written(token.issued));
    refusal.with("from", written(from))
}

fn written(moment: OffsetDateTime) -> String {
    moment.format(&Rfc3339).unwrap_or_default()
}
