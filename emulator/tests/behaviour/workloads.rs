//! Pods of a cluster: their token files, and what the tokens are good for.

use std::fs;
use std::time::Duration;

use identity_emulator::{ConfigError, World};
use serde_json::json;

use crate::support::{CONTOSO, DAEMON, assert_refused, builder, of_issuer, present, start};

#[tokio::test]
async fn a_workload_finds_its_token_and_its_environment() {
    let emulator = start().await;
    let folder = tempfile::tempdir().unwrap();
    let pod = emulator
        .project("daemon", folder.path().join("wi"))
        .await
        .unwrap();
    let file = pod.token_file().display().to_string();
    assert!(file.ends_with("wi/azure-identity-token"), "{file}");
    let wanted = [
        ("AZURE_CLIENT_ID", DAEMON.to_owned()),
        ("AZURE_TENANT_ID", CONTOSO.to_owned()),
        ("AZURE_AUTHORITY_HOST", format!("{}/", emulator.https())),
        ("AZURE_FEDERATED_TOKEN_FILE", file),
    ];
    assert_eq!(pod.environment(), wanted);
    let token = fs::read_to_string(pod.token_file()).unwrap();
    let (header, claims) = of_issuer(&emulator, "aks", &token).await;
    assert_eq!(header.as_object().unwrap().len(), 2, "{header}");
    assert_eq!(claims["sub"], "system:serviceaccount:default:daemon");
    assert_eq!(claims["aud"], json!(["api://AzureADTokenExchange"]));
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        3600
    );
    assert_eq!(claims["nbf"], claims["iat"]);
    let pod_claims = &claims["kubernetes.io"];
    assert_eq!(pod_claims["namespace"], "default");
    assert_eq!(pod_claims["serviceaccount"]["name"], "daemon");
    assert_eq!(present(&emulator, &token).await.status, 200);
}

#[tokio::test]
async fn the_file_is_rewritten_when_four_fifths_of_a_tokens_life_are_over() {
    let emulator = start().await;
    emulator.clock().freeze();
    let folder = tempfile::tempdir().unwrap();
    let pod = emulator.project("daemon", folder.path()).await.unwrap();
    let read = || fs::read_to_string(pod.token_file()).unwrap();
    let first = read();
    emulator.clock().advance(Duration::from_secs(2879));
    pod.settled().await;
    assert_eq!(read(), first);
    emulator.clock().advance(Duration::from_secs(1));
    pod.settled().await;
    let second = read();
    assert_ne!(second, first);
    emulator.clock().advance(Duration::from_secs(30 * 86_400));
    pod.settled().await;
    assert_refused(
        &present(&emulator, &second).await,
        "invalid_client",
        700_024,
    );
    assert_eq!(present(&emulator, &read()).await.status, 200);
}

#[tokio::test]
async fn a_clock_that_is_set_back_gets_a_token_that_is_valid_then() {
    let emulator = start().await;
    let folder = tempfile::tempdir().unwrap();
    let pod = emulator.project("daemon", folder.path()).await.unwrap();
    let early = emulator.clock().now() - Duration::from_secs(86_400);
    emulator.clock().freeze_at(early);
    pod.settled().await;
    let token = fs::read_to_string(pod.token_file()).unwrap();
    let (_, claims) = of_issuer(&emulator, "aks", &token).await;
    assert_eq!(claims["iat"], early.unix_timestamp());
}

#[tokio::test]
async fn what_is_not_there_cannot_be_projected() {
    let emulator = start().await;
    let folder = tempfile::tempdir().unwrap();
    let error = emulator.project("nobody", folder.path()).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no workload `nobody`");
    fs::write(folder.path().join("file"), "").unwrap();
    let error = emulator
        .project("daemon", folder.path().join("file/below"))
        .await;
    assert!(error.unwrap_err().to_string().contains("file/below"));
}

fn refused(change: impl FnOnce(&mut World)) -> String {
    let mut world = World::basic();
    change(&mut world);
    let text = toml_of(&world);
    let error: ConfigError = World::from_toml(&text, "world.toml").unwrap_err();
    error.to_string()
}

fn toml_of(world: &World) -> String {
    toml::to_string(world).unwrap()
}

#[tokio::test]
async fn a_world_that_names_what_is_not_there_is_refused_with_the_place() {
    let lifetime = refused(|world| world.workloads[0].token_lifetime_s = 60);
    assert!(
        lifetime.contains("workload `daemon`: token_lifetime_s"),
        "{lifetime}"
    );
    let issuer = refused(|world| world.workloads[0].issuer = "gke".to_owned());
    assert!(issuer.contains("the issuer `gke`"), "{issuer}");
    let account = refused(|world| world.workloads[0].service_account = "a:b".to_owned());
    assert!(
        account.contains("`a:b` is no name in Kubernetes"),
        "{account}"
    );
    let app = refused(|world| world.pipelines[0].service_connections[0].app = "x".to_owned());
    assert!(app.contains("pipeline `deploy` names the app `x`"), "{app}");
    let token = refused(|world| world.workflows[0].request_token = "a b".into());
    assert!(
        token.contains("request_token stands in a header"),
        "{token}"
    );
    let branch = refused(|world| world.workflows[0].git_ref = "main".to_owned());
    assert!(branch.contains("refs/heads/main"), "{branch}");
    let repository = refused(|world| world.workflows[0].repository = "app".to_owned());
    assert!(repository.contains("`owner/name`"), "{repository}");
}

#[tokio::test]
async fn a_workload_added_while_it_runs_can_be_projected() {
    let emulator = builder().start().await.unwrap();
    let added = emulator.directory().change(|world| {
        let mut workload = world.workloads[0].clone();
        workload.name = "late".to_owned();
        workload.namespace = "other".to_owned();
        world.workloads.push(workload);
    });
    added.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let pod = emulator.project("late", folder.path()).await.unwrap();
    let token = fs::read_to_string(pod.token_file()).unwrap();
    let (_, claims) = of_issuer(&emulator, "aks", &token).await;
    assert_eq!(claims["sub"], "system:serviceaccount:other:daemon");
    assert_refused(&present(&emulator, &token).await, "invalid_client", 700_213);
}
