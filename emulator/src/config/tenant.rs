//! Tenants of a world.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use super::moment::start_of_2020;

/// One directory.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// How applications and identities refer to it.
    pub name: String,
    /// Its name in error texts; default: `name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Its id.
    pub id: Uuid,
    /// Verified domains, any of which may stand for the id in a URL.
    #[serde(default)]
    pub domains: Vec<String>,
    /// `tenant_region_scope` of its discovery document; default "NA".
    #[serde(default = "north_america")]
    pub region: String,
    /// When it was made (claim `xms_tcdt`); default 2020-01-01.
    #[serde(default = "start_of_2020", with = "super::moment")]
    pub created: OffsetDateTime,
}

fn north_america() -> String {
    "NA".to_owned()
}
