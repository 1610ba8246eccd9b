//! Takes secrets out of what is about to be written down.

mod json;

use std::borrow::Cow;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;
use serde_json::Value;

use crate::exchange::form::readable;
use crate::world::config::World;

pub(super) const MASKED: &str = "***";

/// Knows which names carry secrets, what tokens look like, and the secrets of this world.
#[derive(Clone)]
pub(crate) struct Mask {
    known: Arc<[String]>,
    /// Looks for all of them and for the start of a token in one go. It never changes what is
    /// masked, so a searcher that cannot be made is only slower: then everything is suspect.
    searcher: Option<AhoCorasick>,
    /// Those of one request, which come and go with it.
    more: Vec<String>,
}

impl Mask {
    pub(in crate::state) fn of(world: &World) -> Self {
        Self::default().and(world)
    }

    /// That knows the secrets of another world as well.
    pub(in crate::state) fn and(&self, world: &World) -> Self {
        let secrets = world.apps.iter().flat_map(|app| &app.secrets);
        let secrets = secrets.map(|secret| &secret.value);
        let passwords = world.users.iter().filter_map(|user| user.password.as_ref());
        let pipelines = world.pipelines.iter().map(|one| &one.access_token);
        let workflows = world.workflows.iter().map(|one| &one.request_token);
        let mut known = self.known.to_vec();
        known.extend(
            secrets
                .chain(passwords)
                .chain(pipelines)
                .chain(workflows)
                .map(|secret| secret.expose().to_owned()),
        );
        let hosts = world.hosts.secrets();
        known.extend(hosts.iter().map(|secret| secret.expose().to_owned()));
        Self::knowing_only(known)
    }

    fn knowing_only(mut known: Vec<String>) -> Self {
        // What is nothing stands everywhere.
        known.retain(|secret| !secret.is_empty());
        known.sort_unstable();
        known.dedup();
        let wanted = known.iter().map(String::as_str).chain([TOKEN_START]);
        // Of this kind, and only of it, several patterns are looked for at once.
        let kind = MatchKind::LeftmostFirst;
        Self {
            searcher: AhoCorasick::builder().match_kind(kind).build(wanted).ok(),
            known: known.into(),
            more: Vec::new(),
        }
    }

    /// A field of a form or a query; its text is still to be looked through.
    pub(super) fn field<'a>(name: &'a str, value: &'a str) -> (&'a str, &'a str) {
        // A JSON body sent as a form arrives as one long key.
        let plain = name.len() <= 64 && !name.contains(['{', '"', '<']);
        let value = if is_secret(name) { MASKED } else { value };
        (if plain { name } else { MASKED }, value)
    }

    /// The value of a header; its text is still to be looked through.
    pub(super) fn header<'a>(name: &str, value: &'a str) -> &'a str {
        if SECRET_HEADERS.contains(&name) {
            MASKED
        } else {
            value
        }
    }

    /// A member of an object; its text is still to be looked through.
    pub(super) fn member(name: &str, value: Value) -> Value {
        if is_secret(name) {
            Value::String(MASKED.to_owned())
        } else {
            value
        }
    }

    /// Knows `more` secrets besides.
    pub(crate) fn knowing(&self, more: &[String]) -> Self {
        Self {
            more: self
                .more
                .iter()
                .chain(more)
                .filter(|it| !it.is_empty())
                .cloned()
                .collect(),
            ..self.clone()
        }
    }

    /// The body of an answer without the members that carry secrets; its text is still to be
    /// looked through.
    pub(super) fn body(bytes: &[u8]) -> Cow<'_, str> {
        let text = readable(bytes);
        if text.trim_start().starts_with(['{', '[']) {
            Cow::Owned(json::without_secrets(&text))
        } else {
            text
        }
    }

    /// Whether [`text`](Self::text) might change some part of this text.
    pub(super) fn suspects(&self, bytes: &[u8]) -> bool {
        let found = |searcher: &AhoCorasick| searcher.is_match(bytes);
        let more = |secret: &String| memmem::find(bytes, secret.as_bytes()).is_some();
        bytes.len() > LONGEST
            || self.searcher.as_ref().is_none_or(found)
            || self.more.iter().any(more)
    }

    /// Free text: this world's secrets and whatever has the form of a token, cut to a sane length.
    pub(super) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self
            .known
            .iter()
            .chain(&self.more)
            .filter(|secret| text.contains(secret.as_str()))
            .collect::<Vec<_>>()
        {
            text = text.replace(secret.as_str(), MASKED);
        }
        if text.contains(TOKEN_START) {
            text = without_tokens(&text);
        }
        shortened(text)
    }
}

impl Default for Mask {
    fn default() -> Self {
        Self::knowing_only(Vec::new())
    }
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mask")
            .field("known", &(self.known.len() + self.more.len()))
            .finish()
    }
}

const LONGEST: usize = 16 * 1024;

/// How the header of a JWT begins.
const TOKEN_START: &str = "eyJ";

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
    "oidctoken",
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
    let name = name.trim();
    SECRET_NAMES
        .iter()
        .any(|secret| secret.eq_ignore_ascii_case(name))
}

/// Whatever starts like the header of a JWT goes, to the end of its run of token characters.
fn without_tokens(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(TOKEN_START) {
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

    #[test]
    fn a_known_secret_is_masked_wherever_it_stands() {
        let mask = Mask::of(&World::basic());
        let secret = "daemon-secret-for-tests-only";
        assert_eq!(mask.text(&format!("a{secret}b")), "a***b");
        assert!(mask.suspects(secret.as_bytes()) && !mask.suspects(b"a"));
        assert!(!format!("{mask:?}").contains(secret));
    }

    #[test]
    fn secrets_nobody_knows_are_masked_by_name_and_form() {
        let mask = Mask::default();
        assert_eq!(Mask::field("Client_Secret", "s3"), ("Client_Secret", "***"));
        assert_eq!(Mask::field(r#"{"client_secret":"s3"}"#, ""), ("***", ""));
        let token = "eyJhbGciOiJSUzI1NiJ9.e30.AAAA and more";
        assert!(mask.suspects(token.as_bytes()));
        assert_eq!(mask.text(token), "*** and more");
        let body = br#"{"token_type":"Bearer","access_token":"s3","deep":[{"password":"s3"}]}"#;
        assert!(!Mask::body(body).contains("s3"));
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let cut = Mask::default().text(&"é".repeat(LONGEST));
        assert!(cut.len() <= LONGEST + 3 && cut.ends_with('…'));
    }
}
