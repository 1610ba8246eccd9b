//! The code of a sign-in in a browser.

use crate::entra::app_state::Snapshot;
use crate::entra::claims_request::ClaimsRequest;
use crate::entra::client_auth::{Client, Proof};
use crate::entra::delegation::{Delegation, Line, SignIn};
use crate::entra::scope::{RequestedScopes, is_of_the_protocol};
use crate::entra::stores::codes::{Asked, AuthorizationCode};
use crate::entra::token::Issue;
use crate::entra::token_form::TokenForm;
use crate::exchange::error::Aadsts;
use crate::world::authority::Authority;
use crate::world::config::{App, Tenant};
use crate::world::redirect_uri::{Platform, is_registered};

/// An invented code is refused before the client is looked at, so it cannot test a secret.
pub(super) fn tenant<'a>(
    snapshot: &'a Snapshot,
    authority: Authority<'a>,
    form: &TokenForm<'_>,
) -> Result<&'a Tenant, Aadsts> {
    let code = form.required("code")?;
    form.required("redirect_uri")?;
    let own = snapshot.stores.codes.tenant(code, snapshot.now);
    if own.is_none() {
        return Err(Aadsts::new(9002313).named("invalid_grant"));
    }
    super::tenant_or(snapshot, &authority, own)
}

pub(super) fn grant(
    snapshot: &Snapshot,
    client: &Client<'_>,
    form: &TokenForm<'_>,
) -> Result<Issue, Aadsts> {
    let value = form.required("code")?;
    let code = snapshot.stores.codes.find(value, snapshot.now)?;
    if code.client_id != client.app.client_id {
        return Err(Aadsts::new(70000).because("client_mismatch"));
    }
    if code.tenant != client.tenant.id {
        return Err(Aadsts::new(700005));
    }
    check_redirect_uri(client.app, form, &code)?;
    check_platform(client, form, &code)?;
    check_verifier(form, &code)?;
    let asked = asked(form, &code.asked)?;
    let member = super::member(snapshot, client, &code.user)?;
    let sign_in = SignIn {
        auth_time: code.auth_time,
        methods: code.methods.iter().map(|it| (*it).to_owned()).collect(),
        session: code.session,
    };
    let requested = Delegation::requested(form, client, member, asked, sign_in, snapshot.now)?;
    let delegation = Delegation {
        claims: ClaimsRequest::parse(form.field("claims").or(code.claims.as_deref()))?,
        nonce: code.nonce.clone(),
        line: Some(Line {
            began: snapshot.now,
            spa: code.platform == Platform::Spa,
        }),
        interactive: true,
        ..requested
    };
    let issue = delegation.issue(snapshot)?;
    // Last, so that a request that is refused for anything else does not use it up.
    snapshot.stores.codes.redeem(value, snapshot.now)?;
    Ok(issue)
}

/// The very one the code was sent to.
fn check_redirect_uri(
    app: &App,
    form: &TokenForm<'_>,
    code: &AuthorizationCode,
) -> Result<(), Aadsts> {
    let uri = form.required("redirect_uri")?;
    if uri == code.redirect_uri {
        return Ok(());
    }
    if is_registered(app, uri) {
        let refusal = Aadsts::new(500112).with("uri", uri);
        return Err(refusal.with("known", &code.redirect_uri));
    }
    let refusal = Aadsts::new(50011).with("uri", uri);
    Err(refusal.with("id", app.client_id.to_string()))
}

/// Checks that the client brings what its platform requires, and nothing that it forbids.
fn check_platform(
    client: &Client<'_>,
    form: &TokenForm<'_>,
    code: &AuthorizationCode,
) -> Result<(), Aadsts> {
    let origin = form.browser_origin();
    match (code.platform, origin) {
        (Platform::Spa, None) => Err(Aadsts::new(9002327)),
        (Platform::Spa, Some(_)) if code.challenge.is_none() => Err(Aadsts::new(9002325)),
        (Platform::Web | Platform::Native, Some(origin)) => {
            Err(Aadsts::new(9002326).with("origin", origin))
        }
        (Platform::Spa | Platform::Native, _) if client.proof != Proof::Public => {
            Err(Aadsts::new(700025))
        }
        (Platform::Web, None) => client.must_be_confidential(),
        (Platform::Spa | Platform::Native, _) => Ok(()),
    }
}

fn check_verifier(form: &TokenForm<'_>, code: &AuthorizationCode) -> Result<(), Aadsts> {
    match (&code.challenge, form.field("code_verifier")) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(Aadsts::new(50148)),
        (Some(challenge), Some(verifier)) if challenge.is_met_by(verifier) => Ok(()),
        (Some(_) | None, Some(_)) => Err(Aadsts::new(501481)),
    }
}

/// Returns what is named now, with what the sign-in asked of the protocol.
fn asked(form: &TokenForm<'_>, agreed: &Asked) -> Result<Asked, Aadsts> {
    if form.is_empty("scope") {
        return Err(Aadsts::new(28003));
    }
    match (super::asked(form, Some(agreed))?, agreed) {
        (Asked::Scope(mut now), Asked::Scope(before)) if now != *before => {
            if RequestedScopes::parse(&now).is_err_and(|error| error.code() == 70011) {
                return Err(Aadsts::new(28002).with("scope", now));
            }
            for scope in before.split_whitespace() {
                let named = now.split_whitespace().any(|one| one == scope);
                if is_of_the_protocol(scope) && !named {
                    now = format!("{now} {scope}");
                }
            }
            Ok(Asked::Scope(now))
        }
        (asked, _) => Ok(asked),
    }
}
