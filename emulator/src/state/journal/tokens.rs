//! JSON Web Tokens of requests and answers: kept without their signatures, and not taken apart
//! before somebody reads them.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use http::header::{AUTHORIZATION, LOCATION};
use memchr::memmem::Finder;
use serde_json::{Map, Value};

use crate::crypto::jwt::Jwt;
use crate::exchange::completed::CompletedRequest;
use crate::exchange::form::readable;
use crate::state::journal::DecodedToken;
use crate::state::journal::mask::Mask;

/// Those of one entry.
#[derive(Clone, Debug)]
pub(super) struct Tokens {
    /// A line each: where it was, a blank, header and claims as they were sent.
    lines: Arc<str>,
    mask: Arc<Mask>,
}

impl Tokens {
    /// `None` if there are none, as in most requests and in no answer with a token.
    pub(super) fn of(seen: &CompletedRequest<'_>, mask: Arc<Mask>) -> Option<Self> {
        let mut found = Found(String::new());
        found.fields("query", seen.query);
        found.fields("form", seen.form);
        if let Some(value) = seen.headers.get(AUTHORIZATION) {
            let text = value.to_str().unwrap_or_default();
            let token = text.split_once(' ').map_or(text, |(_, token)| token);
            found.add("header", "authorization", token);
        }
        if let Some(value) = seen.reply_headers.get(LOCATION) {
            let url = value.to_str().unwrap_or_default();
            for part in url.split(['?', '#']).skip(1) {
                let fields = url::form_urlencoded::parse(part.as_bytes());
                fields.for_each(|(name, value)| found.add("reply", &name, &value));
            }
        }
        found.body(seen.reply_body);
        let lines = Some(found.0).filter(|lines| !lines.is_empty())?;
        Some(Self {
            lines: lines.into(),
            mask,
        })
    }

    /// Header and claims of each, in order; secrets that stand in them are masked.
    pub(super) fn decoded(&self) -> Vec<DecodedToken> {
        let lines = self.lines.lines();
        lines.filter_map(|line| self.token(line)).collect()
    }

    fn token(&self, line: &str) -> Option<DecodedToken> {
        let (place, signed) = line.split_once(' ')?;
        if !is_of_a_token(signed) {
            return None;
        }
        // The parser wants three parts; the third was never kept.
        let whole = format!("{signed}.");
        let jwt = Jwt::parse(&whole)?;
        Some(DecodedToken {
            place: place.to_owned(),
            header: self.masked(Value::Object(jwt.header)),
            claims: self.masked(Value::Object(jwt.claims)),
        })
    }

    /// Whoever writes an assertion can put anything into it.
    fn masked(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.mask.text(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.masked(item)).collect(),
            Value::Object(members) => {
                let masked = members.into_iter().map(|(name, value)| {
                    let value = Mask::member(&name, value);
                    (self.mask.text(&name), self.masked(value))
                });
                Value::Object(masked.collect::<Map<_, _>>())
            }
            other => other,
        }
    }
}

/// Lines in the making.
struct Found(String);

impl Found {
    fn fields(&mut self, from: &str, fields: &[(String, String)]) {
        for (name, value) in fields {
            self.add(from, name, value);
        }
    }

    /// Notes `value` if it may be a signed token; whether it is one is seen when somebody reads it.
    fn add(&mut self, from: &str, name: &str, value: &str) {
        let value = value.trim();
        if !value.starts_with(START) || value.len() > LONGEST || self.0.len() > MOST {
            return;
        }
        let Some((signed, _signature)) = value.rsplit_once('.') else {
            return;
        };
        let bytes = signed.as_bytes();
        let one_line = memchr::memchr2(b'\n', b'\r', bytes).is_none();
        if !one_line || memchr::memchr_iter(b'.', bytes).count() != 1 {
            return;
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let name = if name.len() <= 64 && name.chars().all(plain) {
            name
        } else {
            "?"
        };
        let parts = [from, ".", name, " ", signed, "\n"];
        self.0.reserve(parts.iter().map(|part| part.len()).sum());
        for part in parts {
            self.0.push_str(part);
        }
    }

    /// Quoted values, as JSON and the forms of a page have them.
    fn body(&mut self, body: &[u8]) {
        let mut at = 0;
        while let Some(found) = QUOTED.find(&body[at..]) {
            let start = at + found + 1;
            let end = memchr::memchr(b'"', &body[start..]).map_or(body.len(), |end| start + end);
            let name = name_before(&body[..start - 1]);
            self.add("reply", &name, &readable(&body[start..end]));
            at = end;
        }
    }
}

/// Returns the name of the value that follows: `"name":` in JSON, `name="…" value=` on a page.
fn name_before(before: &[u8]) -> Cow<'_, str> {
    let near = &before[before.len().saturating_sub(128)..];
    match String::from_utf8_lossy(near) {
        Cow::Borrowed(near) => Cow::Borrowed(name_at_the_end(near)),
        Cow::Owned(near) => Cow::Owned(name_at_the_end(&near).to_owned()),
    }
}

