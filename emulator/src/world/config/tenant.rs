//! Tenants of a world.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use url::Url;
use uuid::Uuid;

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
    /// Two letters; claim `tenant_ctry`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Such as `en`; claim `xms_tpl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The national cloud it is in: at a host of another cloud, or one of your own, AADSTS90038,
    /// and 900382 for confidential clients; default: whichever it is asked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<NationalCloud>,
    /// Whether people may send an administrator a request for consent: AADSTS90095 instead of
    /// 90094.
    #[serde(default)]
    pub admin_consent_requests: bool,
    /// When it was made (claim `xms_tcdt`); default 2020-01-01.
    #[serde(default = "start_of_2020", with = "crate::base::moment")]
    pub created: OffsetDateTime,
    /// Domains of it whose users sign in somewhere else (`[[tenant.federated_domain]]`).
    #[serde(default, rename = "federated_domain")]
    pub federated_domains: Vec<FederatedDomain>,
}

/// A cloud of Azure beside the public one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NationalCloud {
    /// `login.microsoftonline.us`.
    UsGovernment,
    /// `login.partner.microsoftonline.cn`.
    China,
}

/// A verified domain whose users prove themselves to another identity provider, such as AD FS.
///
/// The emulator says so wherever a client may ask, and sends browsers there; the other provider it
/// does not play, but for [`Instance::sign_in`](crate::Instance::sign_in), where the provider is
/// taken to vouch for the user.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FederatedDomain {
    /// One of the tenant's domains.
    pub domain: String,
    /// The name by which people know the provider (`FederationBrandName`); default: the domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// Its protocol; default "WSTrust".
    #[serde(default)]
    pub protocol: FederationProtocol,
    /// The address a browser is sent to for the sign-in, such as
    /// `https://sts.contoso.example/adfs/ls/`.
    pub sign_in_url: Url,
    /// The address of its endpoints for programs (`federation_metadata_url`); default:
    /// `/adfs/services/trust/mex` beside `sign_in_url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_url: Option<Url>,
    /// The address a program sends name and password to (`federation_active_auth_url`); default:
    /// `/adfs/services/trust/2005/usernamemixed` beside `sign_in_url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_url: Option<Url>,
    /// Whether passwords are synchronized and may be checked here, as the home realm discovery
    /// policy `AllowCloudPasswordValidation` has it: for the password grant only.
    #[serde(default)]
    pub cloud_passwords: bool,
}

/// The protocol of another identity provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum FederationProtocol {
    /// WS-Federation for browsers, WS-Trust for programs.
    #[default]
    #[serde(rename = "WSTrust")]
    WsTrust,
    /// SAML 2.0.
    #[serde(rename = "SAML20")]
    Saml20,
}

impl NationalCloud {
    /// As the service calls it (`cloud_instance_name`).
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::UsGovernment => "microsoftonline.us",
            Self::China => "partner.microsoftonline.cn",
        }
    }
}

impl FederatedDomain {
    /// Returns the name by which people know the provider.
    pub(crate) fn brand(&self) -> &str {
        self.brand.as_deref().unwrap_or(&self.domain)
    }

    /// Returns its own name in its tokens.
    pub(crate) fn issuer(&self) -> String {
        let host = self.sign_in_url.host_str().unwrap_or_default();
        format!("http://{host}/adfs/services/trust")
    }

    /// Returns the address of the provider's endpoints for programs.
    pub(crate) fn metadata_url(&self) -> Url {
        let own = self.metadata_url.clone();
        own.unwrap_or_else(|| self.beside("/adfs/services/trust/mex"))
    }

    /// Returns the address that a program sends name and password to.
    pub(crate) fn active_url(&self) -> Url {
        let own = self.active_url.clone();
        own.unwrap_or_else(|| self.beside("/adfs/services/trust/2005/usernamemixed"))
    }

    fn beside(&self, path: &str) -> Url {
        let mut url = self.sign_in_url.clone();
        url.set_path(path);
        url.set_query(None);
        url
    }
}

impl FederationProtocol {
    /// Its name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::WsTrust => "WSTrust",
            Self::Saml20 => "SAML20",
        }
    }
}

fn start_of_2020() -> OffsetDateTime {
    time::macros::datetime!(2020-01-01 0:00 UTC)
}

fn north_america() -> String {
    "NA".to_owned()
}
