//! The faults with names: what there is, that each is played, and that `PRESETS.md` says so.

use std::fmt::Write as _;
use std::path::Path;

use identity_emulator::{Emulator, Preset, Reference, Rule, World};
use serde_json::json;

use crate::support::{CONTOSO, VAULT, builder, fields, get, send, start, token, verified, with};

#[test]
fn the_page_is_what_the_presets_are() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("PRESETS.md");
    let page = page();
    if std::env::var_os("UPDATE_PRESETS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(written, page, "PRESETS.md: set UPDATE_PRESETS=1");
}

const HEAD: &str = "# Faults with names

Made by a test (`tests/behaviour/presets.rs`) from `presets.toml`, which also says what each is made
of: change that, then run `UPDATE_PRESETS=1 cargo test -p identity-emulator presets`.

- In Rust: `emulator.script().preset(\"throttle-429\")?`, and `end_preset` takes it back.
- In `world.toml`: `[[script]]` with `preset = \"throttle-429\"`.
- In a conformance case: `[[world.script]]` with the same.
- Over HTTP: `PUT /_emulator/script/presets/throttle-429`, and `DELETE` takes it back; or
  `POST /_emulator/script` with `{\"preset\":\"throttle-429\"}`, alone or in a list with other rules.
  `GET /_emulator/script/presets` lists them all.

A rule of your own has the same keys as those in `presets.toml`. `times` counts answers and is 1
unless said, or `\"always\"`.

| preset | what it plays | endpoints | until |
|---|---|---|---|
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for preset in Preset::all() {
        let on: Vec<_> = preset
            .rules
            .iter()
            .map(|rule| format!("`{}`", rule.on))
            .collect();
        let (name, about, on) = (&preset.name, &preset.about, on.join(", "));
        writeln!(
            page,
            "| `{name}` | {about} | {on} | {} |",
            end(&preset.rules[0])
        )
        .unwrap();
    }
    page
}

fn end(rule: &Rule) -> String {
    match (rule.for_s, rule.times) {
        (Some(seconds), _) => format!("{seconds} s"),
        (None, Rule::ALWAYS) => "it is taken back".to_owned(),
        (None, 1) => "1 answer".to_owned(),
        (None, times) => format!("{times} answers"),
    }
}

/// A request that each rule of a preset is about, with the fields it asks for.
async fn asked(emulator: &Emulator, rule: &Rule) {
    let end = match rule.on.as_str() {
        "entra.discovery.*" | "entra.discovery.openid" => "v2.0/.well-known/openid-configuration",
        "entra.discovery.instance" => {
            get(
                emulator,
                "/common/discovery/instance?api-version=1.1&authorization_endpoint=https://x/y",
            )
            .await;
            return;
        }
        "entra.keys" => "discovery/v2.0/keys",
        "entra.keys_v1" => "discovery/keys",
        "entra.token" | "entra.*" => {
            let mut all = fields(VAULT);
            for (name, value) in &rule.when.form {
                let identity_emulator::FieldCondition::Text(value) = value else {
                    continue;
                };
                all = with(&all, &[(name, value.trim_start_matches('*'))]);
            }
            token(emulator, &all).await;
            return;
        }
        host if !host.starts_with("imds.") => {
            // Its route answers whatever is sent: the layer of the script is outside of it.
            let reference = Reference::new();
            let mut endpoints = reference.endpoints.iter();
            let endpoint = endpoints.find(|one| one.name == host).unwrap();
            get(emulator, endpoint.path).await;
            return;
        }
        _ => {
            let path = "GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net";
            send(emulator, path, &["metadata: true"], "").await;
            return;
        }
    };
    get(emulator, &format!("/{CONTOSO}/{end}")).await;
}

#[tokio::test]
async fn every_preset_is_about_requests_that_clients_send() {
    let emulator = start().await;
    for preset in Preset::all() {
        // What never answers, or only after a while, is in the tests of the script.
        let waits =
            |rule: &Rule| rule.reply.silent || rule.reply.delay_ms > 0 || rule.reply.drip.is_some();
        if preset.rules.iter().any(waits) {
            continue;
        }
        emulator.script().clear();
        emulator.script().preset(&preset.name).unwrap();
        for rule in &preset.rules {
            for _ in 0..=rule.skip {
                asked(&emulator, rule).await;
            }
            let entries = emulator.journal().entries();
            assert!(entries.last().unwrap().scripted, "{}", preset.name);
        }
    }
}

