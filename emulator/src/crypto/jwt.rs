//! Reading JSON Web Tokens that others wrote, in all the ways they do.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

/// A token taken apart; nothing of it is believed yet.
#[derive(Debug)]
pub(crate) struct Jwt<'a> {
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    signed: &'a str,
    signature: &'a str,
}

impl<'a> Jwt<'a> {
    /// Three parts with JSON objects in front, padded or not, with white space around or not.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (signed, signature) = text.trim().rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            signed,
            signature: signature.trim_end_matches('='),
        })
    }

    /// A header that is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// A claim that is text and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let text = self.claims.get(name)?.as_str()?;
        (!text.is_empty()).then_some(text)
    }

    /// A moment in seconds: a number, a fraction or either of them as text. `Some(None)` if it is
    /// none of these.
    pub(crate) fn moment(&self, name: &str) -> Option<Option<i64>> {
        let parsed = match self.claims.get(name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "fractions of a second do not count"
        )]
        Some(parsed.filter(|it| it.is_finite()).map(|it| it as i64))
    }

    /// All values of `aud`, which may be text or a list.
    pub(crate) fn audiences(&self) -> Vec<&str> {
        match self.claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether this key signed it.
    pub(crate) fn is_signed_with(&self, algorithm: Algorithm, key: &DecodingKey) -> bool {
        let message = self.signed.as_bytes();
        let verified = jsonwebtoken::crypto::verify(self.signature, message, key, algorithm);
        verified.unwrap_or(false)
    }
}

/// Bytes in either alphabet of base64, padded or not.
pub(crate) fn any_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().trim_end_matches('=');
    URL_SAFE_NO_PAD
        .decode(text)
        .or_else(|_| STANDARD_NO_PAD.decode(text))
        .ok()
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_parts_with_json_in_front_are_a_token() {
        assert!(Jwt::parse("e30.e30.AAAA").is_some());
        assert!(Jwt::parse(" e30=.e30=.AAAA\n").is_some());
        for text in ["", "..", "e30.e30", "a.b.c", "W10.W10.AA", "e30.e30.e30.AA"] {
            assert!(Jwt::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_moment_is_read_in_every_form() {
        let claims = r#"{"a":1.9,"b":"2","c":3,"d":"x","e":[]}"#;
        let text = format!("e30.{}.AA", URL_SAFE_NO_PAD.encode(claims));
        let jwt = Jwt::parse(&text).unwrap();
        let moments = ["a", "b", "c", "d", "e", "f"].map(|name| jwt.moment(name));
        assert_eq!(
            moments,
            [
                Some(Some(1)),
                Some(Some(2)),
                Some(Some(3)),
                Some(None),
                Some(None),
                None
            ]
        );
    }
}
