//! Claims of access tokens, v1 and v2.

use super::claims::{Claim, Claims};
use super::{Issue, Life, optional};

use crate::world::cloud::CloudNames;
use crate::world::first_party;

/// How many claims stand before the alphabetical rest of a v1 token.
const V1_FIRST: usize = 5;

pub(super) fn v1(issue: &Issue, claims: &mut Claims, life: &Life) {
    let (subject, tenant) = (&issue.subject, issue.tenant);
    let issuer = CloudNames::of(issue.cloud).v1_issuer(tenant);
    if issue.audience.opts_in_to("aud.use_guid") {
        claims.add("aud", issue.audience.app_id);
    } else {
        claims.add("aud", issue.audience.asked.as_str());
    }
    claims.add("iss", issuer.as_str());
    claims.add("iat", life.not_before);
    claims.add("nbf", life.not_before);
    claims.add("exp", life.expires_on);
    claims.opaque::<42>("aio", "");
    claims.add("appid", subject.client_id);
    claims.add("appidacr", subject.acr);
    if issue.delegated.is_none() {
        claims.add("idp", issuer);
    }
    claims.add_some("idtyp", idtyp(issue));
    claims.add("oid", subject.object_id);
    claims.opaque::<36>("rh", "1.");
    claims.add_some("roles", subject.roles());
    claims.add("sub", sub(issue));
    claims.add("tid", tenant);
    claims.opaque::<16>("uti", "");
    claims.add("ver", "1.0");
    claims.add_some("xms_cae", xms_cae(issue));
    claims.add_some("xms_cc", xms_cc(issue));
    claims.add_some("xms_mirid", subject.managed_identity.clone());
    claims.add("xms_tcdt", issue.tenant_created.unix_timestamp());
    if let Some(delegated) = &issue.delegated {
        delegated.put_v1_access(claims);
        optional::put(&issue.audience.optional, delegated, claims);
        claims.sort_after(V1_FIRST);
    }
}

pub(super) fn v2(issue: &Issue, claims: &mut Claims, life: &Life, origin: &str) {
    let (subject, tenant) = (&issue.subject, issue.tenant);
    claims.opaque::<42>("aio", "");
    claims.add("aud", issue.audience.app_id);
    claims.add("azp", subject.client_id);
    claims.add("azpacr", subject.acr);
    claims.add("exp", life.expires_on);
    claims.add("iat", life.not_before);
    claims.add_some("idtyp", idtyp(issue));
    claims.add("iss", format!("{origin}/{tenant}/v2.0"));
    claims.add("nbf", life.not_before);
    claims.add("oid", subject.object_id);
    claims.opaque::<36>("rh", "1.");
    claims.add_some("roles", subject.roles());
    claims.add("sub", sub(issue));
    claims.add("tid", tenant);
    claims.opaque::<16>("uti", "");
    claims.add("ver", "2.0");
    claims.add_some("xms_cc", xms_cc(issue));
    claims.opaque::<33>("xms_ftd", "");
    claims.add_some("xms_mirid", subject.managed_identity.clone());
    if let Some(delegated) = &issue.delegated {
        delegated.put_v2_access(claims);
        optional::put(&issue.audience.optional, delegated, claims);
        claims.sort_after(0);
    }
}

/// An optional claim that Microsoft's own resources opt in to; about users only on wish.
fn idtyp(issue: &Issue) -> Option<&'static str> {
    let audience = &issue.audience;
    let about_users = audience.opts_in_to("idtyp.include_user_token");
    match issue.delegated {
        // The captured v2 token of an application had none, for its resource had not opted in.
        None => (audience.opts_in_to("idtyp")
            || about_users
            || (audience.first_party && audience.version == 1))
            .then_some("app"),
        Some(_) => (about_users || audience.first_party).then_some("user"),
    }
}

/// Microsoft's own resources opt in to this one too.
fn xms_cc(issue: &Issue) -> Option<Vec<&str>> {
    let wanted = issue.audience.first_party || issue.audience.opts_in_to("xms_cc");
    let sent = issue.cae.as_deref().filter(|_| wanted);
    sent.map(|capability| vec![capability])
}

/// Tokens of Azure Resource Manager also say so, if the client handles continuous access
/// evaluation.
fn xms_cae(issue: &Issue) -> Option<&'static str> {
    let is_arm = issue.audience.app_id == first_party::RESOURCE_MANAGER;
    (is_arm && issue.cae.is_some()).then_some("1")
}

/// An application's object id, or the user's name for this resource alone.
fn sub(issue: &Issue) -> Claim {
    match &issue.delegated {
        Some(delegated) => delegated.person.pairwise(issue.audience.app_id).into(),
        None => issue.subject.object_id.into(),
    }
}
