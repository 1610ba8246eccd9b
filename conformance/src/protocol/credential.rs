//! Credentials as cases and drivers know them.

mod local;

use serde::{Deserialize, Serialize};

pub use self::local::{DeveloperCache, Tool, Workload};
use super::is_false;

/// How to build a credential. `authority`, `ca_file` and `disable_instance_discovery` are filled
/// in by the harness; everything else comes from the case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Credential {
    /// An application with a secret.
    ClientSecret {
        /// Tenant, by id or domain.
        tenant_id: String,
        /// Application id.
        client_id: String,
        /// Its secret.
        client_secret: String,
        /// Tenants besides its own that it may be asked for; `*` is all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        additionally_allowed_tenants: Vec<String>,
        /// Where the authority is, for example `https://127.0.0.1:41233`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        authority: Option<String>,
        /// PEM file with the certificate authority to trust.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ca_file: Option<String>,
        /// Always true in a run: the emulator's address is in no library's list of clouds.
        #[serde(default, skip_serializing_if = "is_false")]
        disable_instance_discovery: bool,
    },
    /// A managed identity: the system-assigned one, or the one named.
    ManagedIdentity {
        /// User-assigned, by client id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
        /// User-assigned, by object id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        object_id: Option<String>,
        /// User-assigned, by Azure resource id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resource_id: Option<String>,
    },
    /// Whatever the environment variables say.
    Environment {
        /// See `ClientSecret`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ca_file: Option<String>,
        /// See `ClientSecret`.
        #[serde(default, skip_serializing_if = "is_false")]
        disable_instance_discovery: bool,
    },
    /// The library's default chain.
    Default {
        /// Members left out, by name (capability `option.exclude`).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        exclude: Vec<String>,
        /// Whether `AZURE_TOKEN_CREDENTIALS` has to be set (capability `option.require_envvar`).
        #[serde(default, skip_serializing_if = "is_false")]
        require_envvar: bool,
        /// See `ClientSecret`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ca_file: Option<String>,
        /// See `ClientSecret`.
        #[serde(default, skip_serializing_if = "is_false")]
        disable_instance_discovery: bool,
    },
    /// An application with a certificate.
    ClientCertificate(Box<Entra>),
    /// An application with a signed assertion that the caller brings.
    ClientAssertion(Box<Entra>),
    /// An application that acts for the user whose token it was sent.
    OnBehalfOf(Box<Entra>),
    /// A sign-in that has happened; the application redeems its code.
    AuthorizationCode(Box<Entra>),
    /// A user who signs in on another device.
    DeviceCode(Box<Entra>),
    /// A user who signs in in a browser.
    InteractiveBrowser(Box<Entra>),
    /// A user whose password the application knows.
    UsernamePassword(Box<Entra>),
    /// A job of Azure Pipelines.
    AzurePipelines(Box<Entra>),
    /// A workload of Kubernetes.
    WorkloadIdentity(Box<Workload>),
    /// Whoever is signed in to the Azure CLI.
    AzureCli(Box<Tool>),
    /// Whoever is signed in to the Azure Developer CLI.
    AzureDeveloperCli(Box<Tool>),
    /// Whoever is signed in to Azure PowerShell.
    #[serde(rename = "azure_powershell")]
    AzurePowerShell(Box<Tool>),
    /// Whoever is signed in to developer tools that share their tokens.
    SharedTokenCache(Box<DeveloperCache>),
    /// Whoever is signed in to Azure in Visual Studio Code.
    VisualStudioCode(Box<DeveloperCache>),
    /// A chain of the given credentials, in this order.
    Chained {
        /// Its members.
        credentials: Vec<Self>,
    },
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ClientSecret { .. } => "ClientSecret(..)",
            Self::ManagedIdentity { .. } => "ManagedIdentity(..)",
            Self::Environment { .. } => "Environment",
            Self::Default { .. } => "Default",
            Self::Chained { credentials } => return write!(f, "Chained{credentials:?}"),
            other => return write!(f, "{}(..)", other.kind()),
        })
    }
}

/// What the credentials for Entra ID have between them; [`Credential::check`] says which of it
/// each takes.
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
    /// See [`Credential::ClientSecret`], as the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additionally_allowed_tenants: Vec<String>,
    /// Where the authority is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// PEM file with the certificate authority to trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// Always true in a run.
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

    /// What must not be told to anybody.
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
}

