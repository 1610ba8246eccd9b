//! Microsoft's own public clients, which tools sign in as.

use uuid::{Uuid, uuid};

pub(crate) fn is_client(id: Uuid) -> bool {
    CLIENTS.iter().any(|(client, ..)| *client == id)
}

/// Whether its refresh tokens are good for the whole family (`foci`).
pub(crate) fn is_family(id: Uuid) -> bool {
    let mut known = CLIENTS.iter();
    known.any(|(client, _, family)| *client == id && *family)
}

/// Whether it may have what its users agree to, and not only what it was given beforehand.
pub(super) fn asks_users(id: Uuid) -> bool {
    id == GRAPH_TOOLS
}

const GRAPH_TOOLS: Uuid = uuid!("14d82eec-204b-4c2f-b7e8-296a70dab67e");

/// Id, name, whether it belongs to the family.
pub(crate) const CLIENTS: &[(Uuid, &str, bool)] = &[
    (
        uuid!("04b07795-8ddb-461a-bbee-02f9e1bf7b46"),
        "Microsoft Azure CLI",
        true,
    ),
    (
        uuid!("1950a258-227b-4e31-a9cf-717495945fc2"),
        "Microsoft Azure PowerShell",
        true,
    ),
    (
        uuid!("872cd9fa-d31f-45e0-9eab-6e460a02d1f1"),
        "Visual Studio",
        true,
    ),
    (
        uuid!("aebc6443-996d-45c2-90f0-388ff96faa56"),
        "Visual Studio Code",
        true,
    ),
    (
        uuid!("1fec8e78-bce4-4aaf-ab1b-5451cc387264"),
        "Microsoft Teams",
        true,
    ),
    (
        uuid!("d3590ed6-52b3-4102-aeff-aad2292ab01c"),
        "Microsoft Office",
        true,
    ),
    (
        uuid!("ab9b8c07-8f02-4f72-87fa-80105867a763"),
        "OneDrive SyncEngine",
        true,
    ),
    (GRAPH_TOOLS, "Microsoft Graph Command Line Tools", false),
];
