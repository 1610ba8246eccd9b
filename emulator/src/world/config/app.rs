//! Application registrations of a world.

mod credential;
mod permission;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use credential::{AppCertificate, AppSecret, FederatedCredential, TrustedSubject};
pub use permission::{Permission, Preauthorized, RoleGrant, Scope};

/// One application registration with its service principals.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// How grants and consents refer to it, and its name in error texts and on pages.
    pub name: String,
    /// Name of its home tenant.
    pub tenant: String,
    /// Names of further tenants that have a service principal of it.
    #[serde(default)]
    pub also_in: Vec<String>,
    /// Its application (client) id.
    pub client_id: Uuid,
    /// Object id of its service principal at home; default: derived from the client id, as the
    /// ids of its other service principals are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<Uuid>,
    /// A disabled application gets AADSTS7000112, and who asks for it as a resource AADSTS50001.
    #[serde(default)]
    pub disabled: bool,
    /// Whether it may act as a public client: without proof of itself, with a password or a device
    /// code. One without any credential may present none; with credentials it is both at once.
    #[serde(default)]
    pub public: bool,
    /// Whether personal accounts may use it too. The emulator has none: at `/consumers` such an
    /// application has a sign-in page that lets nobody in (AADSTS500208), every other
    /// AADSTS9002332.
    #[serde(default)]
    pub personal_accounts: bool,
    /// Regional hosts refuse it as any but Microsoft's own: AADSTS100007, unless it sends its
    /// certificate along (`x5c`).
    #[serde(default)]
    pub regional_denied: bool,
    /// The addresses that sign-ins may come back to, by platform (`redirect_uris = { web = [..], ..
    /// }`).
    #[serde(default)]
    pub redirect_uris: RedirectUris,
    /// Tokens that `/authorize` may answer with (`implicit = { id_token = true, .. }`).
    #[serde(default)]
    pub implicit: Implicit,
    /// The address by which the browser tells it that its user signed out (front channel).
    #[serde(default)]
    pub logout_url: Option<String>,
    /// Client secrets (`[[app.secret]]`).
    #[serde(default, rename = "secret")]
    pub secrets: Vec<AppSecret>,
    /// Certificates it may sign assertions with (`[[app.certificate]]`).
    #[serde(default, rename = "certificate")]
    pub certificates: Vec<AppCertificate>,
    /// Subject names it may use any certificate of (`[[app.trusted_subject]]`).
    #[serde(default, rename = "trusted_subject")]
    pub trusted_subjects: Vec<TrustedSubject>,
    /// Tokens of other issuers it may present (`[[app.federated_credential]]`).
    #[serde(default, rename = "federated_credential")]
    pub federated_credentials: Vec<FederatedCredential>,
    /// Names by which it can be asked for as a resource; its client id always works.
    #[serde(default)]
    pub identifier_uris: Vec<String>,
    /// Version of the access tokens made for it as a resource: 1 (default) or 2.
    #[serde(default = "version_one")]
    pub access_token_version: u8,
    /// Delegated permissions it exposes (`[[app.scope]]`).
    #[serde(default, rename = "scope")]
    pub scopes: Vec<Scope>,
    /// App roles it defines, for applications and for users.
    #[serde(default)]
    pub roles: Vec<String>,
    /// App roles of other applications granted to it (`[[app.grant]]`).
    #[serde(default, rename = "grant")]
    pub grants: Vec<RoleGrant>,
    /// Delegated permissions it says it needs (`[[app.permission]]`): what `/.default` asks a user
    /// to consent to.
    #[serde(default, rename = "permission")]
    pub permissions: Vec<Permission>,
    /// Clients that need no consent for permissions of this application
    /// (`[[app.preauthorized]]`).
    #[serde(default, rename = "preauthorized")]
    pub preauthorized: Vec<Preauthorized>,
    /// Claims beyond the usual ones (`optional_claims = { access_token = [..], id_token = [..] }`).
    #[serde(default)]
    pub optional_claims: OptionalClaims,
    /// The memberships of a user that its tokens name; default none.
    #[serde(default)]
    pub group_claims: GroupClaims,
    /// Only users assigned to it may sign in, only applications with a role may ask for it.
    #[serde(default)]
    pub assignment_required: bool,
    /// A policy asks for a second factor of whoever wants tokens for it: AADSTS50076.
    #[serde(default)]
    pub mfa_required: bool,
    /// It may not pass its callers on to other APIs: AADSTS7000114.
    #[serde(default)]
    pub on_behalf_of_denied: bool,
    /// As a resource it takes part in continuous access evaluation: clients that handle that get
    /// tokens for 28 hours.
    #[serde(default)]
    pub continuous_access_evaluation: bool,
    /// As a resource it wants tokens bound to a client certificate, which the emulator does not
    /// make: AADSTS50171.
    #[serde(default)]
    pub mutual_tls_only: bool,
    /// Seconds after which its refresh tokens end however often they are used: AADSTS700081;
    /// default: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token_max_age_s: Option<u32>,
}

/// Redirect URIs by platform; the platform decides how a code may be redeemed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct RedirectUris {
    /// Web applications: the client proves itself.
    pub web: Vec<String>,
    /// Single-page applications: redeemed by script from another origin, with PKCE.
    pub spa: Vec<String>,
    /// Mobile and desktop applications: public clients. `http://localhost` stands for any port.
    pub native: Vec<String>,
}

/// The tokens that an application may have straight from `/authorize`, without a code.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Implicit {
    /// ID tokens (`response_type=id_token`, `code id_token`); without it AADSTS700054.
    pub id_token: bool,
    /// Access tokens (`id_token token`, `token`); without it AADSTS700051.
    pub access_token: bool,
}

/// Optional claims of tokens, by their names; a property follows a full stop, as in
/// `idtyp.include_user_token` or `aud.use_guid`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct OptionalClaims {
    /// In access tokens made for the application as a resource.
    pub access_token: Vec<String>,
    /// In ID tokens made for it as a client.
    pub id_token: Vec<String>,
}

/// The memberships of a user that the tokens of an application name.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupClaims {
    /// None.
    #[default]
    None,
    /// Groups, in `groups`.
    SecurityGroup,
    /// Directory roles, in `wids`.
    DirectoryRole,
    /// Both.
    All,
}

fn version_one() -> u8 {
    1
}
