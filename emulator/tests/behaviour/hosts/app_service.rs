//! App Service by its two APIs, and the hosts that have its endpoint too.

use identity_emulator::World;
use serde_json::Value;

use super::{NOBODY, Program, USER_A, USER_A_OBJECT, VAULT, ends_with};
use crate::support::{Answer, builder};

const V2019: (&str, &str) = ("api-version", "2019-08-01");
const V2017: (&str, &str) = ("api-version", "2017-09-01");
const USER_A_RESOURCE: &str = "/subscriptions/dddddddd-0000-4000-8000-000000000001/resourcegroups/rg-basic/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-a";

async fn ask(app: &Program, query: &[(&str, &str)]) -> Answer {
    let proof = format!("X-IDENTITY-HEADER: {}", app.variable("IDENTITY_HEADER"));
    app.get("IDENTITY_ENDPOINT", &[&proof], query).await
}

async fn ask_2017(app: &Program, query: &[(&str, &str)]) -> Answer {
    let proof = format!("secret: {}", app.variable("MSI_SECRET"));
    app.get("MSI_ENDPOINT", &[&proof], query).await
}

/// Status and message of a refusal, whose shape is checked.
fn refusal(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.members(), ["statusCode", "message", "correlationId"]);
    assert_eq!(answer.json()["statusCode"], answer.status);
    (answer.status, answer.text("message"))
}

#[tokio::test]
pub(crate) async fn the_api_of_2019_says_when_a_token_ends_in_seconds() {
    for (host, resource) in [
        ("app-service", "/sites/app-basic"),
        ("functions", "/sites/functions-basic"),
        ("container-apps", "/containerApps/container-app-basic"),
    ] {
        let app = Program::on(host).await;
        let answer = ask(&app, &[V2019, VAULT]).await;
        let claims = app.claims(&answer).await;
        assert!(ends_with(&claims, resource), "{claims}");
        assert_eq!(
            answer.members(),
            [
                "access_token",
                "expires_on",
                "resource",
                "token_type",
                "client_id"
            ]
        );
        assert_eq!(answer.text("expires_on"), claims["exp"].to_string());
        let id = claims["appid"].as_str().unwrap().to_uppercase();
        assert_eq!(answer.text("client_id"), id);
    }
}

#[tokio::test]
async fn the_api_of_2017_says_it_as_people_do() {
    let app = Program::on("app-service-2017").await;
    let answer = ask_2017(&app, &[V2017, VAULT]).await;
    let end = app.claims(&answer).await["exp"].as_i64().unwrap();
    let end = time::OffsetDateTime::from_unix_timestamp(end).unwrap();
    let (hour, year) = (end.hour(), end.year());
    let date = answer.text("expires_on");
    assert!(date.ends_with(" +00:00"), "{date}");
    assert!(date.contains(&format!("/{year} {hour:02}:")), "{date}");
    // The header decides, whatever version is named beside it.
    let newer = ask_2017(&app, &[V2019, VAULT]).await;
    assert_eq!(newer.text("expires_on"), date);

    let mut world = World::basic();
    world.hosts.app_service.windows = true;
    let emulator = builder().world(world).start().await.unwrap();
    let app = Program::of(emulator, "app-service-2017");
    let date = ask_2017(&app, &[V2017, VAULT]).await.text("expires_on");
    assert!(date.ends_with("M +00:00"), "{date}");
}

#[tokio::test]
async fn identities_go_by_the_selectors_of_the_version() {
    let app = Program::on("app-service").await;
    for selector in [
        ("client_id", USER_A),
        ("principal_id", USER_A_OBJECT),
        ("object_id", USER_A_OBJECT),
        ("mi_res_id", USER_A_RESOURCE),
    ] {
        let claims = app
            .claims(&ask(&app, &[V2019, VAULT, selector]).await)
            .await;
        assert_eq!(claims["appid"], USER_A, "{selector:?}");
    }
    let old = ask_2017(&app, &[V2017, VAULT, ("clientid", USER_A)]).await;
    assert_eq!(app.claims(&old).await["appid"], USER_A);
    // One that the version does not know counts for nothing.
    let old = ask_2017(&app, &[V2017, VAULT, ("client_id", USER_A)]).await;
    assert_ne!(app.claims(&old).await["appid"], USER_A);
}

#[tokio::test]
async fn a_program_without_the_secret_is_turned_away_first() {
    let app = Program::on("app-service").await;
    for header in ["X-IDENTITY-HEADER: guessed", "Metadata: true", "secret: "] {
        let answer = app
            .get("IDENTITY_ENDPOINT", &[header], &[V2019, VAULT])
            .await;
        assert_eq!(refusal(&answer).0, 401, "{header}");
    }
    // Each host has its own.
    let functions = Program::on("functions").await;
    let proof = format!("X-IDENTITY-HEADER: {}", app.variable("IDENTITY_HEADER"));
    let answer = functions
        .get("IDENTITY_ENDPOINT", &[&proof], &[V2019, VAULT])
        .await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn refusals_are_those_of_app_service() {
    let app = Program::on("app-service").await;
    let unknown = refusal(&ask(&app, &[V2019, VAULT, ("client_id", NOBODY)]).await);
    assert_eq!(unknown.0, 400);
    assert!(
        unknown
            .1
            .starts_with("No User Assigned or Delegated Managed Identity found"),
        "{}",
        unknown.1
    );
    let resource = ("resource", "https://nowhere.example");
    let failed = refusal(&ask(&app, &[V2019, resource]).await);
    let spelled = "An unexpected error occured while fetching the AAD Token.";
    assert_eq!(failed, (500, spelled.to_owned()));
    assert_eq!(app.emulator.journal().entries()[1].error, Some(500_011));
    for query in [
        &[VAULT][..],
        &[("api-version", "2018-02-01"), VAULT],
        &[V2019],
    ] {
        assert_eq!(refusal(&ask(&app, query).await).0, 400, "{query:?}");
    }
}

#[tokio::test]
async fn a_token_is_kept_until_a_resource_has_refused_it() {
    let app = Program::on("app-service").await;
    let newest = ("api-version", "2025-03-30");
    let first = ask(&app, &[newest, VAULT]).await.text("access_token");
    let sha256 = app.emulator.journal().entries()[0].issued[0].sha256.clone();
    let again = ask(&app, &[newest, VAULT]).await.text("access_token");
    assert_eq!(again, first);
    let refused = [newest, VAULT, ("token_sha256_to_refresh", &sha256)];
    let second = ask(&app, &refused).await.text("access_token");
    assert_ne!(second, first);
    // Another program that has not heard of it yet gets the new one, and does not renew it again.
    assert_eq!(ask(&app, &refused).await.text("access_token"), second);
    let capable = ask(&app, &[newest, VAULT, ("xms_cc", "cp1")]).await;
    assert_eq!(
        app.claims(&capable).await["xms_cc"],
        Value::from(vec!["cp1"])
    );
}
