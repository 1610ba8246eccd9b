//! Memory does not grow with time: days of use on the virtual clock, and what is kept of them.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode};

use super::Emulator;
use crate::exchange::request::Listener;
use crate::service::app::EmulatorService;
use crate::world::config::World;

/// Counts the records for later requests, by their kind.
fn kept(emulator: &Emulator) -> BTreeMap<&'static str, usize> {
    let state = &emulator.state;
    let snapshot = state.snapshot(state.clock().now());
    let stores = &snapshot.stores;
    BTreeMap::from([
        ("authorization codes", stores.codes.len()),
        ("device codes", stores.device_codes.len()),
        ("sessions", stores.sessions.len()),
        ("sign-ins under way", stores.flows.len()),
        ("revocations", stores.revocations.len()),
        ("requests that may be a loop", stores.loops.len()),
        ("tokens of managed identities", state.managed_tokens().len()),
        ("key files of Azure Arc", state.arc_keys().len()),
        ("entries of the journal", state.journal().entries().len()),
        ("sandboxes", state.sandboxes().ids().len() + 1),
        ("consents", state.directory().world().consents.len()),
    ])
}

async fn ask(app: &EmulatorService, method: &str, path: &str, body: &str) -> StatusCode {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost")
        .header("metadata", "true")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body.to_owned()))
        .unwrap();
    let by = Listener {
        scheme: "https",
        ..Listener::LOCAL
    };
    app.answer(request, &by).await.status()
}

/// An hour in which everything is used that leaves something behind.
async fn an_hour(emulator: &Emulator, app: &EmulatorService) {
    const DESKTOP: &str = "bbbbbbbb-0000-4000-8000-000000000006";
    let hour = emulator.clock().now().unix_timestamp();
    let path = "contoso.example/oauth2/v2.0";
    let authorize = format!(
        "https://localhost/{path}/authorize?client_id={DESKTOP}&response_type=code\
         &redirect_uri=http://localhost&scope=openid%20offline_access%20User.Read"
    );
    for user in ["alice@contoso.example", "mfa@contoso.example"] {
        emulator.sign_in(&authorize, user).await.unwrap();
        emulator.revoke_sign_ins(user).unwrap();
    }
    let device = format!("client_id={DESKTOP}&scope=openid");
    let status = ask(app, "POST", &format!("/{path}/devicecode"), &device).await;
    assert_eq!(status, StatusCode::OK);
    let resource = format!("resource=https://account{hour}.blob.core.windows.net");
    let token = format!("/metadata/identity/oauth2/token?api-version=2018-02-01&{resource}");
    assert_eq!(ask(app, "GET", &token, "").await, StatusCode::OK);
    let cli = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
    let password = "username=bob@contoso.example&password=bob-password-for-tests-only";
    let form = format!("grant_type=password&client_id={cli}&{password}&{resource}");
    let v1 = "/contoso.example/oauth2/token";
    assert_eq!(ask(app, "POST", v1, &form).await, StatusCode::OK);
    let challenge =
        format!("/arc/metadata/identity/oauth2/token?api-version=2020-06-01&{resource}");
    assert_eq!(
        ask(app, "GET", &challenge, "").await,
        StatusCode::UNAUTHORIZED
    );
    drop(emulator.sandbox(&World::basic()).unwrap());
    emulator.clock().advance(Duration::from_secs(3600));
}

#[tokio::test]
async fn what_waits_for_an_answer_is_small() {
    let emulator = Emulator::builder().start().await.unwrap();
    let app = EmulatorService::new(emulator.state.clone(), None);
    let request = Request::new(Body::empty());
    let answer = app.answer(request, &Listener::LOCAL);
    // It is moved several times before it begins.
    let bytes = size_of_val(&answer);
    assert!(bytes < 4096, "{bytes}");
}

#[tokio::test]
async fn after_six_days_as_much_is_kept_as_after_three() {
    let folder = tempfile::tempdir().unwrap();
    let world = World {
        loop_limit: Some(1),
        ..World::basic()
    };
    let builder = Emulator::builder()
        .world(world)
        .journal_limit(100)
        .arc_keys(folder.path());
    let emulator = builder.start().await.unwrap();
    let app = EmulatorService::new(emulator.state.clone(), None);
    emulator.clock().freeze();
    let mut kept_then = Vec::new();
    for _ in 0..2 {
        for _ in 0..3 * 24 {
            an_hour(&emulator, &app).await;
        }
        kept_then.push(kept(&emulator));
    }
    assert_eq!(kept_then[0], kept_then[1]);
    let nothing = kept_then[0].iter().filter(|(_, count)| **count == 0);
    assert_eq!(nothing.count(), 0, "something was not used: {kept_then:?}");
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, kept_then[0]["key files of Azure Arc"]);
}
