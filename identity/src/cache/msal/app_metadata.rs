//! Applications, as far as the token service has told about them.

use super::entry::Entry;
use super::record::{Kind, Record};

/// An application, and the family whose refresh tokens it shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AppMetadata {
    pub(crate) client_id: String,
    pub(crate) environment: String,
    /// `None` when the token service has answered the application and named no family.
    pub(crate) family_id: Option<String>,
}

impl Record for AppMetadata {
    const KIND: Kind = Kind::AppMetadata;

    /// The key, the only one that MSAL does not put into lower case.
    fn key(&self) -> String {
        format!("appmetadata-{}-{}", self.environment, self.client_id)
    }

    fn read(entry: &Entry) -> Option<Self> {
        Some(Self {
            client_id: entry.text("client_id")?.to_owned(),
            environment: entry.text("environment")?.to_owned(),
            family_id: entry.text("family_id").map(str::to_owned),
        })
    }

    fn write(&self, entry: &mut Entry) {
        entry.set("client_id", self.client_id.clone());
        entry.set("environment", self.environment.clone());
        entry.set_or_remove("family_id", self.family_id.clone());
    }
}
