//! Who is asking, and the proof of it.

mod matching;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::call::{Call, decoded};
use crate::config::{App, Tenant};
use crate::error::Aadsts;
use crate::state::Snapshot;

pub(crate) use matching::MatchExpression;

/// The fields of a token request, each there at most once.
#[derive(Debug)]
pub(crate) struct TokenForm<'a> {
    call: &'a Call,
    /// `client_id` and `client_secret` of an `Authorization: Basic` header.
    basic: Option<(String, String)>,
    pub(crate) version: Version,
}

/// Which of the two token endpoints, and with it the manners of the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

/// A client that has proven itself in a tenant.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) app: &'a App,
    pub(crate) proof: Proof,
}

/// How it did; becomes the claim `appidacr` or `azpacr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Secret,
    /// A certificate, or being a managed identity.
    Certificate,
}

impl Proof {
    pub(crate) fn acr(self) -> &'static str {
        match self {
            Self::Secret => "1",
            Self::Certificate => "2",
        }
    }
}

impl<'a> TokenForm<'a> {
    /// Refuses a field that is there twice and a Basic header that is none.
    pub(crate) fn read(call: &'a Call, version: Version) -> Result<Self, Aadsts> {
        for (index, (name, _)) in call.form.iter().enumerate() {
            if call.form[..index]
                .iter()
                .any(|(earlier, _)| earlier == name)
            {
                return Err(Aadsts::new(90004).with("parameter", name));
            }
        }
        Ok(Self {
            call,
            basic: basic(call)?,
            version,
        })
    }

    /// A field's value; an empty field counts as absent.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let found = self.call.form.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// A field's value, or the error that names it.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Aadsts> {
        self.field(name)
            .ok_or_else(|| Aadsts::new(900144).with("parameter", name))
    }

    fn client_id(&self) -> Result<&str, Aadsts> {
        match (self.field("client_id"), &self.basic) {
            (Some(id), Some((user, _))) if !id.eq_ignore_ascii_case(user) => {
                Err(Aadsts::new(9002313))
            }
            (None, Some((user, _))) if !user.is_empty() => Ok(user),
            _ => self.required("client_id"),
        }
    }

    fn secret(&self) -> Option<&str> {
        let basic = self.basic.as_ref().map(|(_, secret)| secret.as_str());
        self.field("client_secret")
            .or_else(|| basic.filter(|secret| !secret.is_empty()))
    }
}

/// The application that the form names, if it may act in `tenant` at all.
pub(crate) fn identify<'a>(
    snapshot: &'a Snapshot,
    tenant: &'a Tenant,
    form: &TokenForm<'_>,
) -> Result<&'a App, Aadsts> {
    let id = form.client_id()?;
    let parsed = Uuid::try_parse(id.trim());
    let app = parsed
        .as_ref()
        .ok()
        .and_then(|id| snapshot.directory.app_in(tenant, *id));
    match app {
        Some(app) if app.disabled => Err(Aadsts::new(7000112)
            .with("id", app.client_id.to_string())
            .with("name", &app.name)),
        Some(app) => Ok(app),
        None if parsed.is_ok_and(|id| !could_be_an_application(id)) => {
            Err(Aadsts::new(700038).with("id", id))
        }
        None => {
            let tenant = tenant.display_name.as_ref().unwrap_or(&tenant.name);
            Err(Aadsts::new(700016).with("id", id).with("tenant", tenant))
        }
    }
}

/// Has the application prove itself.
pub(crate) fn prove(snapshot: &Snapshot, app: &App, form: &TokenForm<'_>) -> Result<Proof, Aadsts> {
    let assertion = form.field("client_assertion");
    if app.public && (assertion.is_some() || form.secret().is_some()) {
        return Err(Aadsts::new(700025));
    }
    let id = app.client_id.to_string();
    if let Some(assertion) = assertion {
        form.required("client_assertion_type")?;
        // No application of a world has a certificate yet, so no key can match.
        let known = if is_jwt(assertion) { 700027 } else { 50027 };
        return Err(Aadsts::new(known).with("id", id));
    }
    let Some(secret) = form.secret() else {
        return Err(Aadsts::new(7000216));
    };
    // Every secret is compared, so that time tells nothing about which one matched.
    let matching = app
        .secrets
        .iter()
        .filter(|known| known.value.matches(secret));
    let mut expired = false;
    for known in matching.collect::<Vec<_>>() {
        if known.expires.is_none_or(|end| end > snapshot.now) {
            return Ok(Proof::Secret);
        }
        expired = true;
    }
    Err(Aadsts::new(if expired { 7000222 } else { 7000215 }).with("id", id))
}

/// Ids are random (version 4) or otherwise of a known version; the rest the service calls no
/// application identifiers instead of looking them up.
fn could_be_an_application(id: Uuid) -> bool {
    matches!(id.get_variant(), uuid::Variant::RFC4122) && (1..=5).contains(&id.get_version_num())
}

fn is_jwt(text: &str) -> bool {
    let parts: Vec<_> = text.trim().split('.').collect();
    let object = |part: &&str| {
        let bytes = URL_SAFE_NO_PAD
            .decode(part.trim_end_matches('='))
            .unwrap_or_default();
        serde_json::from_slice::<serde_json::Value>(&bytes).is_ok_and(|value| value.is_object())
    };
    parts.len() == 3 && parts[..2].iter().all(object)
}

/// User and password of a Basic header, each form-encoded first (RFC 6749, section 2.3.1).
fn basic(call: &Call) -> Result<Option<(String, String)>, Aadsts> {
    let Some(value) = call.headers.get(http::header::AUTHORIZATION) else {
        return Ok(None);
    };
    let malformed = || Aadsts::new(9002313);
    let value = value.to_str().map_err(|_| malformed())?;
    let (scheme, encoded) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let bytes = STANDARD.decode(encoded.trim()).map_err(|_| malformed())?;
    let text = String::from_utf8(bytes).map_err(|_| malformed())?;
    let (user, password) = text.split_once(':').ok_or_else(malformed)?;
    let form_decoded = |text: &str| decoded(&text.replace('+', "%20")).into_owned();
    Ok(Some((form_decoded(user), form_decoded(password))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_no_directory_would_give_out_are_told_apart() {
        let could = |id| could_be_an_application(Uuid::parse_str(id).unwrap());
        assert!(could("bbbbbbbb-0000-4000-8000-0000000000ff"));
        assert!(!could("00000000-0000-0000-0000-000000000000"));
        assert!(!could("11111111-1111-1111-1111-111111111111"));
    }

    #[test]
    fn only_three_parts_with_json_in_front_are_a_jwt() {
        assert!(is_jwt("e30.e30.AAAA"));
        assert!(is_jwt("e30=.e30.AAAA\n"));
        for text in ["", "..", "e30.e30", "a.b.c", "W10.W10.AA"] {
            assert!(!is_jwt(text), "{text}");
        }
    }
}
