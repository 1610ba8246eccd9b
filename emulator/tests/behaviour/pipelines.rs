//! Azure Pipelines: tokens for service connections, and who gets none.

use identity_emulator::Emulator;
use serde_json::{Value, json};

use crate::support::{Answer, get, of_issuer, present, send, start, verified};

const PATH: &str = "/pipelines/contoso/project/_apis/distributedtask/hubs/build/plans\
    /11111111-1111-4111-8111-111111111111/jobs/22222222-2222-4222-8222-222222222222/oidctoken";
const CONNECTION: &str = "dddddddd-0000-4000-8000-000000000003";
const JOB: &str = "authorization: Bearer system-access-token-for-tests-only";
const SUPPRESS: &str = "x-tfs-fedauthredirect: Suppress";

async fn ask(emulator: &Emulator, query: &str, headers: &[&str]) -> Answer {
    send(emulator, &format!("POST {PATH}?{query}"), headers, "").await
}

fn usual() -> String {
    format!("api-version=7.1&serviceConnectionId={CONNECTION}")
}

#[tokio::test]
pub(crate) async fn a_job_gets_a_token_of_its_service_connection_that_proves_the_application() {
    let emulator = start().await;
    let json = "content-type: application/json";
    let answer = ask(&emulator, &usual(), &[JOB, SUPPRESS, json]).await;
    assert_eq!(answer.members(), ["oidcToken"]);
    let token = answer.text("oidcToken");
    let (header, claims) = of_issuer(&emulator, "pipelines", &token).await;
    assert!(header["x5t"].is_string(), "{header}");
    let names: Vec<_> = claims.as_object().unwrap().keys().collect();
    assert_eq!(names, ["jti", "sub", "aud", "iss", "nbf", "exp", "iat"]);
    assert_eq!(claims["sub"], "sc://contoso/project/connection");
    assert_eq!(claims["aud"], "api://AzureADTokenExchange");
    let moment = |name: &str| claims[name].as_i64().unwrap();
    assert_eq!(moment("exp") - moment("iat"), 600);
    assert_eq!(moment("iat") - moment("nbf"), 600);
    let answer = present(&emulator, &token).await;
    let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
    assert_eq!(claims["appidacr"], "2");
}

#[tokio::test]
async fn without_a_connection_the_token_is_about_the_pipeline() {
    let emulator = start().await;
    let answer = ask(&emulator, "api-version=7.1-preview.1", &[JOB]).await;
    let (_, claims) = of_issuer(&emulator, "pipelines", &answer.text("oidcToken")).await;
    assert_eq!(claims["sub"], "p://contoso/project/deploy");
    assert_eq!(claims["rpo_ref"], "refs/heads/main");
    assert_eq!(claims["rpo_ver"].as_str().unwrap().len(), 40);
    for name in ["org_id", "prj_id", "def_id", "rpo_id", "rpo_uri", "run_id"] {
        assert!(claims[name].is_string(), "{name}: {claims}");
    }
}

#[tokio::test]
async fn a_stranger_who_suppresses_redirects_is_refused_with_a_status() {
    let emulator = start().await;
    for token in [
        "authorization: Bearer other",
        "accept: */*",
        "authorization: Basic OnBhdA==",
    ] {
        let answer = ask(&emulator, &usual(), &[token, SUPPRESS]).await;
        assert_eq!(answer.status, 401, "{token}");
        assert_eq!(answer.json()["typeKey"], "UnauthorizedRequestException");
        assert_eq!(
            answer
                .head
                .to_lowercase()
                .matches("www-authenticate:")
                .count(),
            3
        );
        assert_eq!(answer.header("x-vss-e2eid").map(str::len), Some(36));
        assert!(
            answer
                .header("x-msedge-ref")
                .unwrap()
                .starts_with("Ref A: ")
        );
    }
}

#[tokio::test]
pub(crate) async fn a_stranger_who_follows_redirects_ends_on_a_page() {
    let emulator = start().await;
    let nobody = ask(&emulator, &usual(), &[]).await;
    assert_eq!(nobody.status, 302);
    assert!(
        nobody.body.contains("<h2>Object moved to <a href="),
        "{}",
        nobody.body
    );
    let place = nobody.header("location").unwrap();
    assert!(
        place.contains("realm=dev.azure.com&reply_to=http"),
        "{place}"
    );
    let page = get(&emulator, place.strip_prefix(emulator.http()).unwrap()).await;
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let wrong = ask(&emulator, &usual(), &["authorization: Bearer other"]).await;
    assert_eq!(wrong.status, 203);
    assert!(wrong.body.contains("Sign In"), "{}", wrong.body);
    assert_eq!(get(&emulator, "/pipelines/_signin").await.status, 200);
}

