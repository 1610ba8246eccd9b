//! GitHub Actions: the tokens of a job about itself.

use identity_emulator::{Emulator, World};
use serde_json::json;

use crate::support::{Answer, builder, of_issuer, present, send, start};

const JOB: &str = "authorization: bearer workflow-request-token-for-tests-only";
const EXCHANGE: &str = "api://AzureADTokenExchange";

async fn ask(emulator: &Emulator, query: &str, headers: &[&str]) -> Answer {
    let line = format!("GET /actions/ci/idtoken?api-version=2.0{query}");
    send(emulator, &line, headers, "").await
}

#[tokio::test]
pub(crate) async fn a_job_gets_a_token_about_itself_that_proves_the_application() {
    let emulator = start().await;
    let answer = ask(&emulator, &format!("&audience={EXCHANGE}"), &[JOB]).await;
    let token = answer.text("value");
    assert_eq!(answer.json()["count"], token.len());
    let (header, claims) = of_issuer(&emulator, "github", &token).await;
    assert_eq!(
        (&header["typ"], &header["alg"]),
        (&json!("JWT"), &json!("RS256"))
    );
    assert_eq!(claims["sub"], "repo:contoso/app:ref:refs/heads/main");
    assert_eq!(claims["aud"], EXCHANGE);
    assert_eq!(claims["iss"], "https://token.actions.githubusercontent.com");
    assert_eq!(
        claims["job_workflow_ref"],
        "contoso/app/.github/workflows/ci.yml@refs/heads/main"
    );
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        300
    );
    assert_eq!(
        claims["iat"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap(),
        600
    );
    for name in [
        "run_id",
        "repository_id",
        "repository_owner_id",
        "actor_id",
        "sha",
        "event_name",
    ] {
        assert!(claims[name].is_string(), "{name}: {claims}");
    }
    assert!(claims.get("environment").is_none());
    assert_eq!(present(&emulator, &token).await.status, 200);
}

#[tokio::test]
async fn without_an_audience_the_token_is_for_the_owner_of_the_repository() {
    let emulator = start().await;
    let answer = ask(&emulator, "", &[JOB]).await;
    let (_, claims) = of_issuer(&emulator, "github", &answer.text("value")).await;
    assert_eq!(claims["aud"], "https://github.com/contoso");
    let refused = present(&emulator, &answer.text("value")).await;
    crate::support::assert_refused(&refused, "invalid_client", 700_212);
}

#[tokio::test]
async fn an_environment_changes_the_subject_and_so_whom_the_directory_lets_in() {
    let mut world = World::basic();
    world.workflows[0].environment = Some("production".to_owned());
    let emulator = builder().world(world).start().await.unwrap();
    let answer = ask(&emulator, &format!("&audience={EXCHANGE}"), &[JOB]).await;
    let (_, claims) = of_issuer(&emulator, "github", &answer.text("value")).await;
    assert_eq!(claims["sub"], "repo:contoso/app:environment:production");
    assert_eq!(claims["environment"], "production");
    let refused = present(&emulator, &answer.text("value")).await;
    crate::support::assert_refused(&refused, "invalid_client", 7_002_131);
}

#[tokio::test]
async fn whoever_is_not_the_job_gets_nothing() {
    let emulator = start().await;
    for header in ["authorization: bearer other", "accept: */*"] {
        assert_eq!(ask(&emulator, "", &[header]).await.status, 401, "{header}");
    }
    let unknown = send(&emulator, "GET /actions/other/idtoken", &[JOB], "").await;
    assert_eq!(unknown.status, 401);
    let post = send(&emulator, "POST /actions/ci/idtoken", &[JOB], "").await;
    assert_eq!(post.status, 405);
}

#[tokio::test]
async fn the_environment_of_a_workflow_leads_there() {
    let emulator = start().await;
    let environment = emulator.workflow_environment("ci").unwrap();
    let value = |name: &str| {
        let found = environment.iter().find(|(key, _)| *key == name);
        found.unwrap().1.clone()
    };
    assert_eq!(value("GITHUB_ACTIONS"), "true");
    assert_eq!(value("AZURE_CLIENT_ID"), crate::support::DAEMON);
    let url = format!(
        "{}&audience={EXCHANGE}",
        value("ACTIONS_ID_TOKEN_REQUEST_URL")
    );
    let path = url.strip_prefix(emulator.https()).unwrap();
    let bearer = format!(
        "authorization: bearer {}",
        value("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    );
    let answer = send(&emulator, &format!("GET {path}"), &[&bearer], "").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(emulator.workflow_environment("nothing").is_err());
    let journal = serde_json::to_string(&emulator.journal().entries()).unwrap();
    assert!(
        !journal.contains("workflow-request-token") && !journal.contains(&answer.text("value"))
    );
}