/// Whether an API that asks for the keys now can check a signature with them.
async fn keys_are_there(emulator: &Emulator, kid: &str) -> bool {
    let path = format!("/{CONTOSO}/discovery/v2.0/keys");
    let answer = get(emulator, &path).await;
    let keys = serde_json::from_str::<jsonwebtoken::jwk::JwkSet>(&answer.body);
    answer.status == 200 && keys.is_ok_and(|keys| keys.find(kid).is_some())
}

#[tokio::test]
async fn whoever_asks_for_lost_keys_can_check_no_token_until_they_are_back() {
    let emulator = start().await;
    let answer = token(&emulator, &fields(VAULT)).await;
    let issued = answer.text("access_token").to_owned();
    let kid = jsonwebtoken::decode_header(&issued).unwrap().kid.unwrap();
    for preset in ["jwks-outage", "jwks-garbage", "jwks-empty"] {
        emulator.script().preset(preset).unwrap();
        assert!(!keys_are_there(&emulator, &kid).await, "{preset}");
        // Tokens are issued all the same.
        assert_eq!(token(&emulator, &fields(VAULT)).await.status, 200);
        emulator.script().end_preset(preset);
        assert!(keys_are_there(&emulator, &kid).await, "after {preset}");
        verified(&emulator, &issued).await;
    }
}

#[tokio::test]
async fn a_preset_is_played_and_taken_back_by_every_transport() {
    let text = format!(
        "{}\n[[script]]\npreset = \"token-html\"\n",
        include_str!("../../worlds/basic.toml")
    );
    let world = World::from_toml(&text, "world.toml").unwrap();
    let emulator = builder().world(world).start().await.unwrap();
    let status = async || {
        token(&emulator, &fields(VAULT))
            .await
            .header("content-type")
            .unwrap()
            .to_owned()
    };
    assert!(status().await.starts_with("text/html"));
    assert!(emulator.script().end_preset("token-html"));
    assert!(status().await.starts_with("application/json"));
    let line = |method: &str, name: &str| format!("{method} /_emulator/script/presets/{name}");
    let played = send(&emulator, &line("PUT", "token-html"), &[], "").await;
    assert_eq!(
        (played.status, played.json()[0]["preset"].clone()),
        (200, json!("token-html"))
    );
    assert!(status().await.starts_with("text/html"));
    for _ in 0..2 {
        let ended = send(&emulator, &line("DELETE", "token-html"), &[], "").await;
        assert_eq!(ended.status, 204);
    }
    assert!(status().await.starts_with("application/json"));
    for method in ["PUT", "DELETE"] {
        let unknown = send(&emulator, &line(method, "token-xml"), &[], "").await;
        assert_eq!(unknown.status, 404);
        assert!(unknown.text("error").contains("token-html"));
    }
}

#[tokio::test]
async fn the_presets_are_listed_with_their_rules() {
    let emulator = start().await;
    let listed = get(&emulator, "/_emulator/script/presets").await.json();
    let read: Vec<Preset> = serde_json::from_value(listed).unwrap();
    assert_eq!(read, Preset::all());
}

#[test]
fn a_preset_that_does_not_exist_is_refused_in_a_world_with_the_line() {
    let text = format!(
        "{}\n[[script]]\npreset = \"throttle\"\n",
        include_str!("../../worlds/basic.toml")
    );
    let line = text
        .lines()
        .position(|line| line == "preset = \"throttle\"")
        .unwrap();
    let refusal = World::from_toml(&text, "world.toml")
        .unwrap_err()
        .to_string();
    assert!(refusal.contains("throttle-429"), "{refusal}");
    // The table begins a line above its key.
    assert!(refusal.contains(&format!("line {line}")), "{refusal}");
}

#[tokio::test]
async fn a_fault_of_seventy_seconds_is_over_after_seventy_seconds() {
    let emulator = start().await;
    emulator.clock().freeze();
    emulator.script().preset("imds-410-70s").unwrap();
    let path = "GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net";
    for (step, status) in [(3600, 410), (69, 410), (1, 200), (60, 200)] {
        emulator
            .clock()
            .advance(std::time::Duration::from_secs(step));
        assert_eq!(
            send(&emulator, path, &["metadata: true"], "").await.status,
            status
        );
    }
}
