//! The world `basic` with the few permissions the recordings need besides.

use identity_emulator::{Emulator, World};

use super::super::support::builder;

pub(super) async fn start() -> Emulator {
    builder().world(world()).start().await.unwrap()
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
