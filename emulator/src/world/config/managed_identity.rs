//! Managed identities of a world and the hosts they are assigned to.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::base::secret::Secret;

/// One managed identity.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ManagedIdentity {
    /// How hosts refer to it.
    pub name: String,
    /// Whether it belongs to one machine or stands by itself.
    pub kind: IdentityKind,
    /// Name of its tenant.
    pub tenant: String,
    /// Its client id.
    pub client_id: Uuid,
    /// Object id of its service principal.
    pub object_id: Uuid,
    /// Azure resource id: of the machine (system-assigned) or of the identity (user-assigned).
    pub resource_id: String,
}

/// Kinds of managed identities.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// System-assigned.
    System,
    /// User-assigned.
    User,
}

/// The managed identity hosts of the world; a host without a table has no identity.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Hosts {
    /// Instance metadata service of a virtual machine (`[host.imds]`).
    #[serde(default)]
    pub imds: ImdsHost,
    /// App Service (`[host.app_service]`).
    #[serde(default)]
    pub app_service: AppServiceHost,
    /// Azure Functions (`[host.functions]`).
    #[serde(default)]
    pub functions: Host,
    /// Azure Container Apps (`[host.container_apps]`).
    #[serde(default)]
    pub container_apps: Host,
    /// Azure Container Instances (`[host.container_instances]`).
    #[serde(default)]
    pub container_instances: Host,
    /// A server outside Azure with the Azure Arc agent (`[host.arc]`).
    #[serde(default)]
    pub arc: ArcHost,
    /// A Service Fabric application (`[host.service_fabric]`).
    #[serde(default)]
    pub service_fabric: Host,
    /// Azure Cloud Shell (`[host.cloud_shell]`).
    #[serde(default)]
    pub cloud_shell: CloudShellHost,
    /// Azure Machine Learning compute (`[host.azure_ml]`).
    #[serde(default)]
    pub azure_ml: Host,
}

/// The identities that are assigned to one host.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Names of managed identities; at most one system-assigned.
    #[serde(default)]
    pub identities: Vec<String>,
    /// The secret a program has to send, where the host wants one; default
    /// `{host}-secret-for-tests-only`, such as `azure-ml-secret-for-tests-only`.
    #[serde(
        default,
        serialize_with = "Secret::exposed_if_any",
        skip_serializing_if = "Option::is_none"
    )]
    pub secret: Option<Secret>,
}

/// Instance metadata service of a virtual machine.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ImdsHost {
    /// Names of managed identities; at most one system-assigned.
    #[serde(default)]
    pub identities: Vec<String>,
    /// Members of the document at `/metadata/instance` that shall differ from the sample, such as
    /// `instance.compute.location = "westeurope"`.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub instance: Value,
}

/// App Service.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AppServiceHost {
    /// Names of managed identities; at most one system-assigned.
    #[serde(default)]
    pub identities: Vec<String>,
    /// `IDENTITY_HEADER` and `MSI_SECRET`; default `app-service-secret-for-tests-only`.
    #[serde(
        default,
        serialize_with = "Secret::exposed_if_any",
        skip_serializing_if = "Option::is_none"
    )]
    pub secret: Option<Secret>,
    /// Whether it writes the dates of the 2017 API as App Service on Windows does.
    #[serde(default)]
    pub windows: bool,
}

/// A server outside Azure with the Azure Arc agent.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ArcHost {
    /// Names of managed identities; at most one system-assigned.
    #[serde(default)]
    pub identities: Vec<String>,
    /// The folder of key files as its challenges name it, which clients compare with the one they
    /// know; default that of the agent on Linux, `/var/opt/azcmagent/tokens`.
    #[serde(default = "ArcHost::usual_folder")]
    pub key_folder: String,
    /// Size of a key file, in bytes; default 128. Clients refuse more than 4096.
    #[serde(default = "ArcHost::usual_size")]
    pub key_size: usize,
}

/// Azure Cloud Shell.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CloudShellHost {
    /// Name of the user whose shell it is; default: nobody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

impl ArcHost {
    fn usual_folder() -> String {
        "/var/opt/azcmagent/tokens".to_owned()
    }

    fn usual_size() -> usize {
        128
    }
}

impl Default for ArcHost {
    fn default() -> Self {
        Self {
            identities: Vec::new(),
            key_folder: Self::usual_folder(),
            key_size: Self::usual_size(),
        }
    }
}
