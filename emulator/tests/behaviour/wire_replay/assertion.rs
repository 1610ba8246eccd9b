//! Client assertions as the SDKs sign them: each has its own way.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

const PEM: &str = include_str!("../../../worlds/daemon.pem");

/// A client assertion in the style that `words` name: `PS256 x5t#S256 padded nbf`.
pub(super) fn signed(words: &str, client_id: &str, audience: &str, now: i64) -> String {
    let style = Style(words.split(' ').collect());
    let algorithm = style.0[0].parse().unwrap();
    let header = style.header();
    let claims = style.claims(client_id, audience, now);
    let message = format!(
        "{}.{}",
        style.segment(&bytes(&header)),
        style.segment(&bytes(&claims))
    );
    let signature = signature(&message, algorithm);
    format!("{message}.{}", style.segment(&signature))
}

struct Style<'a>(Vec<&'a str>);

impl Style<'_> {
    fn has(&self, word: &str) -> bool {
        self.0.contains(&word)
    }

    fn header(&self) -> Value {
        let certificate = certificate();
        let mut header = json!({ "alg": self.0[0], "typ": "JWT" });
        if self.has("x5t") {
            let digest = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
            header["x5t"] = self.thumbprint(digest, &certificate).into();
        }
        if self.has("x5t#S256") {
            let digest = &aws_lc_rs::digest::SHA256;
            header["x5t#S256"] = self.thumbprint(digest, &certificate).into();
        }
        if self.has("x5c") {
            header["x5c"] = json!([STANDARD.encode(&certificate)]);
        }
        header
    }

    fn thumbprint(&self, digest: &'static aws_lc_rs::digest::Algorithm, der: &[u8]) -> String {
        let hash = aws_lc_rs::digest::digest(digest, der);
        if self.has("standard_alphabet") {
            STANDARD.encode(hash)
        } else if self.has("padded_thumbprint") {
            URL_SAFE.encode(hash)
        } else {
            URL_SAFE_NO_PAD.encode(hash)
        }
    }

    fn claims(&self, client_id: &str, audience: &str, now: i64) -> Value {
        let mut claims = json!({
            "aud": audience,
            "iss": client_id,
            "sub": client_id,
            "jti": uuid::Uuid::nil(),
            "exp": self.moment(now + 600),
        });
        for name in ["nbf", "iat"] {
            if self.has(name) {
                claims[name] = self.moment(now);
            }
        }
        claims
    }

    fn moment(&self, seconds: i64) -> Value {
        if self.has("float") {
            #[expect(clippy::cast_precision_loss, reason = "MSAL for Python sends floats")]
            return json!(seconds as f64 + 0.25);
        }
        seconds.into()
    }

    fn segment(&self, bytes: &[u8]) -> String {
        if self.has("padded") {
            URL_SAFE.encode(bytes)
        } else {
            URL_SAFE_NO_PAD.encode(bytes)
        }
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

fn signature(message: &str, algorithm: Algorithm) -> Vec<u8> {
    let key = EncodingKey::from_rsa_pem(PEM.as_bytes()).unwrap();
    let text = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The certificate of the daemon in DER.
fn certificate() -> Vec<u8> {
    let start = "-----BEGIN CERTIFICATE-----";
    let end = "-----END CERTIFICATE-----";
    let text = PEM.split_once(start).unwrap().1.split_once(end).unwrap().0;
    STANDARD
        .decode(text.split_whitespace().collect::<String>())
        .unwrap()
}
