//! Assertions signed with a certificate of the application.

use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;
use time::OffsetDateTime;

use crate::crypto::certificate::{Certificate, pem_der};
use crate::crypto::jwt::{Jwt, any_base64};
use crate::entra::app_state::Snapshot;
use crate::exchange::error::Aadsts;
use crate::world::config::{App, AppCertificate};

/// Refuses an assertion that none of the application's certificates signed, nor one with a subject
/// name it may use.
pub(super) fn verify(
    snapshot: &Snapshot,
    app: &App,
    jwt: &Jwt<'_>,
    algorithm: Algorithm,
) -> Result<(), Aadsts> {
    let named = Thumbprints::of(jwt);
    let sent = sent(jwt);
    if named.is_empty() && sent.is_none() {
        return Err(Aadsts::new(5002723));
    }
    let refused = |reason: &str| {
        let id = app.client_id.to_string();
        let refusal = Aadsts::new(700027).with("reason", reason);
        refusal.with("thumbprint", named.shown()).with("id", id)
    };
    if let Some((certificate, expires)) = registered(snapshot, app, &named, sent.as_ref()) {
        if expires <= snapshot.now {
            return Err(refused("The key used is expired."));
        }
        return if is_signed_with(jwt, algorithm, &certificate) {
            Ok(())
        } else {
            Err(refused(MISMATCH))
        };
    }
    match sent {
        Some(leaf) if !app.trusted_subjects.is_empty() => {
            trusted(snapshot, app, &leaf)?;
            if is_signed_with(jwt, algorithm, &leaf) {
                Ok(())
            } else {
                Err(refused(MISMATCH))
            }
        }
        _ => Err(refused("The key was not found.")),
    }
}

const MISMATCH: &str = "The provided signature value did not match the expected signature value.";

fn is_signed_with(jwt: &Jwt<'_>, algorithm: Algorithm, certificate: &Certificate) -> bool {
    let key = DecodingKey::from_rsa_raw_components(&certificate.modulus, &certificate.exponent);
    jwt.is_signed_with(algorithm, &key)
}

/// The names of the key in the header: `x5t`, `x5t#S256` and `kid`.
struct Thumbprints {
    bytes: Vec<Vec<u8>>,
}

impl Thumbprints {
    fn of(jwt: &Jwt<'_>) -> Self {
        let headers = ["x5t#S256", "x5t", "kid"].map(|name| jwt.header(name));
        let hex = |text: &str| {
            let pairs = text.as_bytes().chunks(2);
            let digit = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
            matches!(text.len(), 40 | 64).then(|| pairs.map(digit).collect())?
        };
        let both = |text: &str| [any_base64(text), hex(text)].into_iter().flatten();
        Self {
            bytes: headers.into_iter().flatten().flat_map(both).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    fn name(&self, certificate: &Certificate) -> bool {
        let known = [certificate.sha1(), certificate.sha256()];
        self.bytes.iter().any(|bytes| known.contains(bytes))
    }

    fn shown(&self) -> String {
        let first = self.bytes.first().map(Vec::as_slice).unwrap_or_default();
        first.iter().map(|byte| format!("{byte:02X}")).collect()
    }
}

/// The leaf in `x5c`: a list of certificates, one text, or base64 of PEM.
fn sent(jwt: &Jwt<'_>) -> Option<Certificate> {
    let first = match jwt.header.get("x5c")? {
        Value::Array(list) => list.first()?.as_str()?,
        Value::String(one) => one,
        _ => return None,
    };
    if let Some(der) = pem_der(first) {
        return Certificate::from_der(&der).ok();
    }
    let bytes = any_base64(first)?;
    let der = std::str::from_utf8(&bytes).ok().and_then(pem_der);
    Certificate::from_der(&der.unwrap_or(bytes)).ok()
}

/// The registered certificate that is meant, and its end.
fn registered(
    snapshot: &Snapshot,
    app: &App,
    named: &Thumbprints,
    sent: Option<&Certificate>,
) -> Option<(Certificate, OffsetDateTime)> {
    let candidates = app
        .certificates
        .iter()
        .zip(snapshot.directory.certificates(app));
    for (config, parsed) in candidates {
        let known = match parsed {
            Some(known) => Some(known).filter(|known| {
                named.name(known) || sent.is_some_and(|sent| sent.der == known.der)
            }),
            None => sent.filter(|sent| has_thumbprint(config, sent)),
        };
        if let Some(known) = known {
            let expires = config.expires.unwrap_or(known.not_after);
            return Some((known.clone(), expires));
        }
    }
    None
}

fn has_thumbprint(config: &AppCertificate, sent: &Certificate) -> bool {
    let hex = |bytes: Vec<u8>| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    config.thumbprint.as_ref().is_some_and(|wanted| {
        let known = [hex(sent.sha1()), hex(sent.sha256())];
        known.iter().any(|known| known.eq_ignore_ascii_case(wanted))
    })
}

/// Whether the application may use certificates with this subject from this authority.
fn trusted(snapshot: &Snapshot, app: &App, leaf: &Certificate) -> Result<(), Aadsts> {
    let fits = |name: &str, authority: Option<&str>| {
        let issued = authority.is_none_or(|pem| {
            Certificate::from_pem(pem).is_ok_and(|authority| leaf.is_signed_by(&authority))
        });
        name.eq_ignore_ascii_case(&leaf.subject) && issued
    };
    let known = app
        .trusted_subjects
        .iter()
        .any(|one| fits(&one.name, one.authority.as_deref()));
    if known && leaf.not_after > snapshot.now {
        Ok(())
    } else {
        Err(Aadsts::new(700030).with("names", &leaf.subject))
    }
}
