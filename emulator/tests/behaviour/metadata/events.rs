//! Scheduled events.

use std::time::Duration;

use identity_emulator::{Emulator, ScheduledEvent, ScheduledEventType};
use serde_json::{Value, json};

use crate::support::{Answer, send, start};

const PATH: &str = "/metadata/scheduledevents?api-version=2020-07-01";

async fn events(emulator: &Emulator) -> Value {
    let line = format!("GET {PATH}");
    send(emulator, &line, &["Metadata: true"], "").await.json()
}

async fn agree(emulator: &Emulator, body: &str) -> Answer {
    send(emulator, &format!("POST {PATH}"), &["Metadata: true"], body).await
}

#[tokio::test]
pub(crate) async fn an_event_waits_for_its_time_or_for_consent() {
    let emulator = start().await;
    emulator.clock().freeze();
    let nothing = json!({ "DocumentIncarnation": 0, "Events": [] });
    assert_eq!(events(&emulator).await, nothing);
    let mut freeze = ScheduledEvent::new(ScheduledEventType::Freeze);
    freeze.duration_s = Some(5);
    let id = emulator.schedule_event(freeze);
    let told = events(&emulator).await;
    let event = &told["Events"][0];
    let members: Vec<_> = event.as_object().unwrap().keys().collect();
    let wanted = [
        "EventId",
        "EventType",
        "ResourceType",
        "Resources",
        "EventStatus",
        "NotBefore",
        "Description",
        "EventSource",
        "DurationInSeconds",
    ];
    assert_eq!(members, wanted);
    assert_eq!(
        (&told["DocumentIncarnation"], &event["EventId"]),
        (&json!(1), &json!(id))
    );
    assert_eq!(event["EventStatus"], "Scheduled");
    assert!(
        event["NotBefore"].as_str().unwrap().ends_with(" GMT"),
        "{event}"
    );

    let body = json!({ "StartRequests": [{ "EventId": id.to_lowercase() }] }).to_string();
    assert_eq!(agree(&emulator, &body).await.status, 200);
    let told = events(&emulator).await;
    assert_eq!(told["DocumentIncarnation"], 2);
    assert_eq!(told["Events"][0]["EventStatus"], "Started");
    assert_eq!(told["Events"][0]["NotBefore"], "");
    emulator.clock().advance(Duration::from_secs(5));
    let gone = json!({ "DocumentIncarnation": 3, "Events": [] });
    assert_eq!(events(&emulator).await, gone);
}

#[tokio::test]
async fn consent_that_makes_no_sense_is_refused() {
    let emulator = start().await;
    for body in [
        "",
        "{}",
        "[]",
        r#"{"StartRequests":[{"EventId":"unknown"}]}"#,
    ] {
        assert_eq!(agree(&emulator, body).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn events_are_announced_over_http_too() {
    let emulator = start().await;
    let order = r#"{"event_type":"Redeploy","by_user":true,"resources":["vm-1"]}"#;
    let json = ["content-type: application/json"];
    let line = "POST /_emulator/scheduled-events";
    let made = send(&emulator, line, &json, order).await;
    assert_eq!(made.status, 201, "{made:?}");
    let event = &events(&emulator).await["Events"][0];
    assert_eq!(event["EventId"], made.text("event_id"));
    assert_eq!(
        (&event["EventType"], &event["EventSource"]),
        (&json!("Redeploy"), &json!("User"))
    );
    for order in [
        "",
        "{}",
        r#"{"event_type":"Explode"}"#,
        r#"{"event_type":"Freeze","x":1}"#,
    ] {
        let refused = send(&emulator, line, &json, order).await;
        assert_eq!(refused.status, 400, "{order}");
    }
    let line = "DELETE /_emulator/scheduled-events";
    assert_eq!(send(&emulator, line, &[], "").await.status, 204);
    assert_eq!(events(&emulator).await["Events"], json!([]));
}
