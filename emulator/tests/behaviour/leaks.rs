//! After every exchange of every test here: nothing secret of it stands in the journal.
//!
//! Independent of how the journal masks: what is secret is read off the bytes that went over the
//! wire, and looked for in the entry as it is exported.

use std::borrow::Cow;

use identity_emulator::{Emulator, Filter};
use serde_json::Value;

use crate::support::{CONTOSO, SECRET, VAULT, fields, send, start, with};

/// Shorter texts stand somewhere by chance.
const SHORTEST: usize = 12;
/// Fields of forms and queries, and members of answers, that nobody else may see.
const SECRET_FIELDS: &[&str] = &[
    "access_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "flowtoken",
    "id_token",
    "id_token_hint",
    "passwd",
    "password",
    "refresh_token",
];

/// Fails if the newest entry holds a secret of the exchange or of the world.
pub(crate) fn check(emulator: &Emulator, request: &[u8], answer: &[u8]) {
    let newest = Filter {
        limit: Some(1),
        ..Filter::default()
    };
    let lines = emulator.journal().json_lines(&newest);
    if let Some((secret, line)) = found(emulator, request, answer, &lines) {
        panic!("the journal holds the secret {secret}: {line}");
    }
}

fn found(
    emulator: &Emulator,
    request: &[u8],
    answer: &[u8],
    journal: &str,
) -> Option<(String, String)> {
    let request = String::from_utf8_lossy(request);
    let answer = String::from_utf8_lossy(answer);
    let mut secrets = of_world(emulator);
    secrets.extend(of_request(&request, &answer));
    secrets.extend(of_answer(&answer));
    for text in [&request, &answer] {
        secrets.extend(signatures(text));
    }
    secrets.retain(|secret| secret.len() >= SHORTEST);
    let holds = |line: &&str| {
        let in_json = |secret: &String| {
            let quoted = Value::from(secret.as_str()).to_string();
            line.contains(&quoted[1..quoted.len() - 1])
        };
        secrets.iter().find(|secret| in_json(secret)).cloned()
    };
    let mut lines = journal.lines();
    lines.find_map(|line| Some((holds(&line)?, line.to_owned())))
}

fn of_world(emulator: &Emulator) -> Vec<String> {
    let world = emulator.directory().world();
    let apps = world.apps.iter().flat_map(|app| &app.secrets);
    let passwords = world.users.iter().filter_map(|user| user.password.as_ref());
    let values = apps.map(|secret| &secret.value).chain(passwords);
    values.map(|secret| secret.expose().to_owned()).collect()
}

/// Values of secret fields, unless the same text stands where no secret does.
fn of_request(request: &str, answer: &str) -> Vec<String> {
    let (head, body) = request.split_once("\r\n\r\n").unwrap_or((request, ""));
    let target = head.split(' ').nth(1).unwrap_or_default();
    // Which leaves no entry of its own.
    if target.to_ascii_lowercase().starts_with("/_emulator") {
        return Vec::new();
    }
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let fields = [query, body].map(|text| url::form_urlencoded::parse(text.as_bytes()));
    let fields: Vec<_> = fields.into_iter().flatten().collect();
    let is_secret = |name: &str| SECRET_FIELDS.contains(&name);
    let open = |text: &str| {
        let says = |(name, value): &(Cow<'_, str>, Cow<'_, str>)| {
            name.contains(text) || (!is_secret(name) && value.contains(text))
        };
        head.contains(text) || answer.contains(text) || fields.iter().any(says)
    };
    let secret = fields
        .iter()
        .filter(|(name, value)| is_secret(name) && !open(value));
    secret.map(|(_, value)| value.trim().to_owned()).collect()
}

/// Secret members of JSON, fields of redirects and forms, and cookies of sessions.
fn of_answer(answer: &str) -> Vec<String> {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let mut secrets = Vec::new();
    for line in head.lines() {
        let (name, value) = line.split_once(": ").unwrap_or_default();
        if name == "location" {
            for part in value.split(['?', '#']).skip(1) {
                let fields = url::form_urlencoded::parse(part.as_bytes());
                let fields = fields.filter(|(name, _)| SECRET_FIELDS.contains(&&**name));
                secrets.extend(fields.map(|(_, value)| value.into_owned()));
            }
        }
        let session = ["ESTSAUTH=", "buid="]
            .iter()
            .find_map(|it| value.strip_prefix(it));
        secrets.extend(
            session
                .and_then(|it| it.split(';').next())
                .map(str::to_owned),
        );
    }
    if let Ok(Value::Object(members)) = serde_json::from_str(body) {
        let members = members
            .iter()
            .filter(|(name, _)| SECRET_FIELDS.contains(&name.as_str()));
        secrets.extend(members.filter_map(|(_, value)| value.as_str().map(str::to_owned)));
    }
    for name in SECRET_FIELDS {
        let field = format!("name=\"{name}\" value=\"");
        let values = body
            .split(&field)
            .skip(1)
            .filter_map(|it| it.split('"').next());
        secrets.extend(values.map(str::to_owned));
    }
    secrets
}

