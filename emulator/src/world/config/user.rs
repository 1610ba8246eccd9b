//! Users of a world, what they may do and what was consented to.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::base::secret::Secret;

/// One person's account.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// User principal name, by which everything refers to the user; its domain is one of the
    /// tenant's.
    pub upn: String,
    /// Name of the home tenant.
    pub tenant: String,
    /// Object id at home; default: derived from the name, as the ids as a guest are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<Uuid>,
    /// The password; without one AADSTS50056.
    #[serde(
        default,
        serialize_with = "Secret::exposed_if_any",
        skip_serializing_if = "Option::is_none"
    )]
    pub password: Option<Secret>,
    /// Claim `name`; default: the name before the `@`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Claim `given_name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Claim `family_name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Claim `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// Further verified addresses; claim `verified_secondary_email`.
    #[serde(default)]
    pub other_mails: Vec<String>,
    /// Two letters; claim `ctry`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Such as `en-us`; claim `xms_pl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// A disabled user gets AADSTS50057.
    #[serde(default)]
    pub disabled: bool,
    /// The right password gets AADSTS50055, and what was got with it before AADSTS50132.
    #[serde(default)]
    pub password_expired: bool,
    /// Any password gets AADSTS50053.
    #[serde(default)]
    pub locked: bool,
    /// Policies ask for a second factor: without one AADSTS50076, or 50079 with `mfa_not_enrolled`.
    #[serde(default)]
    pub mfa_required: bool,
    /// Whether the user has no second factor yet.
    #[serde(default)]
    pub mfa_not_enrolled: bool,
    /// Seconds for which policies take a second factor: AADSTS50078 after that; default: however
    /// old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_factor_lasts_s: Option<u32>,
    /// A policy refuses tokens altogether: AADSTS53003, after the right password.
    #[serde(default)]
    pub blocked: bool,
    /// The number of the error that a policy refuses tokens with instead, such as 53000 for a
    /// device that does not comply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_with: Option<u32>,
    /// Seconds after which a policy wants the user to sign in again: AADSTS70043 for refresh
    /// tokens, and sessions of the browser end; default: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in_frequency_s: Option<u32>,
    /// Refresh tokens made before this are revoked: AADSTS50173.
    #[serde(
        default,
        with = "crate::base::moment::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub tokens_valid_from: Option<OffsetDateTime>,
    /// Object ids of the groups the user is in.
    #[serde(default)]
    pub groups: Vec<Uuid>,
    /// Template ids of directory roles (`wids`).
    #[serde(default)]
    pub wids: Vec<Uuid>,
    /// Names of tenants that have the user as a guest.
    #[serde(default)]
    pub guest_in: Vec<String>,
    /// App roles given to the user (`[[user.assignment]]`).
    #[serde(default, rename = "assignment")]
    pub assignments: Vec<Assignment>,
}

impl User {
    /// The error of a policy that [blocks](Self::blocked).
    pub(crate) const BLOCKED: u32 = 53003;
    /// The errors a policy may [refuse with](Self::refused_with).
    pub(in crate::world) const REFUSALS: &[u32] = &[
        50005,
        50074,
        50097,
        50131,
        50158,
        53000,
        53001,
        53002,
        Self::BLOCKED,
        53004,
        53005,
        53011,
        530002,
        530003,
        530032,
        530035,
    ];
}

/// The assignment of a user to an application.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// Name of the application.
    pub app: String,
    /// Roles it defines; empty: assigned without a role.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// Delegated permissions that somebody has agreed to.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Name of the client, or its id if it is Microsoft's own.
    pub client: String,
    /// Name of the application that exposes them, or a name of one of Microsoft's resources.
    pub resource: String,
    /// Their values.
    pub scopes: Vec<String>,
    /// Name of the tenant it counts in; default: the client's home, or every tenant for a client
    /// of Microsoft's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The user who agreed; default: an administrator, for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// Somebody else's token service, played by the emulator, for federated credentials.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// How it is found under `/issuers/{name}`.
    pub name: String,
    /// `iss` of its tokens, such as `https://token.actions.githubusercontent.com`.
    pub url: String,
}
