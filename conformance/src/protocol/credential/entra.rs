//! Credentials for Entra ID.

use serde::{Deserialize, Serialize};

use crate::protocol::is_false;

/// The members of all credentials for Entra ID together; [`Credential::check`] knows which of them
/// each kind takes.
///
/// [`Credential::check`]: super::Credential::check
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entra {
    /// Tenant, by id or domain.
    pub tenant_id: String,
    /// Application id.
    pub client_id: String,
    /// PEM file with the certificate, its chain and its private key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_path: Option<String>,
    /// Whether assertions carry the certificate, to be trusted by its name and issuer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub send_certificate_chain: bool,
    /// The application's secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// The assertion the caller's function returns, every time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion: Option<String>,
    /// Token of the user, made for the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_assertion: Option<String>,
    /// Authorization code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Redirect URI the code came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// Name of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The user's password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Service connection of a job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_connection_id: Option<String>,
    /// The job's own token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_access_token: Option<String>,
    /// Name the sign-in page is to suggest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// How long a user is waited for, in seconds (capability `option.timeout`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<u32>,
    /// Tenants besides its own that it may be asked for; `*` is all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additionally_allowed_tenants: Vec<String>,
    /// The address of the authority, for example `https://127.0.0.1:41233`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// PEM file with the certificate authority to trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// Always true in a run: the emulator's address is in no library's list of clouds.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disable_instance_discovery: bool,
}

impl std::fmt::Debug for Entra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entra")
            .field("tenant_id", &self.tenant_id)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl Entra {
    /// The members that are secret.
    pub fn secrets(&self) -> impl Iterator<Item = &String> {
        [
            &self.client_secret,
            &self.assertion,
            &self.user_assertion,
            &self.code,
            &self.password,
            &self.system_access_token,
        ]
        .into_iter()
        .flatten()
    }

    /// Checks the members for a credential of this kind, as
    /// [`Credential::check`](super::Credential::check) does.
    pub(super) fn check(&self, kind: &str) -> Result<(), String> {
        let (needs, takes) = members(kind);
        for (name, there) in self.special() {
            if there && !needs.contains(&name) && !takes.contains(&name) {
                return Err(format!("a `{kind}` credential takes no `{name}`"));
            }
            if !there && needs.contains(&name) {
                return Err(format!("a `{kind}` credential needs `{name}`"));
            }
        }
        Ok(())
    }

    /// The members that not every kind takes, by name, and whether they are there.
    fn special(&self) -> [(&'static str, bool); 13] {
        [
            ("certificate_path", self.certificate_path.is_some()),
            ("send_certificate_chain", self.send_certificate_chain),
            ("client_secret", self.client_secret.is_some()),
            ("assertion", self.assertion.is_some()),
            ("user_assertion", self.user_assertion.is_some()),
            ("code", self.code.is_some()),
            ("redirect_uri", self.redirect_uri.is_some()),
            ("username", self.username.is_some()),
            ("password", self.password.is_some()),
            (
                "service_connection_id",
                self.service_connection_id.is_some(),
            ),
            ("system_access_token", self.system_access_token.is_some()),
            ("login_hint", self.login_hint.is_some()),
            ("timeout_s", self.timeout_s.is_some()),
        ]
    }
}

/// The special members a kind needs, and those it may have besides.
fn members(kind: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        "client_secret" => (&["client_secret"], &[]),
        "client_certificate" => (&["certificate_path"], &["send_certificate_chain"]),
        "client_assertion" => (&["assertion"], &[]),
        "on_behalf_of" => (
            &["user_assertion"],
            &["client_secret", "certificate_path", "assertion"],
        ),
        "authorization_code" => (&["code", "redirect_uri"], &["client_secret"]),
        "device_code" => (&[], &["timeout_s"]),
        "interactive_browser" => (&[], &["login_hint", "timeout_s"]),
        "username_password" => (&["username", "password"], &[]),
        "azure_pipelines" => (&["service_connection_id", "system_access_token"], &[]),
        _ => (&[], &[]),
    }
}
