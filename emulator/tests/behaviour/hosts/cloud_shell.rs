//! Cloud Shell.

use super::{Program, VAULT};
use crate::support::{ALICE, Answer, builder, encoded, send};
use identity_emulator::World;

const FORM: &str = "content-type: application/x-www-form-urlencoded";

async fn ask(shell: &Program, headers: &[&str], form: &[(&str, &str)]) -> Answer {
    let url = url::Url::parse(shell.variable("MSI_ENDPOINT")).unwrap();
    let headers = [&[FORM], headers].concat();
    let line = format!("POST {}", url.path());
    send(&shell.emulator, &line, &headers, &encoded(form)).await
}

#[tokio::test]
pub(crate) async fn the_shell_gives_its_users_token() {
    let shell = Program::on("cloud-shell").await;
    let answer = ask(&shell, &["Metadata: true"], &[VAULT]).await;
    let claims = shell.claims(&answer).await;
    assert_eq!(claims["upn"], ALICE);
    assert_eq!(claims["scp"], "user_impersonation");
    assert_eq!(claims["idtyp"], "user");
    assert!(claims.get("xms_mirid").is_none());
    let body = answer.json();
    assert!(
        body.as_object()
            .unwrap()
            .values()
            .all(serde_json::Value::is_string)
    );
    assert_eq!(answer.text("expires_on"), claims["exp"].to_string());
    // Java asks so.
    let get = shell
        .get("MSI_ENDPOINT", &["Metadata: true"], &[VAULT])
        .await;
    assert_eq!(get.text("access_token"), answer.text("access_token"));
}

#[tokio::test]
async fn other_audiences_are_refused_with_those_there_are() {
    let shell = Program::on("cloud-shell").await;
    let form = [("resource", "api://orders")];
    let answer = ask(&shell, &["Metadata: true"], &form).await;
    let error = &answer.json()["error"];
    assert_eq!(
        (answer.status, &error["code"]),
        (400, &"AudienceNotSupported".into())
    );
    let start = "Audience api://orders is not a supported MSI token audience.Supported \
                 audiences:https://management.core.windows.net/,";
    assert!(
        error["message"].as_str().unwrap().starts_with(start),
        "{error}"
    );
}

#[tokio::test]
async fn the_header_a_resource_and_a_user_are_needed() {
    let shell = Program::on("cloud-shell").await;
    assert_eq!(ask(&shell, &[], &[VAULT]).await.status, 400);
    assert_eq!(ask(&shell, &["Metadata: true"], &[]).await.status, 400);
    let mut world = World::basic();
    world.hosts.cloud_shell.user = None;
    let emulator = builder().world(world).start().await.unwrap();
    let nobodys = Program::of(emulator, "cloud-shell");
    assert_eq!(
        ask(&nobodys, &["Metadata: true"], &[VAULT]).await.status,
        401
    );
}
