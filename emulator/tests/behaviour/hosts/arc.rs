//! The Azure Arc agent.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::{NOBODY, Program, USER_A, USER_A_OBJECT, VAULT, ends_with};
use crate::support::{Answer, builder};

const VERSION: (&str, &str) = ("api-version", "2020-06-01");

/// A server whose key files lie in a folder.
async fn server() -> (Program, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let emulator = builder().arc_keys(folder.path()).start().await.unwrap();
    (Program::of(emulator, "arc"), folder)
}

async fn ask(server: &Program, headers: &[&str], query: &[(&str, &str)]) -> Answer {
    let headers = [&["Metadata: true"], headers].concat();
    server.get("IDENTITY_ENDPOINT", &headers, query).await
}

/// What stands in the file that a challenge names.
fn key(answer: &Answer, folder: &Path) -> String {
    let challenge = answer.header("www-authenticate").unwrap();
    let path = challenge.strip_prefix("Basic realm=").unwrap();
    let name = path.strip_prefix("/var/opt/azcmagent/tokens/").unwrap();
    assert!(name.ends_with(".key"));
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// Meets the challenge.
async fn proven(server: &Program, folder: &TempDir, query: &[(&str, &str)]) -> Answer {
    let challenge = ask(server, &[], query).await;
    assert_eq!(challenge.status, 401, "{challenge:?}");
    let key = format!("Authorization: Basic {}", key(&challenge, folder.path()));
    ask(server, &[&key], query).await
}

#[tokio::test]
pub(crate) async fn who_can_read_the_key_file_gets_a_token() {
    let (server, folder) = server().await;
    let answer = proven(&server, &folder, &[VERSION, VAULT]).await;
    let claims = server.claims(&answer).await;
    assert!(ends_with(&claims, "/machines/server-basic"), "{claims}");
    let body = answer.json();
    assert!(
        body.as_object()
            .unwrap()
            .values()
            .all(serde_json::Value::is_string)
    );
    assert_eq!(answer.text("expires_on"), claims["exp"].to_string());
}

#[tokio::test]
async fn a_key_that_is_wrong_or_old_leads_to_another_challenge() {
    let (server, folder) = server().await;
    server.emulator.clock().freeze();
    let challenge = ask(&server, &[], &[VERSION, VAULT]).await;
    let good = key(&challenge, folder.path());
    assert_eq!(good.len(), 128);
    for header in [
        "Authorization: Basic guessed".to_owned(),
        format!("Authorization: Bearer {good}"),
        format!("Authorization: Basic {}", &good[1..]),
        "Authorization: Basic ".to_owned(),
    ] {
        let answer = ask(&server, &[&header], &[VERSION, VAULT]).await;
        assert_eq!(answer.status, 401);
        assert!(answer.header("www-authenticate").is_some());
    }
    let good = format!("Authorization: Basic {good}");
    assert_eq!(ask(&server, &[&good], &[VERSION, VAULT]).await.status, 200);
    server.emulator.clock().advance(Duration::from_secs(3600));
    assert_eq!(ask(&server, &[&good], &[VERSION, VAULT]).await.status, 401);
}

#[tokio::test]
async fn an_identity_that_is_named_is_repeated() {
    let (server, folder) = server().await;
    for selector in [("client_id", USER_A), ("object_id", USER_A_OBJECT)] {
        let answer = proven(&server, &folder, &[VERSION, VAULT, selector]).await;
        assert_eq!(answer.text(selector.0), selector.1);
        assert_eq!(server.claims(&answer).await["appid"], USER_A);
    }
    let stranger = [VERSION, VAULT, ("client_id", NOBODY)];
    let answer = proven(&server, &folder, &stranger).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.text("error_description"), "Identity not found");
    // A name the agent does not know is as good as none.
    let ignored = [VERSION, VAULT, ("mi_res_id", "/subscriptions/x")];
    assert_eq!(proven(&server, &folder, &ignored).await.status, 200);
}

#[tokio::test]
async fn manners_versions_and_resources_come_before_the_challenge() {
    let (server, folder) = server().await;
    let bare = server
        .get("IDENTITY_ENDPOINT", &[], &[VERSION, VAULT])
        .await;
    assert_eq!(
        bare.text("error_description"),
        "Required metadata header not specified"
    );
    let old = ("api-version", "2018-02-01");
    for query in [&[VAULT][..], &[old, VAULT], &[VERSION]] {
        assert_eq!(ask(&server, &[], query).await.status, 400, "{query:?}");
    }
    let older = ("api-version", "2019-11-01");
    assert_eq!(ask(&server, &[], &[older, VAULT]).await.status, 401);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_file_can_be_larger_than_clients_read_and_lie_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = identity_emulator::World::basic();
    world.hosts.arc.key_size = 4097;
    world.hosts.arc.key_folder = folder.path().display().to_string();
    let emulator = builder().world(world).arc_keys(folder.path()).start().await;
    let server = Program::of(emulator.unwrap(), "arc");
    let answer = ask(&server, &[], &[VERSION, VAULT]).await;
    let path = answer.header("www-authenticate").unwrap();
    let path = path.strip_prefix("Basic realm=").unwrap();
    assert_eq!(std::fs::metadata(path).unwrap().len(), 4097);
}

#[tokio::test]
async fn without_a_folder_the_challenge_says_why_it_cannot_be_met() {
    let server = Program::on("arc").await;
    let answer = ask(&server, &[], &[VERSION, VAULT]).await;
    assert_eq!(answer.status, 401);
    assert!(
        answer.text("error_description").contains("no folder"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn key_files_go_with_the_emulator() {
    let (server, folder) = server().await;
    ask(&server, &[], &[VERSION, VAULT]).await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    server.emulator.stop().await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
