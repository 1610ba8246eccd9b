//! The page for people, and who may speak to the emulator about itself.

use crate::support::{CONTOSO, SECRET, encoded, get, post, send, start};

const MINT: &str = "/_emulator/dashboard/mint";

#[tokio::test]
async fn the_page_shows_the_world_and_lets_nothing_foreign_in() {
    let emulator = start().await;
    get(&emulator, "/%3Cscript%3E?b=%22%3Cimg%3E").await;
    let page = get(&emulator, "/_emulator/").await;
    assert_eq!(
        (page.status, page.header("x-frame-options")),
        (200, Some("DENY"))
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    for part in [
        CONTOSO,
        SECRET,
        "alice@contoso.example",
        "id-a",
        "throttle-429",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(page.body.contains("<dd>&quot;&lt;img&gt;</dd>"));
    assert!(!page.body.contains("<img") && page.body.matches("<script").count() == 1);
}

#[tokio::test]
async fn rows_come_from_a_number_on_with_the_next_one() {
    let emulator = start().await;
    for path in ["/a", "/b", "/c"] {
        get(&emulator, path).await;
    }
    let rows = get(&emulator, "/_emulator/dashboard/requests?since=1").await;
    assert_eq!(rows.header("x-last"), Some("3"));
    let (newest, older) = (rows.body.find("GET /c"), rows.body.find("GET /b"));
    assert!(newest.is_some() && newest < older && !rows.body.contains("GET /a"));
}

#[tokio::test]
async fn switches_play_and_end_a_fault_and_go_back_to_the_page() {
    let emulator = start().await;
    let path = "/_emulator/dashboard/script";
    let played = post(&emulator, path, &[("play", "throttle-429")]).await;
    assert_eq!(
        (played.status, played.header("location")),
        (303, Some("/_emulator/#faults"))
    );
    assert!(!emulator.script().remaining().is_empty());
    post(&emulator, path, &[("end", "throttle-429")]).await;
    assert!(emulator.script().remaining().is_empty());
    post(&emulator, path, &[("play", "throttle-429")]).await;
    post(&emulator, path, &[("clear", "all")]).await;
    assert!(emulator.script().remaining().is_empty());
    assert_eq!(
        post(&emulator, path, &[("play", "no-such")]).await.status,
        400
    );
}

#[tokio::test]
async fn a_minted_token_is_shown_and_an_order_that_cannot_be_is_explained() {
    let emulator = start().await;
    let page = post(
        &emulator,
        MINT,
        &[("kind", "expired"), ("client", "daemon"), ("tenant", "")],
    )
    .await;
    assert!(page.body.contains("id=\"minted\"") && page.body.contains("eyJ"));
    assert!(page.body.contains("<option selected>expired</option>"));
    let page = post(&emulator, MINT, &[("client", "<nobody>")]).await;
    assert!(page.body.contains("there is no app `&lt;nobody&gt;`"));
}

#[tokio::test]
async fn pages_of_other_sites_may_neither_read_nor_change_anything() {
    let emulator = start().await;
    let here = format!("origin: {}", emulator.http());
    for (header, status) in [
        ("origin: https://evil.example", 403),
        ("origin: null", 403),
        ("host: evil.com", 403),
        ("host: localhost.evil.com:8080", 403),
        ("host: emulator:8080", 200),
        ("x: y", 200),
        (here.as_str(), 200),
    ] {
        let form = "content-type: application/x-www-form-urlencoded";
        let body = encoded(&[("kind", "valid")]);
        let minted = send(&emulator, &format!("POST {MINT}"), &[form, header], &body).await;
        assert_eq!(minted.status, status, "{header}");
        let ready = send(&emulator, "GET /_emulator/ready", &[header], "").await;
        assert_eq!(
            (ready.status, ready.body.contains(SECRET)),
            (status, status == 200),
            "{header}"
        );
    }
    let played = send(
        &emulator,
        "GET /common/discovery/keys",
        &["host: evil.com"],
        "",
    )
    .await;
    assert_eq!(
        played.status, 200,
        "what is played answers under every name"
    );
}
