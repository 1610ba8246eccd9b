//! The metadata service beyond tokens.

pub(crate) mod attested;
pub(crate) mod events;

use identity_emulator::{Emulator, World};
use serde_json::json;

use crate::support::{Answer, CONTOSO, builder, get, send, start};

const VERSION: &str = "api-version=2021-02-01";

async fn ask(emulator: &Emulator, path: &str) -> Answer {
    let line = format!("GET /metadata/{path}");
    send(emulator, &line, &["Metadata: true"], "").await
}

#[tokio::test]
pub(crate) async fn the_document_has_the_machine_and_its_network() {
    let emulator = start().await;
    let answer = ask(&emulator, &format!("instance?{VERSION}")).await;
    assert_eq!(answer.members(), ["compute", "network"]);
    let compute = &answer.json()["compute"];
    assert_eq!(compute["name"], "vm-basic");
    assert_eq!(compute["azEnvironment"], "AzurePublicCloud");
    assert!(answer.header("server").unwrap().starts_with("IMDS/"));
    // Where MSAL looks for the region.
    let part = ask(&emulator, &format!("instance/compute?{VERSION}")).await;
    assert_eq!(part.json()["location"], "westus2");
}

#[tokio::test]
async fn a_part_is_found_by_path_and_position_in_any_case() {
    let emulator = start().await;
    for (path, wanted) in [
        ("compute/location", "westus2"),
        ("Compute/VmSize/", "Standard_D2s_v5"),
        ("compute/tagsList/1/value", "basic"),
        (
            "network/interface/0/ipv4/ipAddress/0/privateIpAddress",
            "10.1.0.4",
        ),
        ("compute/customData", ""),
    ] {
        let answer = ask(&emulator, &format!("instance/{path}?{VERSION}&format=text")).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, wanted),
            "{path}"
        );
        assert!(
            answer
                .header("content-type")
                .unwrap()
                .starts_with("text/plain")
        );
    }
    for path in [
        "compute/nothing",
        "network/interface/1",
        "compute/location/more",
        "x",
    ] {
        let answer = ask(&emulator, &format!("instance/{path}?{VERSION}")).await;
        assert_eq!(answer.status, 404, "{path}");
    }
}

#[tokio::test]
async fn text_lists_what_there_is_and_single_values_are_there_as_text_only() {
    let emulator = start().await;
    let answer = ask(&emulator, &format!("instance?{VERSION}&format=text")).await;
    assert_eq!(answer.body, "compute/\nnetwork/");
    let list = ask(
        &emulator,
        &format!("instance/compute/tagsList?{VERSION}&format=text"),
    )
    .await;
    assert_eq!(list.body, "0/\n1/");
    let element = ask(
        &emulator,
        &format!("instance/compute/tagsList/0?{VERSION}&format=text"),
    )
    .await;
    assert_eq!(element.body, "name\nvalue");
    let leaf = ask(&emulator, &format!("instance/compute/location?{VERSION}")).await;
    assert_eq!(leaf.status, 400);
    let form = ask(&emulator, &format!("instance?{VERSION}&format=xml")).await;
    assert_eq!(form.status, 400);
}

#[tokio::test]
async fn the_world_says_what_the_machine_is_like() {
    let mut world = World::basic();
    world.hosts.imds.instance = json!({ "compute": { "location": "westeurope" } });
    let emulator = builder().world(world).start().await.unwrap();
    let path = format!("instance/compute/location?{VERSION}&format=text");
    assert_eq!(ask(&emulator, &path).await.body, "westeurope");
}

#[tokio::test]
async fn every_page_asks_for_manners_and_a_version() {
    let emulator = start().await;
    for path in [
        "instance",
        "instance/compute",
        "identity/info",
        "attested/document",
        "scheduledevents",
        "versions",
    ] {
        let bare = get(&emulator, &format!("/metadata/{path}?{VERSION}")).await;
        let text = bare.text("error_description");
        assert_eq!(
            (bare.status, text.as_str()),
            (400, "Required metadata header not specified")
        );
        let line = format!("GET /metadata/{path}?{VERSION}");
        let headers = ["Metadata: true", "X-Forwarded-For: 10.0.0.1"];
        assert_eq!(
            send(&emulator, &line, &headers, "").await.status,
            400,
            "{path}"
        );
        let line = format!("DELETE /metadata/{path}?{VERSION}");
        let wrong = send(&emulator, &line, &["Metadata: true"], "").await;
        assert_eq!(wrong.status, 405, "{path}");
        let unversioned = ask(&emulator, path).await;
        if path == "versions" {
            assert_eq!(unversioned.status, 200);
            continue;
        }
        assert_eq!(unversioned.status, 400, "{path}");
        assert_eq!(
            unversioned.members(),
            ["error", "newest-versions"],
            "{path}"
        );
    }
}

#[tokio::test]
pub(crate) async fn the_tenant_of_the_identities_and_the_versions_are_told() {
    let emulator = start().await;
    let info = ask(&emulator, "identity/info?api-version=2018-02-01").await;
    assert_eq!(info.json(), json!({ "tenantId": CONTOSO }));
    let versions = ask(&emulator, "versions").await.json();
    let versions = versions["apiVersions"].as_array().unwrap();
    assert_eq!((versions.len(), &versions[0]), (35, &json!("2017-03-01")));
}
