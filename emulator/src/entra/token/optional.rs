//! Optional claims that an application opted in to.

use serde_json::{Value, json};

use super::{Claims, Delegated, Person};

/// Puts those of `names` that can be said about the user and are not there yet.
pub(super) fn put(names: &[String], delegated: &Delegated, claims: &mut Claims) {
    for name in names {
        // A property behind a full stop changes the form of a claim.
        let (name, property) = name.split_once('.').unwrap_or((name, ""));
        if !claims.has(name) {
            claims.put_some(name.to_owned(), value(name, property, delegated));
        }
    }
}

fn value(name: &str, property: &str, delegated: &Delegated) -> Option<Value> {
    let person = &delegated.person;
    let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
    match name {
        "acct" => Some(json!(i32::from(person.is_guest()))),
        "auth_time" => Some(json!(delegated.auth_time.unix_timestamp())),
        "ctry" => text(&person.country),
        "email" => text(&person.mail),
        "family_name" => text(&person.family_name),
        "given_name" => text(&person.given_name),
        "fwd" | "ipaddr" => Some(json!("127.0.0.1")),
        "login_hint" => Some(json!(format!("O.{}", person.pairwise(person.home_tenant)))),
        "preferred_username" => Some(json!(person.upn)),
        "sid" => delegated.session.map(|session| json!(session)),
        "tenant_ctry" => text(&person.tenant_country),
        "tenant_region_scope" => Some(json!(person.region)),
        "upn" if !person.is_guest() => Some(json!(person.upn)),
        "upn" => guest_name(person, property).map(|name| json!(name)),
        "verified_primary_email" => Some(json!(Vec::from_iter(&person.mail))),
        "verified_secondary_email" => Some(json!(person.other_mails)),
        "xms_edov" => Some(json!(true)),
        "xms_pl" => text(&person.language),
        "xms_tpl" => text(&person.tenant_language),
        _ => None,
    }
}

/// Returns the name of a guest in this tenant, if the application asks for that:
/// `frida_fabrikam.com#EXT#@contoso.com`.
fn guest_name(person: &Person, property: &str) -> Option<String> {
    let mark = match property {
        "include_externally_authenticated_upn" => "#EXT#",
        "include_externally_authenticated_upn_without_hash" => "_EXT_",
        _ => return None,
    };
    let domain = person.tenant_domain.as_ref()?;
    Some(format!("{}{mark}@{domain}", person.upn.replace('@', "_")))
}
