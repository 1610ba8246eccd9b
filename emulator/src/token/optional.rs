//! Optional claims that an application opted in to.

use serde_json::{Value, json};

use super::{Claims, Delegated};

/// Puts those of `names` that can be said about the user and are not there yet.
pub(super) fn put(names: &[String], delegated: &Delegated, claims: &mut Claims) {
    for name in names {
        // A property behind a full stop changes the form of a claim, and none of these has two.
        let name = name.split('.').next().unwrap_or(name);
        if !claims.has(name) {
            claims.put_some(name.to_owned(), value(name, delegated));
        }
    }
}

fn value(name: &str, delegated: &Delegated) -> Option<Value> {
    let person = &delegated.person;
    let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
    match name {
        "acct" => Some(json!(i32::from(person.is_guest()))),
        "auth_time" => Some(json!(delegated.auth_time.unix_timestamp())),
        "email" => text(&person.mail),
        "family_name" => text(&person.family_name),
        "given_name" => text(&person.given_name),
        "ipaddr" => Some(json!("127.0.0.1")),
        "login_hint" => Some(json!(format!("O.{}", person.pairwise(person.home_tenant)))),
        "preferred_username" => Some(json!(person.upn)),
        "sid" => delegated.session.map(|session| json!(session)),
        "tenant_region_scope" => Some(json!(person.region)),
        "upn" if !person.is_guest() => Some(json!(person.upn)),
        "verified_primary_email" => Some(json!(Vec::from_iter(&person.mail))),
        "xms_edov" => Some(json!(true)),
        _ => None,
    }
}
