//! With a seed, two runs answer byte for byte the same; and the clock that makes it so.

use std::time::Duration;

use identity_emulator::{Clock, Emulator, Entry, Forgery, Pki, Reference, Rotation};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::endpoints::path;
use crate::support::{
    CONTOSO, SPA, VAULT, builder, by_password, encoded, fields, get, raw, send, start, token, with,
};

const CLOCK: &str = "/_emulator/clock";

/// Everything that went over the wire, in order.
struct Tape {
    emulator: Emulator,
    answers: Vec<(String, String)>,
}

impl Tape {
    /// With a signing key and issuers of its own, all made of the seed; certificates are not, and a
    /// host tells its thumbprint.
    async fn of(seed: u64, pki: &Pki) -> Self {
        let builder = Emulator::builder().pki(pki.clone());
        let emulator = builder.seed(seed).start().await.unwrap();
        Self {
            emulator,
            answers: Vec::new(),
        }
    }

    /// Sends with one host name for all emulators, for answers repeat it.
    async fn ask(&mut self, line: &str, body: &str) -> String {
        let kind = if body.starts_with(['{', '[']) {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        let request = format!(
            "{line} HTTP/1.1\r\nhost: localhost:8443\r\nmetadata: true\r\nconnection: close\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = raw(&self.emulator, request.as_bytes()).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        self.answers.push((line.to_owned(), answer.clone()));
        answer
    }

    async fn token(&mut self, form: &[(&str, &str)]) -> Value {
        let line = format!("POST /{CONTOSO}/oauth2/v2.0/token");
        let answer = self.ask(&line, &encoded(form)).await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// Every endpoint with every method, saying nothing in particular.
    async fn every_endpoint(&mut self) {
        let reference = Reference::new();
        for endpoint in reference.endpoints.iter().chain(&reference.control) {
            for method in endpoint.methods.split(", ") {
                self.ask(&format!("{method} {}", path(endpoint)), "").await;
            }
        }
    }

    /// What answers with something made for the occasion.
    async fn every_kind_of_token(&mut self) {
        self.token(&fields("api://orders/.default")).await;
        let scope = "openid offline_access https://vault.azure.net/.default";
        let signed_in = self.token(&by_password(scope)).await;
        let refresh = signed_in["refresh_token"].as_str().unwrap();
        let renew = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let renew = with(
            &by_password(scope),
            &[&renew[..], &[("password", "")]].concat(),
        );
        assert!(self.token(&renew).await["access_token"].is_string());
        let imds = "/metadata/identity/oauth2/token?api-version=2018-02-01";
        let imds = format!("GET {imds}&resource=https://vault.azure.net");
        assert!(self.ask(&imds, "").await.contains("access_token"));
        let device = format!("client_id={SPA}&scope=openid");
        self.ask(&format!("POST /{CONTOSO}/oauth2/v2.0/devicecode"), &device)
            .await;
        let authorize = format!(
            "GET /{CONTOSO}/oauth2/v2.0/authorize?client_id={SPA}&response_type=code&scope=openid\
             &redirect_uri=http%3A%2F%2Flocalhost%2Fspa&state=s&code_challenge_method=S256\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        self.ask(&authorize, "").await;
        let workload = r#"{"subject":"s"}"#;
        self.ask("POST /_emulator/issuers/github/token", workload)
            .await;
        let forgery = json!({ "kind": Forgery::default().kind }).to_string();
        self.ask("POST /_emulator/forge", &forgery).await;
        self.emulator.keys().rotate(&Rotation::default());
        self.token(&fields(VAULT)).await;
        self.ask(&format!("GET /{CONTOSO}/discovery/v2.0/keys"), "")
            .await;
    }

    /// The answers and the journal, as far as two emulators can have the same.
    fn comparable(mut self) -> (Vec<(String, String)>, Vec<Entry>) {
        let ready = self.emulator.ready();
        let about_itself = |(line, _): &&mut (String, String)| line.contains(" /_emulator");
        for (_, answer) in self.answers.iter_mut().filter(about_itself) {
            *answer = without_ports_and_real_time(answer, &[&ready.https, &ready.http]);
        }
        let mut entries = self.emulator.journal().entries();
        entries.iter_mut().for_each(|entry| entry.elapsed_ms = 0);
        (self.answers, entries)
    }
}

/// Where the emulator listens and how long an answer took is what the emulator can say of itself
/// that is not the same in every run; neither is then the length of what it says.
fn without_ports_and_real_time(answer: &str, here: &[&str]) -> String {
    let answer = here
        .iter()
        .fold(answer.to_owned(), |answer, url| answer.replace(url, "here"));
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let head = head
        .lines()
        .filter(|line| !line.starts_with("content-length: "));
    let mut parts = body.split("\"elapsed_ms\":");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()));
    head.chain([first.as_str()])
        .chain(rest)
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test]
async fn with_a_seed_two_runs_answer_byte_for_byte_the_same() {
    let (pki, mut tapes) = (Pki::generate(), Vec::new());
    for seed in [5, 5, 6] {
        let mut tape = Tape::of(seed, &pki).await;
        tape.every_kind_of_token().await;
        tape.every_endpoint().await;
        tapes.push(tape.comparable());
    }
    let [first, again, other] = tapes.try_into().unwrap_or_else(|_| panic!());
    assert!(first.0.len() > 70);
    for (one, two) in first.0.iter().zip(&again.0) {
        assert_eq!(one, two);
    }
    assert_eq!(first.1, again.1);
    assert_ne!(first.0, other.0);
}

#[tokio::test]
async fn looking_at_the_emulator_does_not_change_what_clients_get() {
    let mut answers = Vec::new();
    for looks in [0, 3] {
        let emulator = builder().seed(1).start().await.unwrap();
        for _ in 0..looks {
            get(&emulator, "/_emulator/health").await;
        }
        answers.push(get(&emulator, "/nowhere/oauth2/token").await.head);
    }
    assert!(answers[0].contains("x-ms-request-id: "));
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_seeded_clock_stands_still_unless_another_is_given() {
    let still = builder().seed(1).start().await.unwrap();
    assert_eq!(still.clock().now(), Clock::SEEDED);
    let answer = get(&still, "/x").await;
    assert_eq!(answer.header("date"), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
    let real = builder()
        .seed(1)
        .clock(Clock::default())
        .start()
        .await
        .unwrap();
    assert!(!real.clock().is_frozen());
    let shared = Clock::frozen_at(OffsetDateTime::UNIX_EPOCH);
    let epoch = builder().clock(shared.clone()).start().await.unwrap();
    shared.advance(Duration::from_secs(1));
    assert_eq!(epoch.clock().now().unix_timestamp(), 1);
}

#[tokio::test]
async fn the_clock_is_set_frozen_moved_and_let_go_over_http() {
    let emulator = start().await;
    let tell = async |order: Value| {
        let line = format!("PUT {CLOCK}");
        let answer = send(&emulator, &line, &[], &order.to_string()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let set = tell(json!({ "now": "2030-01-01T00:00:00Z", "frozen": true })).await;
    assert_eq!(
        (&set["now"], &set["frozen"]),
        (&json!("2030-01-01T00:00:00Z"), &json!(true))
    );
    let moved = tell(json!({ "advance_s": 90 })).await;
    assert_eq!(moved["now"], "2030-01-01T00:01:30Z");
    token(&emulator, &fields(VAULT)).await;
    let entry = emulator.journal().entries().remove(0);
    assert_eq!(entry.at, "2030-01-01T00:01:30.000Z");
    assert_eq!(entry.tokens[0].claims["iat"], 1_893_456_090 - 300);
    let running = tell(json!({ "frozen": false })).await;
    assert_eq!(running["frozen"], false);
    assert!(emulator.clock().now() >= OffsetDateTime::from_unix_timestamp(1_893_456_090).unwrap());
    let behind = tell(json!({ "offset_s": -3600 })).await;
    assert_eq!(behind["offset_s"], -3600);
    let line = format!("DELETE {CLOCK}");
    assert_eq!(send(&emulator, &line, &[], "").await.status, 204);
    assert_eq!(get(&emulator, CLOCK).await.json()["offset_s"], 0);
}

#[tokio::test]
async fn a_clock_that_cannot_be_set_so_says_where() {
    let emulator = start().await;
    for (order, path) in [
        (r#"{"advance":1}"#, "advance"),
        (r#"{"advance_s":-1}"#, "advance_s"),
        (r#"{"now":"tomorrow"}"#, "now"),
        (r#"{"frozen":1}"#, "frozen"),
    ] {
        let answer = send(&emulator, &format!("POST {CLOCK}"), &[], order).await;
        assert_eq!((answer.status, answer.text("path").as_str()), (400, path));
    }
    assert!(!emulator.clock().is_frozen());
}

#[tokio::test]
async fn every_endpoint_answers_at_both_ends_of_time() {
    let emulator = start().await;
    emulator.clock().freeze_at(OffsetDateTime::UNIX_EPOCH);
    for step in [Duration::ZERO, Duration::MAX] {
        emulator.clock().advance(step);
        for endpoint in &Reference::new().endpoints {
            for method in endpoint.methods.split(", ") {
                let line = format!("{method} {}", path(endpoint));
                let answer = send(&emulator, &line, &[], "").await;
                assert!((200..500).contains(&answer.status), "{answer:?}");
            }
        }
        for form in [fields(VAULT), by_password("openid offline_access")] {
            let answer = token(&emulator, &form).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        emulator.keys().rotate(&Rotation::default());
    }
}
