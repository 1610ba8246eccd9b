//! Takes secrets out of what is about to be written down.

use serde_json::Value;

use crate::config::World;

pub(super) const MASKED: &str = "***";

/// Knows which names carry secrets, what tokens look like, and the secrets of this world.
#[derive(Clone, Default)]
pub(crate) struct Mask {
    known: Vec<String>,
}

impl Mask {
    pub(crate) fn of(world: &World) -> Self {
        let secrets = world.apps.iter().flat_map(|app| &app.secrets);
        let secrets = secrets.map(|secret| &secret.value);
        let passwords = world.users.iter().filter_map(|user| user.password.as_ref());
        let known = secrets.chain(passwords);
        Self {
            known: known.map(|secret| secret.expose().to_owned()).collect(),
        }
    }

    /// Knows `more` secrets besides.
    pub(super) fn and(&self, more: &[String]) -> Self {
        let known = self.known.iter().chain(more).cloned().collect();
        Self { known }
    }

    /// Pairs of a form or a query.
    pub(super) fn fields(&self, fields: &[(String, String)]) -> Vec<(String, String)> {
        let mask = |(name, value): &(String, String)| {
            let value = if is_secret(name) {
                MASKED.to_owned()
            } else {
                self.text(value)
            };
            (self.name(name), value)
        };
        fields.iter().take(MOST_FIELDS).map(mask).collect()
    }

    pub(super) fn headers(&self, headers: &http::HeaderMap) -> Vec<(String, String)> {
        let mask = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            let text = String::from_utf8_lossy(value.as_bytes());
            let secret = SECRET_HEADERS.contains(&name.as_str());
            (
                name.to_string(),
                if secret {
                    MASKED.to_owned()
                } else {
                    self.text(&text)
                },
            )
        };
        headers.iter().take(MOST_FIELDS).map(mask).collect()
    }

    /// The body of an answer: members that carry secrets, and anything that looks like one.
    pub(super) fn body(&self, bytes: &[u8]) -> String {
        match serde_json::from_slice::<Value>(bytes) {
            Ok(mut value) if value.is_object() => {
                mask_members(&mut value, 0);
                self.text(&value.to_string())
            }
            _ => self.text(&String::from_utf8_lossy(bytes)),
        }
    }

    /// Free text: this world's secrets and whatever has the form of a token, cut to a sane length.
    pub(super) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self
            .known
            .iter()
            .filter(|secret| text.contains(secret.as_str()))
            .collect::<Vec<_>>()
        {
            text = text.replace(secret.as_str(), MASKED);
        }
        if text.contains("eyJ") {
            text = without_tokens(&text);
        }
        shortened(text)
    }

    /// A JSON body sent as a form arrives as one long key.
    fn name(&self, name: &str) -> String {
        let plain = name.len() <= 64 && !name.contains(['{', '"', '<']);
        if plain {
            self.text(name)
        } else {
            MASKED.to_owned()
        }
    }
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mask")
            .field("known", &self.known.len())
            .finish()
    }
}

const MOST_FIELDS: usize = 128;
const LONGEST: usize = 16 * 1024;

/// Names of fields and members, in lower case.
const SECRET_NAMES: &[&str] = &[
    "access_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "id_token",
    "flowtoken",
    "id_token_hint",
    "passwd",
    "password",
    "refresh_token",
    "request",
    "requested_token",
    "secret",
    "user_assertion",
];

const SECRET_HEADERS: &[&str] = &[
    "authorization",
    "cookie",
    "proxy-authorization",
    "secret",
    "x-identity-header",
    "x-ms-token-aad-access-token",
];

fn is_secret(name: &str) -> bool {
    SECRET_NAMES
        .iter()
        .any(|secret| secret.eq_ignore_ascii_case(name.trim()))
}

fn mask_members(value: &mut Value, depth: usize) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if is_secret(name) {
                    *member = MASKED.into();
                } else if depth < 8 {
                    mask_members(member, depth + 1);
                }
            }
        }
        Value::Array(items) if depth < 8 => {
            items
                .iter_mut()
                .for_each(|item| mask_members(item, depth + 1));
        }
        _ => {}
    }
}

/// Whatever starts like the header of a JWT goes, to the end of its run of token characters.
fn without_tokens(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("eyJ") {
        let (before, token) = rest.split_at(start);
        let end = token.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.+/=".contains(c)));
        let (token, after) = token.split_at(end.unwrap_or(token.len()));
        clean.push_str(before);
        clean.push_str(if token.len() >= 16 { MASKED } else { token });
        rest = after;
    }
    clean + rest
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST {
        let end = (0..=LONGEST)
            .rev()
            .find(|end| text.is_char_boundary(*end))
            .unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_known_secret_is_masked_wherever_it_stands() {
        let mask = Mask::of(&World::basic());
        let secret = "daemon-secret-for-tests-only";
        let fields = mask.fields(&[pair("x", &format!("a{secret}b")), pair(secret, "")]);
        assert_eq!(fields, [pair("x", "a***b"), pair("***", "")]);
        assert!(!format!("{mask:?}").contains(secret));
    }

    #[test]
    fn secrets_nobody_knows_are_masked_by_name_and_form() {
        let mask = Mask::default();
        let fields = mask.fields(&[
            pair("Client_Secret", "s3"),
            pair("x", "eyJhbGciOiJSUzI1NiJ9.e30.AAAA and more"),
            pair(r#"{"client_secret":"s3"}"#, ""),
        ]);
        assert_eq!(
            fields,
            [
                pair("Client_Secret", "***"),
                pair("x", "*** and more"),
                pair("***", "")
            ]
        );
        let body = br#"{"token_type":"Bearer","access_token":"s3","deep":[{"password":"s3"}]}"#;
        assert!(!mask.body(body).contains("s3"));
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let cut = Mask::default().text(&"é".repeat(LONGEST));
        assert!(cut.len() <= LONGEST + 3 && cut.ends_with('…'));
    }
}
