//! Any script document either is refused with the key and the reason, or is carried out.

use std::sync::OnceLock;

use identity_emulator::Emulator;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::support::{get, send, start};

/// Values of each key of a rule, some of which cannot be.
fn rule_values() -> Value {
    json!({
        "on": ["unknown", "*", "entra.keys", "nowhere", 3],
        "when": [{}, { "method": "GET" }, { "path": "*/X" }, { "query": { "a": true } },
                 { "query": { "a": false } }, { "header": { "x y": true } }, { "form": 1 }, { "verb": "GET" }],
        "skip": [0, 1, -1, "x"],
        "times": [1, 2, "always", 0, "often"],
        "for_s": [60, 0, "x"],
        "preset": ["throttle-429", "nothing"],
    })
}

/// The same for a reply. Silence would last too long here, and new keys cost too much.
fn reply_values() -> Value {
    json!({
        "status": [200, 418, 503, 99, 600, "x"],
        "headers": [{}, { "x-test": "b" }, { "a b": "c" }, { "content-length": "1" }],
        "body": ["", "some text", 3],
        "json": [1, { "a": 1 }],
        "html": ["<p>"],
        "aadsts": [50058, 1],
        "set": [{ "a": 1 }, 3],
        "cast": [{ "error": "string" }, { "a": "x" }],
        "remove": [["error"], "error"],
        "delay_ms": [0, 1, 600_001],
        "jitter_ms": [0, 1, -1],
        "drip": [{ "every_ms": 0 }, { "bytes": 0, "every_ms": 0 }, {}],
        "truncate": [0, 3, -1],
        "drop": [true, false, 1],
        "reset": [true, false],
        "silent": [false, "no"],
        "rotate_keys": [{ "x": 1 }],
        "stats": [1],
    })
}

/// A table with some of the keys, `likely` always among them.
fn table(
    values: Value,
    likely: &'static [&'static str],
) -> impl Strategy<Value = Map<String, Value>> {
    let Value::Object(values) = values else {
        panic!("a table of values")
    };
    let picks: Vec<_> = values
        .into_iter()
        .map(|(key, values)| {
            let values: Vec<Value> = serde_json::from_value(values).unwrap();
            // The first values are those that can be.
            let value = prop_oneof![
                8 => prop::sample::select(values[..values.len().div_ceil(2)].to_vec()),
                1 => prop::sample::select(values),
            ];
            let chance = if likely.contains(&key.as_str()) {
                0.97
            } else {
                0.12
            };
            prop::option::weighted(chance, value).prop_map(move |value| Some((key.clone(), value?)))
        })
        .collect();
    picks.prop_map(|picked| picked.into_iter().flatten().collect())
}

fn document() -> impl Strategy<Value = Value> {
    let rule = (table(rule_values(), &["on"]), table(reply_values(), &[]));
    rule.prop_map(|(mut rule, reply)| {
        rule.insert("reply".to_owned(), Value::Object(reply));
        Value::Object(rule)
    })
}

fn emulator() -> &'static (Runtime, Emulator) {
    static ONE: OnceLock<(Runtime, Emulator)> = OnceLock::new();
    ONE.get_or_init(|| {
        let runtime = Runtime::new().unwrap();
        let emulator = runtime.block_on(start());
        (runtime, emulator)
    })
}

/// What `GET /x?a=1` comes to under the rule, as far as the rule says.
struct Foreseen {
    scripted: bool,
    status: u16,
    body: Option<String>,
}

fn foreseen(rule: &Value) -> Foreseen {
    let about = matches!(rule["on"].as_str(), Some("unknown" | "*"));
    let scripted = about && rule["when"]["query"]["a"] != json!(false);
    let reply = &rule["reply"];
    let text = |name: &str| reply[name].as_str().map(str::to_owned);
    let truncated = reply["truncate"].as_u64().map(|bytes| bytes as usize);
    let nothing = reply["drop"] == true || (reply["reset"] == true && truncated.is_none());
    let replaced = ["body", "json", "html"]
        .iter()
        .any(|key| reply.get(key).is_some());
    let usual = match (replaced, &reply["aadsts"]) {
        (_, Value::Number(_)) => 400,
        (true, _) => 200,
        (false, _) => 404,
    };
    let body = text("body").or_else(|| text("html"));
    let body = body.or_else(|| Some(reply.get("json")?.to_string()));
    // What was under way when a connection is reset may arrive or not.
    let body = body.filter(|_| scripted && reply["reset"] != true);
    let cut = |text: String| text[..truncated.unwrap_or(text.len()).min(text.len())].to_owned();
    Foreseen {
        scripted,
        status: match scripted {
            true if nothing => 0,
            true => reply["status"]
                .as_u64()
                .map_or(usual, |status| status as u16),
            false => 404,
        },
        body: body.map(cut),
    }
}

async fn judged(emulator: &Emulator, document: &Value) -> Result<(), TestCaseError> {
    emulator.script().clear();
    let text = document.to_string();
    let answer = send(emulator, "POST /_emulator/script", &[], &text).await;
    if answer.status == 400 {
        prop_assert!(emulator.script().remaining().is_empty());
        let body = answer.json();
        let said = format!("{} {}", body["path"], body["error"]);
        let keys = document.as_object().unwrap().keys();
        let keys = keys.chain(document["reply"].as_object().unwrap().keys());
        let mut keys = keys.map(String::as_str).chain(["on"]);
        prop_assert!(keys.any(|key| said.contains(key)), "{}: {}", text, said);
        prop_assert!(said.len() > 20, "no reason: {}", said);
        return Ok(());
    }
    prop_assert_eq!(answer.status, 201, "{}: {}", text, answer.body);
    let rules = answer.json();
    let rule = &rules[0];
    let expected = foreseen(rule);
    for _ in 0..rule["skip"].as_u64().unwrap_or(0) {
        get(emulator, "/x?a=1").await;
        prop_assert!(!emulator.journal().entries().last().unwrap().scripted);
    }
    let answer = get(emulator, "/x?a=1").await;
    let entry = emulator.journal().entries().pop().unwrap();
    emulator.journal().clear();
    prop_assert_eq!(entry.scripted, expected.scripted, "{}", text);
    prop_assert_eq!(entry.status, expected.status, "{}", text);
    if let Some(body) = expected.body {
        prop_assert_eq!(&answer.body, &body, "{}", text);
    }
    let left = emulator.script().remaining().len();
    let used_up = expected.scripted && rule["times"] == 1;
    prop_assert_eq!(left, usize::from(!used_up), "{}", text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_rule_is_refused_with_key_and_reason_or_carried_out(document in document()) {
        let (runtime, emulator) = emulator();
        runtime.block_on(judged(emulator, &document))?;
    }

    #[test]
    fn whatever_is_sent_for_a_script_is_answered(text in "[ -~]{0,60}|[\\[{\":}\\],a-z0-9]{0,40}") {
        let (runtime, emulator) = emulator();
        let status = runtime.block_on(async {
            send(emulator, "PUT /_emulator/script", &[], &text).await.status
        });
        prop_assert!(matches!(status, 200 | 400), "{status}");
    }
}