#[tokio::test]
async fn the_token_of_a_job_counts_only_in_its_project() {
    let emulator = start().await;
    let elsewhere = PATH.replace("/project/", "/other/");
    let line = format!("POST {elsewhere}?{}", usual());
    assert_eq!(
        send(&emulator, &line, &[JOB, SUPPRESS], "").await.status,
        401
    );
    let line = format!(
        "POST {}?{}",
        PATH.replace("/contoso/", "/CONTOSO/"),
        usual()
    );
    assert_eq!(
        send(&emulator, &line, &[JOB, SUPPRESS], "").await.status,
        200
    );
}

#[tokio::test]
async fn method_version_and_connection_are_refused_in_the_words_of_the_service() {
    let emulator = start().await;
    let line = format!("GET {PATH}?{}", usual());
    let answer = send(&emulator, &line, &[JOB], "").await;
    let text = "The requested resource does not support http method 'GET'.";
    assert_eq!(
        (answer.status, &answer.json()["value"]["Message"]),
        (405, &json!(text))
    );
    let answer = ask(&emulator, "serviceConnectionId=x", &[JOB]).await;
    assert_eq!(
        (answer.status, answer.text("typeKey")),
        (400, "VssVersionNotSpecifiedException".to_owned())
    );
    let answer = ask(&emulator, "api-version=9.9", &[JOB]).await;
    assert_eq!(
        (answer.status, answer.text("typeKey")),
        (400, "VssVersionOutOfRangeException".to_owned())
    );
    let accept = "accept: application/json; api-version=7.1-preview.1";
    assert_eq!(ask(&emulator, "", &[JOB, accept]).await.status, 200);
    let unknown = "api-version=7.1&serviceConnectionId=dddddddd-0000-4000-8000-0000000000ff";
    let answer = ask(&emulator, unknown, &[JOB]).await;
    let text = answer.text("value");
    assert_eq!(answer.status, 404);
    assert_eq!(answer.json()["count"], text.len());
    assert!(
        text.contains("no explicit reference to service connection dddddddd"),
        "{text}"
    );
}

#[tokio::test]
async fn the_environment_of_a_pipeline_leads_there() {
    let emulator = start().await;
    let environment = emulator.pipeline_environment("deploy").unwrap();
    let value = |name: &str| {
        let found = environment.iter().find(|(key, _)| *key == name);
        found.unwrap().1.clone()
    };
    assert_eq!(value("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"), CONNECTION);
    assert_eq!(value("AZURESUBSCRIPTION_CLIENT_ID"), crate::support::DAEMON);
    assert_eq!(
        value("AZURESUBSCRIPTION_TENANT_ID"),
        crate::support::CONTOSO
    );
    assert_eq!(value("AZURE_AUTHORITY_HOST"), emulator.https());
    let uri = value("SYSTEM_OIDCREQUESTURI");
    let path = uri.strip_prefix(emulator.https()).unwrap();
    let bearer = format!("authorization: Bearer {}", value("SYSTEM_ACCESSTOKEN"));
    let line = format!("POST {path}?{}", usual());
    assert_eq!(send(&emulator, &line, &[&bearer], "").await.status, 200);
    assert!(emulator.pipeline_environment("nothing").is_err());
}

#[tokio::test]
async fn neither_access_token_nor_answer_is_in_the_journal() {
    let emulator = start().await;
    let answer = ask(&emulator, &usual(), &[JOB, SUPPRESS]).await;
    let token = answer.text("oidcToken");
    let entries = emulator.journal().of("pipelines.oidc_token");
    let text = serde_json::to_string(&entries).unwrap();
    assert!(
        !text.contains("system-access-token") && !text.contains(&token),
        "{text}"
    );
    assert_eq!(entries[0].issued[0].kind, "oidc_token");
    let body: Value = serde_json::from_str(&entries[0].reply_body).unwrap();
    assert_eq!(body["oidcToken"], "***");
}