impl Credential {
    /// The word on the wire and in cases, which is that of the capability too.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ClientSecret { .. } => "client_secret",
            Self::ManagedIdentity { .. } => "managed_identity",
            Self::Environment { .. } => "environment",
            Self::Default { .. } => "default",
            Self::Chained { .. } => "chained",
            Self::ClientCertificate(_) => "client_certificate",
            Self::ClientAssertion(_) => "client_assertion",
            Self::OnBehalfOf(_) => "on_behalf_of",
            Self::AuthorizationCode(_) => "authorization_code",
            Self::DeviceCode(_) => "device_code",
            Self::InteractiveBrowser(_) => "interactive_browser",
            Self::UsernamePassword(_) => "username_password",
            Self::AzurePipelines(_) => "azure_pipelines",
            Self::WorkloadIdentity(_) => "workload_identity",
            Self::AzureCli(_) => "azure_cli",
            Self::AzureDeveloperCli(_) => "azure_developer_cli",
            Self::AzurePowerShell(_) => "azure_powershell",
            Self::SharedTokenCache(_) => "shared_token_cache",
            Self::VisualStudioCode(_) => "visual_studio_code",
        }
    }

    /// What a credential for Entra ID, other than with a secret, is made of.
    pub fn entra(&self) -> Option<&Entra> {
        match self {
            Self::ClientCertificate(entra)
            | Self::ClientAssertion(entra)
            | Self::OnBehalfOf(entra)
            | Self::AuthorizationCode(entra)
            | Self::DeviceCode(entra)
            | Self::InteractiveBrowser(entra)
            | Self::UsernamePassword(entra)
            | Self::AzurePipelines(entra) => Some(entra),
            _ => None,
        }
    }

    /// As [`Credential::entra`], to change it.
    pub fn entra_mut(&mut self) -> Option<&mut Entra> {
        match self {
            Self::ClientCertificate(entra)
            | Self::ClientAssertion(entra)
            | Self::OnBehalfOf(entra)
            | Self::AuthorizationCode(entra)
            | Self::DeviceCode(entra)
            | Self::InteractiveBrowser(entra)
            | Self::UsernamePassword(entra)
            | Self::AzurePipelines(entra) => Some(entra),
            _ => None,
        }
    }

    /// PEM file with the certificate authority to trust; of a chain, that of a member.
    pub fn ca_file(&self) -> Option<&str> {
        match self {
            Self::ClientSecret { ca_file, .. }
            | Self::Environment { ca_file, .. }
            | Self::Default { ca_file, .. } => ca_file.as_deref(),
            Self::WorkloadIdentity(workload) => workload.ca_file.as_deref(),
            Self::SharedTokenCache(cache) | Self::VisualStudioCode(cache) => {
                cache.ca_file.as_deref()
            }
            Self::Chained { credentials } => credentials.iter().find_map(Self::ca_file),
            other => other.entra()?.ca_file.as_deref(),
        }
    }

    /// Whether it has what its kind needs and nothing that its kind does not take.
    ///
    /// # Errors
    /// A sentence that names the kind and the member.
    pub fn check(&self) -> Result<(), String> {
        if let Self::Chained { credentials } = self {
            return credentials.iter().try_for_each(Self::check);
        }
        let (kind, Some(entra)) = (self.kind(), self.entra()) else {
            return Ok(());
        };
        let (needs, takes) = members(kind);
        for (name, there) in entra.special() {
            if there && !needs.contains(&name) && !takes.contains(&name) {
                return Err(format!("a `{kind}` credential takes no `{name}`"));
            }
            if !there && needs.contains(&name) {
                return Err(format!("a `{kind}` credential needs `{name}`"));
            }
        }
        Ok(())
    }
}

/// The special members a kind needs, and those it may have besides.
fn members(kind: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(), String> {
        let credential: Credential = serde_json::from_str(text).map_err(|e| e.to_string())?;
        credential.check()
    }

    #[test]
    fn a_kind_takes_its_own_members_and_no_others() {
        let with = |kind: &str, rest: &str| {
            read(&format!(
                r#"{{"kind":"{kind}","tenant_id":"t","client_id":"c"{rest}}}"#
            ))
        };
        assert!(with("device_code", "").is_ok());
        assert!(with("client_assertion", r#","assertion":"a""#).is_ok());
        let missing = with("client_certificate", "").unwrap_err();
        assert_eq!(
            missing,
            "a `client_certificate` credential needs `certificate_path`"
        );
        let stray = with("device_code", r#","password":"p""#).unwrap_err();
        assert_eq!(stray, "a `device_code` credential takes no `password`");
        let unknown = with("device_code", r#","pasword":"p""#).unwrap_err();
        assert!(unknown.contains("pasword"), "{unknown}");
        let hint = with("device_code", r#","login_hint":"h""#).unwrap_err();
        assert_eq!(hint, "a `device_code` credential takes no `login_hint`");
        assert!(with("device_code", r#","timeout_s":1"#).is_ok());
        assert!(with("client_assertion", r#","assertion":"a","timeout_s":1"#).is_err());
        assert!(with("interactive_browser", r#","login_hint":"h","timeout_s":1"#).is_ok());
    }

    #[test]
    fn so_it_is_in_a_chain() {
        let chain = |member: &str| {
            read(&format!(
                r#"{{"kind":"chained","credentials":[{{"kind":"environment"}},{member}]}}"#
            ))
        };
        let member = r#"{"kind":"device_code","tenant_id":"t","client_id":"c"}"#;
        assert!(chain(member).is_ok());
        let stray = member.replace("device_code", "client_assertion");
        assert_eq!(
            chain(&stray).unwrap_err(),
            "a `client_assertion` credential needs `assertion`"
        );
    }
}
