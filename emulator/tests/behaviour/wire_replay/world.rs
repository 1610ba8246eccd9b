//! The world `basic` with the few permissions the recordings need besides.

use identity_emulator::{Emulator, World};
use tempfile::TempDir;

use super::super::support::builder;

/// An emulator, and where the key files of its Azure Arc host lie.
pub(super) struct Place {
    pub(super) emulator: Emulator,
    pub(super) keys: TempDir,
}

pub(super) async fn start() -> Place {
    let keys = tempfile::tempdir().unwrap();
    let builder = builder().world(world()).arc_keys(keys.path());
    let emulator = builder.start().await.unwrap();
    Place { emulator, keys }
}

fn world() -> World {
    let mut world = World::basic();
    let daemon = world
        .apps
        .iter()
        .find(|app| app.name == "daemon")
        .unwrap()
        .clone();
    // On-behalf-of with a certificate and with a federated token: the API has both, as the daemon.
    for app in world.apps.iter_mut().filter(|app| app.name == "orders-api") {
        app.certificates.clone_from(&daemon.certificates);
        app.federated_credentials
            .clone_from(&daemon.federated_credentials);
    }
    let pattern = world.consents[0].clone();
    for (client, resource, scope) in [
        ("portal", "https://vault.azure.net", "user_impersonation"),
        (
            "portal",
            "https://management.azure.com",
            "user_impersonation",
        ),
        ("portal", "https://graph.microsoft.com", "User.Read"),
        (
            "orders-api",
            "https://vault.azure.net",
            "user_impersonation",
        ),
        (
            "orders-api",
            "https://management.azure.com",
            "user_impersonation",
        ),
        ("spa", "orders-api", "Orders.Read"),
        ("spa", "ledger-api", "Ledger.Read"),
    ] {
        let mut consent = pattern.clone();
        client.clone_into(&mut consent.client);
        resource.clone_into(&mut consent.resource);
        consent.scopes = vec![scope.to_owned()];
        consent.user = None;
        world.consents.push(consent);
    }
    world
}
