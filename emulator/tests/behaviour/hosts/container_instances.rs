//! Container Instances.

use super::{Program, ends_with};
use crate::support::{Answer, builder, send};
use identity_emulator::World;

const PATH: &str = "/container-instances/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net";

async fn ask(group: &Program, more: &str) -> Answer {
    let line = format!("GET {PATH}{more}");
    send(&group.emulator, &line, &["Metadata: true"], "").await
}

#[tokio::test]
pub(crate) async fn a_container_group_has_a_metadata_service_and_misleading_variables() {
    let group = Program::on("container-instances").await;
    assert!(!group.environment.contains_key("IDENTITY_ENDPOINT"));
    assert!(!group.variable("IDENTITY_HEADER").is_empty());
    assert_eq!(group.variable("IDENTITY_SERVER_THUMBPRINT").len(), 40);
    let base = group.variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    assert_eq!(
        base,
        format!("{}/container-instances", group.emulator.http())
    );
    let claims = group.claims(&ask(&group, "").await).await;
    assert!(
        ends_with(&claims, "/containerGroups/group-basic"),
        "{claims}"
    );
}

#[tokio::test]
async fn a_group_without_a_default_identity_says_so() {
    let mut world = World::basic();
    world.hosts.container_instances.identities = vec!["user-a".to_owned(), "user-b".to_owned()];
    let emulator = builder().world(world).start().await.unwrap();
    let group = Program::of(emulator, "container-instances");
    let answer = ask(&group, "").await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.json()["error"]["code"], "DefaultIdentityNotDefined");
    let named = ask(&group, "&client_id=cccccccc-0000-4000-8000-000000000002").await;
    assert_eq!(named.status, 200);
    assert_eq!(ask(&group, "&client_id=x").await.status, 400);
}
