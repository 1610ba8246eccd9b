//! Azure Machine Learning.

use super::{NOBODY, Program, USER_A, VAULT, ends_with};
use crate::support::Answer;

const VERSION: (&str, &str) = ("api-version", "2017-09-01");

async fn ask(compute: &Program, query: &[(&str, &str)]) -> Answer {
    let proof = format!("secret: {}", compute.variable("MSI_SECRET"));
    compute.get("MSI_ENDPOINT", &[&proof], query).await
}

#[tokio::test]
pub(crate) async fn a_compute_has_a_default_identity() {
    let compute = Program::on("azure-ml").await;
    let default = compute.variable("DEFAULT_IDENTITY_CLIENT_ID").to_owned();
    for query in [
        &[VERSION, VAULT][..],
        &[VERSION, VAULT, ("clientid", &default)],
        // As Go says that it knows none.
        &[VERSION, VAULT, ("clientid", "")],
    ] {
        let answer = ask(&compute, query).await;
        let claims = compute.claims(&answer).await;
        assert!(ends_with(&claims, "/computes/compute-basic"), "{claims}");
        assert_eq!(claims["appid"].as_str().unwrap(), default);
        assert_eq!(answer.text("expires_on"), claims["exp"].to_string());
    }
}

#[tokio::test]
async fn others_go_by_client_id_alone() {
    let compute = Program::on("azure-ml").await;
    let named = ask(&compute, &[VERSION, VAULT, ("clientid", USER_A)]).await;
    assert_eq!(compute.claims(&named).await["appid"], USER_A);
    let ignored = ask(&compute, &[VERSION, VAULT, ("client_id", USER_A)]).await;
    assert_ne!(compute.claims(&ignored).await["appid"], USER_A);
    let stranger = ask(&compute, &[VERSION, VAULT, ("clientid", NOBODY)]).await;
    assert_eq!(stranger.status, 400);
    assert!(stranger.text("message").contains("ClientId"));
}

#[tokio::test]
async fn the_secret_the_version_and_a_resource_are_needed() {
    let compute = Program::on("azure-ml").await;
    let bare = compute
        .get("MSI_ENDPOINT", &["Metadata: true"], &[VERSION, VAULT])
        .await;
    assert_eq!(bare.status, 401);
    assert_eq!(ask(&compute, &[VAULT]).await.status, 400);
    assert_eq!(ask(&compute, &[VERSION]).await.status, 400);
    let resource = ("resource", "https://nowhere.example");
    let unknown = ask(&compute, &[VERSION, resource]).await;
    assert!(
        unknown.text("message").contains("AADSTS500011"),
        "{unknown:?}"
    );
}