fn name_at_the_end(near: &str) -> &str {
    let json = near.trim_end().strip_suffix(':').map(str::trim_end);
    let name = match json.and_then(|it| it.strip_suffix('"')) {
        Some(name) => name.rsplit('"').next(),
        None => near
            .rsplit_once("name=\"")
            .and_then(|(_, name)| name.split('"').next()),
    };
    name.unwrap_or("?")
}

/// Looks at every byte, without a branch at each: nearly all are.
fn is_of_a_token(text: &str) -> bool {
    let odd = |odd, byte: u8| odd | !OF_A_TOKEN[usize::from(byte)];
    !text.bytes().fold(false, odd)
}

const OF_A_TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        let punctuation = matches!(byte, b'-' | b'_' | b'.' | b'=');
        table[byte as usize] = byte.is_ascii_alphanumeric() || punctuation;
        byte += 1;
    }
    table
};

/// How a JSON object begins in base64.
const START: &str = "eyJ";
static QUOTED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"eyJ"));
/// Bytes of one token; the longest real ones carry a certificate chain.
const LONGEST: usize = 16 * 1024;
/// Bytes after which an entry takes no further token.
const MOST: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use http::HeaderMap;
    use serde_json::json;
    use time::OffsetDateTime;

    use super::*;
    use crate::world::config::World;

    fn token(claims: &str) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#);
        format!("{header}.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(claims))
    }

    fn decoded(form: &[(String, String)], location: &str, body: &str) -> Vec<DecodedToken> {
        let mut headers = HeaderMap::new();
        let bearer = format!("Bearer {}", token(r#"{"n":0}"#));
        headers.insert(AUTHORIZATION, bearer.parse().unwrap());
        let mut reply_headers = HeaderMap::new();
        reply_headers.insert(LOCATION, location.parse().unwrap());
        let seen = CompletedRequest {
            at: OffsetDateTime::UNIX_EPOCH,
            elapsed_ms: 0,
            endpoint: "unknown",
            scheme: "http",
            method: "POST",
            path: "/",
            query: &[],
            headers: &headers,
            form,
            status: 200,
            reply_headers: &reply_headers,
            reply_body: body.as_bytes(),
            issued: &[],
            scripted: false,
            error: None,
        };
        let tokens = Tokens::of(&seen, Arc::new(Mask::of(&World::basic()))).unwrap();
        assert!(!tokens.lines.contains("c2lnbmF0dXJl"));
        tokens.decoded()
    }

    #[test]
    fn tokens_are_found_wherever_they_are_sent() {
        let form = [("client_assertion".to_owned(), token(r#"{"n":1}"#))];
        let location = format!("http://localhost/?a=b#id_token={}", token(r#"{"n":2}"#));
        let (json, page) = (token(r#"{"n":3}"#), token(r#"{"n":4}"#));
        let body =
            format!(r#"{{"access_token": "{json}","x":1}} <input name="id_token" value="{page}">"#);
        let found = decoded(&form, &location, &body);
        let places: Vec<_> = found.iter().map(|token| token.place.as_str()).collect();
        let expected = [
            "form.client_assertion",
            "header.authorization",
            "reply.id_token",
            "reply.access_token",
            "reply.id_token",
        ];
        assert_eq!(places, expected);
        let numbers: Vec<_> = found.iter().map(|token| &token.claims["n"]).collect();
        assert_eq!(numbers, [1, 0, 2, 3, 4]);
        assert_eq!(found[0].header, json!({ "alg": "RS256" }));
    }

    #[test]
    fn secrets_within_a_token_are_masked_however_they_are_written() {
        let inner = token(r#"{"n":9}"#);
        let claims = format!(
            r#"{{"a":["x \u0064aemon-secret-for-tests-only"],"password":{{"p":1}},"t":"{inner}"}}"#
        );
        let form = [("assertion".to_owned(), token(&claims))];
        let found = decoded(&form, "/", "");
        let masked = json!({ "a": ["x ***"], "password": "***", "t": "***" });
        assert_eq!(found[0].claims, masked);
    }

    #[test]
    fn what_only_looks_like_a_token_is_left_alone() {
        for text in [
            "eyJ",
            "eyJ.eyJ",
            "eyJ.eyJ.a.b.c",
            "eyJ.e yJ.a",
            "eyJhIjox.eyJ.x",
        ] {
            let form = [("assertion".to_owned(), text.to_owned())];
            assert_eq!(decoded(&form, "/", "").len(), 1, "{text}");
        }
    }
}
