//! What the tests of this folder share: an emulator per test, one key and authority per process,
//! and a client that can send what no real client would.

use std::sync::OnceLock;

use identity_emulator::{Builder, Emulator, Pki, SigningKey};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) const CONTOSO: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub(crate) const FABRIKAM: &str = "aaaaaaaa-0000-4000-8000-000000000002";
pub(crate) const DAEMON: &str = "bbbbbbbb-0000-4000-8000-000000000001";
pub(crate) const SECRET: &str = "daemon-secret-for-tests-only";
pub(crate) const ORDERS: &str = "bbbbbbbb-0000-4000-8000-000000000004";

/// An emulator of the basic world that cost no key.
pub(crate) fn builder() -> Builder {
    static SHARED: OnceLock<(Pki, SigningKey)> = OnceLock::new();
    let (pki, key) = SHARED.get_or_init(|| (Pki::generate(), SigningKey::generate()));
    Emulator::builder()
        .pki(pki.clone())
        .signing_key(key.clone())
}

pub(crate) async fn start() -> Emulator {
    builder().start().await.unwrap()
}

/// One answer, read to the end of the connection.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    /// Names of the members of a JSON body, in their order.
    pub(crate) fn members(&self) -> Vec<String> {
        self.json().as_object().unwrap().keys().cloned().collect()
    }
}

/// Sends `bytes` over plain HTTP and reads whatever comes back; then looks for secrets of it in the
/// journal.
pub(crate) async fn raw(emulator: &Emulator, bytes: &[u8]) -> Vec<u8> {
    let address = emulator.http().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    // Either may fail when the emulator hangs up early, which is an answer too.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    crate::leaks::check(emulator, bytes, &answer);
    crate::shown::watch(emulator);
    answer
}

/// A request with the given head lines, over plain HTTP.
pub(crate) async fn send(emulator: &Emulator, line: &str, headers: &[&str], body: &str) -> Answer {
    let host = emulator.http().strip_prefix("http://").unwrap();
    let mut text = format!(
        "{line} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    if !headers
        .iter()
        .any(|header| header.to_ascii_lowercase().starts_with("host:"))
    {
        text += &format!("host: {host}\r\n");
    }
    for header in headers {
        text += &format!("{header}\r\n");
    }
    let answer = raw(emulator, format!("{text}\r\n{body}").as_bytes()).await;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or(0);
    Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

pub(crate) async fn get(emulator: &Emulator, path: &str) -> Answer {
    send(emulator, &format!("GET {path}"), &[], "").await
}

pub(crate) async fn post(emulator: &Emulator, path: &str, fields: &[(&str, &str)]) -> Answer {
    let form = "content-type: application/x-www-form-urlencoded";
    send(emulator, &format!("POST {path}"), &[form], &encoded(fields)).await
}

pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// The fields of a request for an application token.
pub(crate) fn fields(scope: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "client_credentials"),
        ("client_id", DAEMON),
        ("client_secret", SECRET),
        ("scope", scope),
    ]
}

/// Header and claims of a token whose signature is checked with the published keys.
pub(crate) async fn verified(emulator: &Emulator, token: &str) -> (jsonwebtoken::Header, Value) {
    let keys = get(emulator, &format!("/{CONTOSO}/discovery/v2.0/keys"))
        .await
        .json();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kid"] == header.kid.clone().unwrap());
    let key: jsonwebtoken::jwk::Jwk = serde_json::from_value(key.unwrap().clone()).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(&key).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    rules.validate_aud = false;
    rules.validate_nbf = true;
    let claims = jsonwebtoken::decode::<Value>(token, &key, &rules)
        .unwrap()
        .claims;
    (header, claims)
}

pub(crate) const DESKTOP: &str = "bbbbbbbb-0000-4000-8000-000000000006";
pub(crate) const PORTAL: &str = "bbbbbbbb-0000-4000-8000-000000000007";
pub(crate) const SPA: &str = "bbbbbbbb-0000-4000-8000-000000000008";
pub(crate) const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
pub(crate) const ALICE: &str = "alice@contoso.example";
pub(crate) const PASSWORD: &str = "alice-password-for-tests-only";
pub(crate) const VAULT: &str = "https://vault.azure.net/.default";

/// The v2 token endpoint of contoso.
pub(crate) async fn token(emulator: &Emulator, fields: &[(&str, &str)]) -> Answer {
    post(emulator, &format!("/{CONTOSO}/oauth2/v2.0/token"), fields).await
}

/// `fields` with some of them replaced, added, or with an empty value taken out.
pub(crate) fn with<'a>(
    fields: &[(&'a str, &'a str)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let kept = |(name, _): &&(&str, &str)| !changes.iter().any(|(changed, _)| changed == name);
    let mut all: Vec<_> = fields.iter().filter(kept).copied().collect();
    all.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    all
}

/// The fields of a request with alice's password, by the desktop application.
pub(crate) fn by_password(scope: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "password"),
        ("client_id", DESKTOP),
        ("username", ALICE),
        ("password", PASSWORD),
        ("scope", scope),
    ]
}

impl Answer {
    /// Status, OAuth error and AADSTS code of a refusal.
    pub(crate) fn refusal(&self) -> (u16, String, u64) {
        let body = self.json();
        let code = body["error_codes"][0].as_u64().unwrap_or_default();
        let error = body["error"].as_str().unwrap_or_default().to_owned();
        (self.status, error, code)
    }

    /// A member of a JSON body that is text.
    pub(crate) fn text(&self, name: &str) -> String {
        let body = self.json();
        let text = body[name].as_str();
        text.unwrap_or_else(|| panic!("no {name}: {self:?}"))
            .to_owned()
    }
}

/// Whether `answer` is this refusal: 401 for `invalid_client`, else 400.
#[track_caller]
pub(crate) fn assert_refused(answer: &Answer, error: &str, code: u64) {
    let status = if error == "invalid_client" { 401 } else { 400 };
    assert_eq!(
        answer.refusal(),
        (status, error.to_owned(), code),
        "{answer:?}"
    );
}

/// Asks for an application token with another issuer's token as the proof.
pub(crate) async fn present(emulator: &Emulator, assertion: &str) -> Answer {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", DAEMON),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", assertion),
        ("scope", VAULT),
    ];
    token(emulator, &fields).await
}

/// Header and claims of a token of an issuer, whose signature is checked with its published keys.
pub(crate) async fn of_issuer(emulator: &Emulator, issuer: &str, token: &str) -> (Value, Value) {
    let keys = get(emulator, &format!("/issuers/{issuer}/keys"))
        .await
        .json();
    let key: jsonwebtoken::jwk::Jwk = serde_json::from_value(keys["keys"][0].clone()).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(&key).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    (rules.validate_aud, rules.validate_exp) = (false, false);
    let claims = jsonwebtoken::decode::<Value>(token, &key, &rules)
        .unwrap()
        .claims;
    use base64::Engine as _;
    let header = token.split('.').next().unwrap();
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(header)
        .unwrap();
    (serde_json::from_slice(&header).unwrap(), claims)
}
