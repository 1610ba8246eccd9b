//! The defects a token can have, and how each is made.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::crypto::keys::KeyPair;
use crate::entra::forge::Forgery;
use crate::state::managed_tokens::IssuedToken;

/// A defect of a token; all else about the token is right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ForgeryKind {
    /// Nothing, beyond the claims of the order: it verifies.
    #[default]
    Valid,
    /// `exp` was an hour ago.
    Expired,
    /// `nbf` is in an hour.
    NotYetValid,
    /// `aud` is somebody else.
    WrongAudience,
    /// `iss` is another service.
    WrongIssuer,
    /// `tid` and `iss` are of a tenant that does not exist.
    WrongTenant,
    /// Signed with a key that is not published, under the `kid` of one that is.
    WrongKey,
    /// Signed with a key that is not published, under its own `kid`.
    UnknownKey,
    /// Claims changed after signing.
    Tampered,
    /// `alg` is `none` and there is no signature.
    AlgNone,
    /// `alg` is `HS256`, with the certificate (PEM) taken for a shared secret.
    AlgHs256,
    /// The signature is cut off.
    NoSignature,
}

/// The keys a forger has.
pub(super) struct ForgeryKeys {
    pub(super) own: Arc<KeyPair>,
    pub(super) outsider: Option<Arc<KeyPair>>,
}

impl ForgeryKind {
    /// Every kind.
    pub(crate) const ALL: &[Self] = &[
        Self::Valid,
        Self::Expired,
        Self::NotYetValid,
        Self::WrongAudience,
        Self::WrongIssuer,
        Self::WrongTenant,
        Self::WrongKey,
        Self::UnknownKey,
        Self::Tampered,
        Self::AlgNone,
        Self::AlgHs256,
        Self::NoSignature,
    ];

    /// As in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::WrongAudience => "wrong_audience",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongTenant => "wrong_tenant",
            Self::WrongKey => "wrong_key",
            Self::UnknownKey => "unknown_key",
            Self::Tampered => "tampered",
            Self::AlgNone => "alg_none",
            Self::AlgHs256 => "alg_hs256",
            Self::NoSignature => "no_signature",
        }
    }

    pub(super) fn needs_outsider(self) -> bool {
        matches!(self, Self::WrongKey | Self::UnknownKey)
    }
}

/// `genuine` with the claims of the order and its damage.
pub(super) fn done(
    genuine: &IssuedToken,
    order: &Forgery,
    keys: &ForgeryKeys,
    now: OffsetDateTime,
) -> String {
    let mut parts = genuine.value.split('.').map(object);
    let mut header = parts.next().unwrap_or_default();
    let mut claims = parts.next().unwrap_or_default();
    for (name, value) in &order.claims {
        // A null takes a claim out, as in a merge patch.
        if value.is_null() {
            claims.shift_remove(name);
        } else {
            claims.insert(name.clone(), value.clone());
        }
    }
    damage_claims(&mut claims, order.kind, now.unix_timestamp());
    damage_header(&mut header, order.kind, keys);
    let mut signed = format!("{}.{}", encoded(header), encoded(claims.clone()));
    let signature = signature(&signed, order.kind, keys);
    if order.kind == ForgeryKind::Tampered {
        claims.insert("roles".to_owned(), json!(["Everything.ReadWrite.All"]));
        let (header, _) = signed.split_once('.').unwrap_or_default();
        signed = format!("{header}.{}", encoded(claims));
    }
    format!("{signed}.{signature}")
}

fn damage_claims(claims: &mut Map<String, Value>, kind: ForgeryKind, now: i64) {
    const HOUR: i64 = 3600;
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    match kind {
        ForgeryKind::Expired => {
            set("iat", json!(now - 2 * HOUR));
            set("nbf", json!(now - 2 * HOUR));
            set("exp", json!(now - HOUR));
        }
        ForgeryKind::NotYetValid => {
            set("iat", json!(now + HOUR));
            set("nbf", json!(now + HOUR));
            set("exp", json!(now + 2 * HOUR));
        }
        ForgeryKind::WrongAudience => {
            set("aud", json!(NOBODY));
        }
        ForgeryKind::WrongIssuer => {
            set("iss", json!("https://issuer.example/"));
        }
        ForgeryKind::WrongTenant => {
            let issuer = claims.get("iss").and_then(Value::as_str);
            let own = claims
                .get("tid")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let issuer = issuer.unwrap_or_default().replace(own, &NOBODY.to_string());
            claims.insert("iss".to_owned(), json!(issuer));
            claims.insert("tid".to_owned(), json!(NOBODY));
        }
        _ => {}
    }
}

/// An id that nothing has.
const NOBODY: Uuid = uuid::uuid!("99999999-9999-4999-8999-999999999999");

fn damage_header(header: &mut Map<String, Value>, kind: ForgeryKind, keys: &ForgeryKeys) {
    match (kind, &keys.outsider) {
        (ForgeryKind::AlgNone, _) => {
            header.clear();
            header.insert("typ".to_owned(), json!("JWT"));
            header.insert("alg".to_owned(), json!("none"));
        }
        (ForgeryKind::AlgHs256, _) => {
            header.insert("alg".to_owned(), json!("HS256"));
        }
        (ForgeryKind::UnknownKey, Some(outsider)) => {
            for name in ["kid", "x5t"] {
                if let Some(id) = header.get_mut(name) {
                    *id = json!(outsider.kid);
                }
            }
        }
        _ => {}
    }
}

fn signature(signed: &str, kind: ForgeryKind, keys: &ForgeryKeys) -> String {
    match (kind, &keys.outsider) {
        (ForgeryKind::AlgNone | ForgeryKind::NoSignature, _) => String::new(),
        (ForgeryKind::AlgHs256, _) => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, public_pem(&keys.own).as_bytes());
            URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()))
        }
        (_, Some(outsider)) => outsider.sign(signed),
        (_, None) => keys.own.sign(signed),
    }
}

/// The certificate as a validator might keep it in a file.
fn public_pem(key: &KeyPair) -> String {
    let lines = key.x5c.as_bytes().chunks(64);
    let lines: Vec<_> = lines.map(String::from_utf8_lossy).collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

fn object(part: &str) -> Map<String, Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

fn encoded(part: Map<String, Value>) -> String {
    URL_SAFE_NO_PAD.encode(Value::Object(part).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_kind_is_its_name_in_json() {
        for name in [
            "valid",
            "expired",
            "not_yet_valid",
            "wrong_audience",
            "wrong_issuer",
            "wrong_tenant",
            "wrong_key",
            "unknown_key",
            "tampered",
            "alg_none",
            "alg_hs256",
            "no_signature",
        ] {
            let kind: ForgeryKind = serde_json::from_value(json!(name)).unwrap();
            assert_eq!(kind.name(), name);
        }
    }
}
