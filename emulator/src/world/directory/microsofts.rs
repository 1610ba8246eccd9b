//! Microsoft's own clients as applications of the directory.

use std::sync::LazyLock;

use uuid::Uuid;

use crate::world::config::{App, RedirectUris};
use crate::world::first_party::CLIENTS;

/// The client with this id, as an application without a home.
pub(super) fn client(id: Uuid) -> Option<&'static App> {
    APPS.iter().find(|app| app.client_id == id)
}

static APPS: LazyLock<Vec<App>> = LazyLock::new(|| {
    let app = |(id, name, _): &(Uuid, &str, bool)| App {
        name: (*name).to_owned(),
        client_id: *id,
        public: true,
        redirect_uris: RedirectUris {
            native: [
                "http://localhost",
                "https://login.microsoftonline.com/common/oauth2/nativeclient",
                "urn:ietf:wg:oauth:2.0:oob",
            ]
            .map(str::to_owned)
            .to_vec(),
            ..RedirectUris::default()
        },
        access_token_version: 1,
        ..App::default()
    };
    CLIENTS.iter().map(app).collect()
});
