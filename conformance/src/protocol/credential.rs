//! Credentials as cases and drivers know them.

mod entra;
mod local;

use serde::{Deserialize, Serialize};

pub use self::entra::Entra;
pub use self::local::{DeveloperCache, Tool, Workload};
use super::is_false;

/// How to build a credential. `authority`, `ca_file` and `disable_instance_discovery` are filled
/// in by the harness; everything else comes from the case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Credential {
    /// An application with a secret.
    ClientSecret(Box<Entra>),
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
    /// The credential that the environment variables describe.
    Environment {
        /// See [`Entra`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ca_file: Option<String>,
        /// See [`Entra`].
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
        /// See [`Entra`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ca_file: Option<String>,
        /// See [`Entra`].
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
    /// The account that is signed in to the Azure CLI.
    AzureCli(Box<Tool>),
    /// The account that is signed in to the Azure Developer CLI.
    AzureDeveloperCli(Box<Tool>),
    /// The account that is signed in to Azure PowerShell.
    #[serde(rename = "azure_powershell")]
    AzurePowerShell(Box<Tool>),
    /// The user who is signed in to developer tools that share their tokens.
    SharedTokenCache(Box<DeveloperCache>),
    /// The user who is signed in to Azure in Visual Studio Code.
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
            Self::ClientSecret(_) => "ClientSecret(..)",
            Self::ManagedIdentity { .. } => "ManagedIdentity(..)",
            Self::Environment { .. } => "Environment",
            Self::Default { .. } => "Default",
            Self::Chained { credentials } => return write!(f, "Chained{credentials:?}"),
            other => return write!(f, "{}(..)", other.kind()),
        })
    }
}

impl Credential {
    /// The word on the wire and in cases, which is that of the capability too.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ClientSecret(_) => "client_secret",
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

    /// The members of a credential for Entra ID.
    pub fn entra(&self) -> Option<&Entra> {
        match self {
            Self::ClientSecret(entra)
            | Self::ClientCertificate(entra)
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

    /// The members of a credential for Entra ID, to change them.
    pub fn entra_mut(&mut self) -> Option<&mut Entra> {
        match self {
            Self::ClientSecret(entra)
            | Self::ClientCertificate(entra)
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

    /// PEM file with the certificate authority to trust; for a chain, that of its first member with
    /// one.
    pub fn ca_file(&self) -> Option<&str> {
        match self {
            Self::Environment { ca_file, .. } | Self::Default { ca_file, .. } => ca_file.as_deref(),
            Self::WorkloadIdentity(workload) => workload.ca_file.as_deref(),
            Self::SharedTokenCache(cache) | Self::VisualStudioCode(cache) => {
                cache.ca_file.as_deref()
            }
            Self::Chained { credentials } => credentials.iter().find_map(Self::ca_file),
            other => other.entra()?.ca_file.as_deref(),
        }
    }

    /// Checks that it has all members its kind needs and none that its kind does not take.
    ///
    /// # Errors
    /// A sentence that names the kind and the member.
    pub fn check(&self) -> Result<(), String> {
        if let Self::Chained { credentials } = self {
            return credentials.iter().try_for_each(Self::check);
        }
        let entra = self.entra();
        entra.map_or(Ok(()), |entra| entra.check(self.kind()))
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
        assert!(with("client_secret", r#","client_secret":"s""#).is_ok());
        assert!(with("client_secret", "").is_err());
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
    fn the_members_of_a_chain_are_checked_too() {
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
