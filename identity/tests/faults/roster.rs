//! The matrix has every credential of the library.

use std::collections::BTreeSet;

use identity::{DefaultAzureCredential, DefaultAzureCredentialOptions};

use crate::programs;
use crate::scenes::SCENES;
use crate::stage::{Props, Stage};

fn tested() -> BTreeSet<&'static str> {
    let scenes = SCENES.iter().map(|scene| scene.credential);
    scenes.chain(programs::credentials()).collect()
}

#[test]
fn every_credential_of_the_library_has_its_faults() {
    // The crate exports what the room of credentials does.
    let files = [
        include_str!("../../src/lib.rs"),
        include_str!("../../src/credential.rs"),
    ];
    let exported = files
        .iter()
        .flat_map(|text| text.split("\npub use ").skip(1));
    let names = exported.flat_map(|list| list.split(|c: char| !c.is_ascii_alphanumeric()));
    let public: BTreeSet<_> = names
        .filter(|name| name.ends_with("Credential") && *name != "TokenCredential")
        .collect();
    assert!(public.len() > 15, "{public:?}");
    assert_eq!(tested(), public);
}

#[tokio::test]
async fn every_member_of_the_default_chain_has_its_faults() {
    let stage = Stage::new(&Props::new()).await;
    let mut options = stage.options(Vec::new());
    options.context.transport = std::sync::Arc::new(identity::context::NoTransport);
    let chain = DefaultAzureCredential::with_options(DefaultAzureCredentialOptions {
        options,
        ..Default::default()
    });
    let error = chain.unwrap().get_token(&["https://r/.default"]).await;
    let error = error.expect_err("nothing is there");
    let tested = tested();
    assert!(error.attempts().len() > 5, "{error}");
    for attempt in error.attempts() {
        assert!(tested.contains(attempt.name()), "{}", attempt.name());
    }
    stage.emulator.stop().await;
}
