//! Reading the journal: filters, formats, waiting, listening.

use std::time::Duration;

use identity_emulator::{Emulator, Filter};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{
    ALICE, CONTOSO, DAEMON, DESKTOP, PASSWORD, SECRET, VAULT, by_password, fields, get, send,
    start, token, with,
};

const KEYS: &str = "/common/discovery/keys";
const TOKEN_KEYS: &str = "/common/discovery/v2.0/keys";

/// A token request of an application, one of a user, a refusal, and two metadata requests.
async fn conversation() -> Emulator {
    let emulator = start().await;
    token(&emulator, &fields(VAULT)).await;
    token(
        &emulator,
        &by_password("openid https://vault.azure.net/.default"),
    )
    .await;
    token(
        &emulator,
        &with(&fields(VAULT), &[("client_secret", "wrong")]),
    )
    .await;
    get(&emulator, KEYS).await;
    get(&emulator, "/fabrikam.onmicrosoft.com/discovery/keys").await;
    emulator
}

/// Numbers of the entries that a query gives.
async fn numbers(emulator: &Emulator, query: &str) -> Vec<u64> {
    let answer = get(emulator, &format!("/_emulator/journal?{query}")).await;
    let entries = answer.json();
    let entries = entries.as_array().unwrap_or_else(|| panic!("{answer:?}"));
    entries
        .iter()
        .map(|it| it["seq"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_query_gives_the_entries_that_fit_all_of_it() {
    let emulator = conversation().await;
    for (query, fitting) in [
        ("", &[1, 2, 3, 4, 5][..]),
        ("endpoint=entra.token", &[1, 2, 3]),
        ("endpoint=entra.keys*&method=get", &[4, 5]),
        ("status=4xx", &[3]),
        ("error=AADSTS7000215", &[3]),
        ("since=3", &[4, 5]),
        ("limit=2", &[4, 5]),
        ("limit=2&endpoint=entra.token", &[2, 3]),
        ("tenant=fabrikam.onmicrosoft.com", &[5]),
        (&format!("tenant={CONTOSO}"), &[1, 2, 3]),
        (&format!("client={DAEMON}"), &[1, 3]),
        (&format!("client={DESKTOP}&status=200"), &[2]),
        ("text=ALICE@contoso", &[2]),
        ("scripted=true", &[]),
        ("finding=nothing", &[]),
    ] {
        assert_eq!(numbers(&emulator, query).await, fitting, "{query}");
    }
}

#[tokio::test]
async fn a_query_that_says_nothing_known_is_refused_by_name() {
    let emulator = start().await;
    for (query, name) in [
        ("endpont=x", "endpont"),
        ("status=abc", "status"),
        ("format=xml", "format"),
        ("count=1", "count"),
    ] {
        let answer = get(&emulator, &format!("/_emulator/journal?{query}")).await;
        assert_eq!((answer.status, answer.text("path").as_str()), (400, name));
        assert!(answer.text("error").contains('`'), "{answer:?}");
    }
    let answer = get(&emulator, "/_emulator/journal/wait?timeout_ms=soon").await;
    assert_eq!(
        (answer.status, answer.text("path").as_str()),
        (400, "timeout_ms")
    );
}

#[tokio::test]
async fn tokens_are_shown_taken_apart_and_without_their_signatures() {
    let emulator = start().await;
    let scope = "openid https://vault.azure.net/.default";
    let answer = token(&emulator, &by_password(scope)).await;
    let entry = emulator.journal().entries().remove(0);
    let places: Vec<_> = entry.tokens.iter().map(|it| it.place.as_str()).collect();
    assert_eq!(places, ["reply.access_token", "reply.id_token"]);
    for shown in &entry.tokens {
        assert_eq!(shown.header["alg"], "RS256");
        assert_eq!(shown.claims["tid"], CONTOSO);
    }
    assert_eq!(entry.tokens[0].claims["upn"], ALICE);
    assert_eq!(entry.tokens[1].claims["aud"], DESKTOP);
    let written = emulator.journal().json_lines(&Filter::default());
    for name in ["access_token", "id_token"] {
        let token = answer.text(name);
        let (_, signature) = token.rsplit_once('.').unwrap();
        assert!(!written.contains(signature), "{name}");
    }
}

#[tokio::test]
async fn the_journal_comes_as_lines_and_as_an_archive() {
    let emulator = conversation().await;
    let lines = get(&emulator, "/_emulator/journal?format=jsonl&since=3").await;
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    let lines: Vec<Value> = lines
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (lines.len(), &lines[0]["endpoint"]),
        (2, &Value::from("entra.keys_v1"))
    );
    let archive = get(&emulator, "/_emulator/journal?format=har").await;
    let name = archive.header("content-disposition").unwrap();
    assert!(name.ends_with(".har\""), "{name}");
    let archive = archive.json();
    let entries = archive["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 5);
    let request = &entries[0]["request"];
    let url = format!("{}/{CONTOSO}/oauth2/v2.0/token", emulator.http());
    assert_eq!(request["url"], url);
    assert!(
        request["postData"]["text"]
            .as_str()
            .unwrap()
            .contains("client_secret=***")
    );
    assert_eq!(entries[0]["_tokens"][0]["claims"]["appid"], DAEMON);
    assert!(!archive.to_string().contains(SECRET) && !archive.to_string().contains(PASSWORD));
}

#[tokio::test]
async fn waiting_ends_when_enough_has_come() {
    let emulator = start().await;
    get(&emulator, KEYS).await;
    let journal = emulator.journal();
    let keys = Filter::endpoint("entra.keys*");
    let wait = journal.wait_for(&keys, 3, Duration::from_secs(60));
    let asking = async {
        for path in [TOKEN_KEYS, "/nowhere", KEYS, KEYS] {
            get(&emulator, path).await;
        }
    };
    let (came, ()) = tokio::join!(wait, asking);
    let came: Vec<_> = came.unwrap().iter().map(|entry| entry.seq).collect();
    assert_eq!(came, [1, 2, 4]);
    let late = journal
        .wait_for(&keys, 5, Duration::ZERO)
        .await
        .unwrap_err();
    assert_eq!((late.wanted, late.found.len()), (5, 4));
    assert_eq!(late.to_string(), "4 of 5 journal entries came in time");
    assert_eq!(
        journal.wait_for(&keys, 0, Duration::ZERO).await,
        Ok(Vec::new())
    );
}

#[tokio::test]
async fn waiting_ends_with_the_emulator() {
    let emulator = start().await;
    let journal = emulator.journal().clone();
    let filter = Filter::default();
    let wait = journal.wait_for(&filter, 1, Duration::MAX);
    let (late, ()) = tokio::join!(wait, emulator.stop());
    assert_eq!(late.unwrap_err().found, []);
}

#[tokio::test]
async fn waiting_goes_over_http_too() {
    let emulator = start().await;
    let wait = "/_emulator/journal/wait?endpoint=entra.keys_v1&count=2&timeout_ms=60000";
    let asking = async {
        get(&emulator, KEYS).await;
        get(&emulator, KEYS).await;
    };
    let (came, ()) = tokio::join!(get(&emulator, wait), asking);
    assert_eq!(
        (came.status, came.json().as_array().unwrap().len()),
        (200, 2)
    );
    let late = get(&emulator, "/_emulator/journal/wait?count=3&timeout_ms=0").await;
    assert_eq!(
        (
            late.status,
            late.json()["entries"].as_array().unwrap().len()
        ),
        (408, 2)
    );
    assert_eq!(late.text("error"), "2 of 3 journal entries came in time");
}

#[tokio::test]
async fn a_stream_goes_on_behind_the_last_event() {
    let emulator = conversation().await;
    let all = get(&emulator, "/_emulator/journal/stream?since=0&timeout_ms=0").await;
    assert!(
        all.header("content-type")
            .unwrap()
            .starts_with("text/event-stream")
    );
    assert_eq!(all.body.matches("event: entry").count(), 5);
    let last = ["last-event-id: 3"];
    let line = "GET /_emulator/journal/stream?since=0&timeout_ms=0&endpoint=entra.*";
    let rest = send(&emulator, line, &last, "").await;
    assert!(
        rest.body.contains("id: 4\nevent: entry\ndata: {\"seq\":4,"),
        "{rest:?}"
    );
    assert_eq!(rest.body.matches("event: entry").count(), 2);
    let from_now = get(&emulator, "/_emulator/journal/stream?timeout_ms=0").await;
    assert_eq!(from_now.body.matches("event: entry").count(), 0);
}

#[tokio::test]
async fn a_listener_hears_of_a_request_while_it_listens_and_of_the_end() {
    let emulator = start().await;
    let address = emulator.http().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET /_emulator/journal/stream HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    while !heard.ends_with(b"retry: 1000\n\n\r\n") {
        assert_ne!(stream.read_buf(&mut heard).await.unwrap(), 0);
    }
    get(&emulator, KEYS).await;
    while !heard.windows(13).any(|part| part == b"event: entry\n") {
        assert_ne!(stream.read_buf(&mut heard).await.unwrap(), 0);
    }
    let end = async {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.unwrap();
        rest
    };
    let (rest, ()) = tokio::join!(end, emulator.stop());
    assert!(
        rest.ends_with(b"0\r\n\r\n"),
        "the stream ends in good order"
    );
}
