//! Assertions that are another issuer's token: workload identity federation.

use jsonwebtoken::Algorithm;
use uuid::Uuid;

use super::times::check_times;
use crate::crypto::jwt::Jwt;
use crate::crypto::keys::KeyPair;
use crate::entra::app_state::Snapshot;
use crate::exchange::error::Aadsts;
use crate::world::claims_matching::MatchExpression;
use crate::world::config::{App, FederatedCredential};
use crate::world::first_party;

/// Refuses a token that no federated credential of the application lets in: issuer, audience,
/// subject, in this order, then signature and time.
pub(super) fn verify(
    snapshot: &Snapshot,
    app: &App,
    jwt: &Jwt<'_>,
    algorithm: Algorithm,
) -> Result<(), Aadsts> {
    let issuer = jwt.text("iss").unwrap_or_default();
    if issuer.starts_with("https://sts.windows.net/") {
        return Err(of_first_version(app, jwt, issuer));
    }
    let own = own_tenant(snapshot, issuer);
    let of_issuer = |one: &&FederatedCredential| match own {
        Some(tenant) => own_tenant(snapshot, &one.issuer) == Some(tenant),
        None => one.issuer == issuer,
    };
    let mut known: Vec<_> = app.federated_credentials.iter().filter(of_issuer).collect();
    if known.is_empty() {
        return Err(Aadsts::new(700211).with("iss", issuer));
    }
    known.retain(|one| has_audience(one, jwt));
    if known.is_empty() {
        let code = if own.is_some() { 7002121 } else { 700212 };
        return Err(Aadsts::new(code).with("aud", jwt.audiences().join(" ")));
    }
    check_subject(&known, jwt)?;
    if own.is_some() {
        check_own_kind(jwt)?;
    }
    check_signature(snapshot, app, own.is_some(), jwt, algorithm)?;
    check_times(jwt, snapshot.now)
}

/// Tokens of the service in their first version will never do; one that the application trusts to
/// the letter is told what is wrong with it.
fn of_first_version(app: &App, jwt: &Jwt<'_>, issuer: &str) -> Aadsts {
    let mut credentials = app.federated_credentials.iter();
    if credentials.any(|one| one.issuer == issuer && !has_audience(one, jwt)) {
        return Aadsts::new(700227).with("aud", jwt.audiences().join(" "));
    }
    Aadsts::new(700222)
}

/// The tenant whose v2 issuer this is, under whatever host it goes by.
fn own_tenant(snapshot: &Snapshot, issuer: &str) -> Option<Uuid> {
    let url = url::Url::parse(issuer).ok()?;
    let path = url.path().strip_prefix('/')?.strip_suffix("/v2.0")?;
    let id = Uuid::try_parse(path).ok()?;
    snapshot.directory.tenant_by_id(id).map(|tenant| tenant.id)
}

fn has_audience(credential: &FederatedCredential, jwt: &Jwt<'_>) -> bool {
    let is = |wanted: &String, sent: &str| {
        // Tokens of the service itself name the exchange by its id.
        let by_id = first_party::find(wanted).is_some_and(|it| it.app_id.to_string() == sent);
        wanted == sent || by_id
    };
    let sent = jwt.audiences();
    let audiences = &credential.audiences;
    audiences
        .iter()
        .any(|wanted| sent.iter().any(|sent| is(wanted, sent)))
}

/// Case matters; a subject that fits but for its case has an error of its own.
fn check_subject(known: &[&FederatedCredential], jwt: &Jwt<'_>) -> Result<(), Aadsts> {
    let subject = jwt.text("sub").unwrap_or_default();
    let fits = |one: &&FederatedCredential| match (&one.subject, &one.matches) {
        (Some(wanted), _) => wanted == subject,
        (None, Some(text)) => {
            MatchExpression::parse(text).is_some_and(|it| it.is_met_by(&jwt.claims))
        }
        (None, None) => false,
    };
    if known.iter().any(fits) {
        return Ok(());
    }
    let nearly = |one: &&FederatedCredential| {
        let wanted = one.subject.as_ref();
        wanted.is_some_and(|wanted| wanted.eq_ignore_ascii_case(subject))
    };
    let code = if subject.starts_with(OF_THE_SERVICE) {
        7002137
    } else if known.iter().any(nearly) {
        7002138
    } else if known.iter().all(|one| one.matches.is_some()) {
        7002131
    } else {
        700213
    };
    Err(Aadsts::new(code).with("sub", subject))
}

/// How subjects start that the service gives to applications of its own, such as bots.
const OF_THE_SERVICE: &str = "/eid1/c/";

/// Refuses the service's own tokens, but for those of managed identities.
fn check_own_kind(jwt: &Jwt<'_>) -> Result<(), Aadsts> {
    if jwt.claims.contains_key("scp") {
        return Err(Aadsts::new(700229));
    }
    if !jwt.claims.contains_key("xms_mirid") {
        return Err(Aadsts::new(700226));
    }
    Ok(())
}

fn check_signature(
    snapshot: &Snapshot,
    app: &App,
    own: bool,
    jwt: &Jwt<'_>,
    algorithm: Algorithm,
) -> Result<(), Aadsts> {
    let issuer = jwt.text("iss").unwrap_or_default();
    let keys = if own {
        snapshot.signing_keys()
    } else {
        snapshot.stores.issuers.key_of(issuer).into_iter().collect()
    };
    let kid = jwt.header("kid");
    let named = |key: &&std::sync::Arc<KeyPair>| kid.is_none_or(|kid| kid == key.kid);
    let found: Vec<_> = keys.iter().filter(named).collect();
    let refused = |reason: &str| {
        let refusal = Aadsts::new(700027).with("reason", reason);
        let refusal = refusal.with("thumbprint", kid.unwrap_or_default());
        Err(refusal.with("id", app.client_id.to_string()))
    };
    if found.is_empty() {
        return refused("The key was not found.");
    }
    if algorithm == Algorithm::RS256 && found.iter().any(|key| key.has_signed(jwt)) {
        Ok(())
    } else {
        refused("The provided signature value did not match the expected signature value.")
    }
}
