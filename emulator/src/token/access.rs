//! Claims of access tokens, v1 and v2.

use super::claims::{Claim, Claims};
use super::{Issue, Life, optional};

/// How many claims stand before the alphabetical rest of a v1 token.
const V1_FIRST: usize = 5;

pub(super) fn v1(issue: &Issue, claims: &mut Claims, life: &Life) {
    let (subject, tenant) = (&issue.subject, issue.tenant);
    let issuer = format!("https://sts.windows.net/{tenant}/");
    if issue.audience.opts_in_to("aud.use_guid") {
        claims.put("aud", issue.audience.app_id);
    } else {
        claims.put("aud", issue.audience.asked.as_str());
    }
    claims.put("iss", issuer.as_str());
    claims.put("iat", life.not_before);
    claims.put("nbf", life.not_before);
    claims.put("exp", life.expires_on);
    claims.opaque::<42>("aio", "");
    claims.put("appid", subject.client_id);
    claims.put("appidacr", subject.acr);
    if issue.delegated.is_none() {
        claims.put("idp", issuer);
    }
    claims.put_some("idtyp", idtyp(issue));
    claims.put("oid", subject.object_id);
    claims.opaque::<36>("rh", "1.");
    claims.put_some("roles", subject.roles());
    claims.put("sub", sub(issue));
    claims.put("tid", tenant);
    claims.opaque::<16>("uti", "");
    claims.put("ver", "1.0");
    claims.put_some("xms_cc", xms_cc(issue));
    claims.put_some("xms_mirid", subject.managed_identity.clone());
    claims.put(
        "xms_tcdt",
        issue.tenant_created.unix_timestamp().to_string(),
    );
    if let Some(delegated) = &issue.delegated {
        delegated.put_v1_access(claims);
        optional::put(&issue.audience.optional, delegated, claims);
        claims.sort_after(V1_FIRST);
    }
}

pub(super) fn v2(issue: &Issue, claims: &mut Claims, life: &Life, origin: &str) {
    let (subject, tenant) = (&issue.subject, issue.tenant);
    claims.opaque::<42>("aio", "");
    claims.put("aud", issue.audience.app_id);
    claims.put("azp", subject.client_id);
    claims.put("azpacr", subject.acr);
    claims.put("exp", life.expires_on);
    claims.put("iat", life.not_before);
    claims.put_some("idtyp", idtyp(issue));
    claims.put("iss", format!("{origin}/{tenant}/v2.0"));
    claims.put("nbf", life.not_before);
    claims.put("oid", subject.object_id);
    claims.opaque::<36>("rh", "1.");
    claims.put_some("roles", subject.roles());
    claims.put("sub", sub(issue));
    claims.put("tid", tenant);
    claims.opaque::<16>("uti", "");
    claims.put("ver", "2.0");
    claims.put_some("xms_cc", xms_cc(issue));
    claims.opaque::<33>("xms_ftd", "");
    claims.put_some("xms_mirid", subject.managed_identity.clone());
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
fn xms_cc(issue: &Issue) -> Option<Vec<&'static str>> {
    let wanted = issue.audience.first_party || issue.audience.opts_in_to("xms_cc");
    (issue.handles_cae && wanted).then(|| vec!["cp1"])
}

/// An application's object id, or the user's name for this resource alone.
fn sub(issue: &Issue) -> Claim {
    match &issue.delegated {
        Some(delegated) => delegated.person.pairwise(issue.audience.app_id).into(),
        None => issue.subject.object_id.into(),
    }
}
