//! The ready line: all that a program needs to use a running emulator.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::AppState;

/// The addresses of an emulator and an identity to sign in with: the ready line of the program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Base URL of the HTTPS listener, without a slash at the end.
    pub https: String,
    /// Base URL of the plain HTTP listener.
    pub http: String,
    /// Base URLs of all further listeners.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// File with the authority's certificate (PEM), if one was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The same certificate and all that this machine trusts (PEM), for programs that trust nothing
    /// but the file they are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_bundle: Option<PathBuf>,
    /// The certificates of `ca_bundle` as a trust store for Java (JKS, password `changeit`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_store: Option<PathBuf>,
    /// Home tenant of the default application.
    pub tenant_id: String,
    /// The default application of the world.
    pub client_id: String,
    /// Its secret; `None` where it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<ShownSecret>,
}

/// A client secret meant to be shown to whoever starts the emulator; `Debug` still hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShownSecret(String);

impl ShownSecret {
    /// The value.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ShownSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl AppState {
    /// Returns the addresses of the emulator, with the default application and its first secret.
    pub(crate) fn ready(&self) -> Ready {
        let directory = self.0.directory.load();
        let app = directory.world().showcase();
        let tenant = app.and_then(|app| directory.tenant_by_name(&app.tenant));
        let secret = app.and_then(|app| app.secrets.first());
        let addresses = &self.0.addresses;
        let trust = addresses.trust.as_ref();
        Ready {
            https: addresses.https().to_owned(),
            http: addresses.http().to_owned(),
            also: addresses.others().map(str::to_owned).collect(),
            ca_file: trust.map(|files| files.ca.clone()),
            ca_bundle: trust.map(|files| files.bundle.clone()),
            trust_store: trust.map(|files| files.java.clone()),
            tenant_id: tenant
                .map(|tenant| tenant.id.to_string())
                .unwrap_or_default(),
            client_id: app.map(|app| app.client_id.to_string()).unwrap_or_default(),
            client_secret: secret.map(|secret| ShownSecret(secret.value.expose().to_owned())),
        }
    }
}