/// Third parts of whatever looks like a signed token.
fn signatures(text: &str) -> Vec<String> {
    let of_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let runs = text
        .split(|c| !of_token(c))
        .filter(|run| run.starts_with("eyJ"));
    let signatures = runs.filter_map(|run| run.split('.').nth(2));
    signatures.map(str::to_owned).collect()
}

#[tokio::test]
async fn the_search_finds_what_a_journal_must_not_hold() {
    let emulator = start().await;
    let post = |body: &str| format!("POST /x HTTP/1.1\r\nhost: x\r\n\r\n{body}");
    let reply = |body: &str| format!("HTTP/1.1 200 OK\r\n\r\n{body}");
    let token = "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2lnbmF0dXJlLW9mLXRva2Vu";
    let bearer = format!("GET / HTTP/1.1\r\nauthorization: Bearer {token}\r\n\r\n");
    let with_token = reply(&format!(r#"{{"access_token":"{token}"}}"#));
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://x/#code=code-of-a-redirect\r\n\r\n";
    let cookie = "HTTP/1.1 200 OK\r\nset-cookie: ESTSAUTH=cookie-of-a-session; path=/\r\n\r\n";
    for (request, answer, secret) in [
        (
            post("client_secret=wrong+%22secret%22"),
            reply(""),
            r#"wrong \"secret\""#,
        ),
        (post(""), reply(""), SECRET),
        (bearer, reply(""), "c2lnbmF0dXJlLW9mLXRva2Vu"),
        (post(""), with_token, "c2lnbmF0dXJlLW9mLXRva2Vu"),
        (
            post(""),
            reply(r#"{"refresh_token":"1.Arefresh-token"}"#),
            "1.Arefresh-token",
        ),
        (post(""), redirect.to_owned(), "code-of-a-redirect"),
        (post(""), cookie.to_owned(), "cookie-of-a-session"),
        (
            post(""),
            reply(r#"<input name="code" value="code-of-a-form">"#),
            "code-of-a-form",
        ),
    ] {
        let (request, answer) = (request.as_bytes(), answer.as_bytes());
        let hit = |line: &str| found(&emulator, request, answer, line).is_some();
        assert!(hit(&format!("{{}}\n{{\"a\":\"b{secret}c\"}}")), "{secret}");
        assert!(!hit(r#"{"a":"***"}"#), "{secret}");
    }
    let open = post("client_secret=not-so-secret&state=not-so-secret");
    assert!(found(&emulator, open.as_bytes(), b"", "not-so-secret").is_none());
}

/// What a client may send in places where nobody expects a secret.
#[tokio::test]
async fn secrets_of_the_world_are_masked_wherever_a_client_puts_them() {
    let emulator = start().await;
    let form = "content-type: application/x-www-form-urlencoded";
    for (line, header, changes) in [
        (
            format!("POST /{CONTOSO}/{SECRET}/token"),
            "x: y".to_owned(),
            vec![],
        ),
        (
            format!("POST /x?{SECRET}=1&q=%64aemon-secret-for-tests-only"),
            "x: y".to_owned(),
            vec![],
        ),
        (
            "POST /x".to_owned(),
            format!("user-agent: {SECRET}"),
            vec![],
        ),
        ("POST /x".to_owned(), format!("x-{SECRET}: y"), vec![]),
        (
            "POST /x".to_owned(),
            "x: y".to_owned(),
            vec![("scope", SECRET), (SECRET, "x")],
        ),
    ] {
        let body = crate::support::encoded(&with(&fields(VAULT), &changes));
        // The check is in there.
        send(&emulator, &line, &[form, &header], &body).await;
    }
    let entries = emulator.journal().entries();
    assert_eq!(entries.len(), 5);
    let har = emulator.journal().har(&Filter::default()).to_string();
    assert!(!har.contains(SECRET));
}
