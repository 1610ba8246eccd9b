//! Programs that are known by somebody else's tokens: pods of a cluster, jobs of Azure Pipelines
//! and of GitHub Actions.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::base::secret::Secret;

/// A workload of a Kubernetes cluster: a pod with a service account that an application trusts.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// How it is asked for.
    pub name: String,
    /// Name of the issuer that signs the tokens of the cluster.
    pub issuer: String,
    /// Namespace of the service account; default `default`.
    #[serde(default = "default_namespace")]
    pub namespace: String,
    /// Name of the service account; with the namespace it makes the subject of the tokens,
    /// `system:serviceaccount:{namespace}:{service_account}`.
    pub service_account: String,
    /// Name of the application it acts as.
    pub app: String,
    /// How long a token lives, in seconds, 600 to 86,400; default 3,600. It is replaced after four
    /// fifths of that.
    #[serde(default = "one_hour")]
    pub token_lifetime_s: u32,
    /// Whether it reaches the token service by way of the token proxy of the cluster (identity
    /// bindings). Its tokens are for the proxy then, `aud` `api://AKSIdentityBinding`, and prove
    /// nothing elsewhere.
    #[serde(default)]
    pub proxy: bool,
}

/// A job of Azure Pipelines.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// Name of the pipeline, and how the job is asked for.
    pub name: String,
    /// Name of the issuer that signs the tokens of the organization.
    pub issuer: String,
    /// The organization.
    pub organization: String,
    /// The project.
    pub project: String,
    /// The job's `System.AccessToken`.
    #[serde(serialize_with = "Secret::exposed")]
    pub access_token: Secret,
    /// Service connections the job may use (`[[pipeline.service_connection]]`).
    #[serde(default, rename = "service_connection")]
    pub service_connections: Vec<ServiceConnection>,
}

/// A service connection with workload identity federation.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceConnection {
    /// Its name; the subject of its tokens is `sc://{organization}/{project}/{name}`.
    pub name: String,
    /// Its id, by which a job asks for a token.
    pub id: Uuid,
    /// Name of the application it stands for.
    pub app: String,
}

/// A job of GitHub Actions with the permission `id-token: write`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// Name of the workflow, and how the job is asked for.
    pub name: String,
    /// Name of the issuer that signs the tokens.
    pub issuer: String,
    /// `owner/name`.
    pub repository: String,
    /// The full name of the branch or tag; default `refs/heads/main`.
    #[serde(default = "main_branch", rename = "ref")]
    pub git_ref: String,
    /// The event that started it, such as `push` (the default) or `pull_request`.
    #[serde(default = "push")]
    pub event: String,
    /// The environment the job runs in, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Whether subjects carry the ids of owner and repository behind their names, as those of
    /// repositories with immutable subjects do.
    #[serde(default)]
    pub immutable_subject: bool,
    /// The job's `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
    #[serde(serialize_with = "Secret::exposed")]
    pub request_token: Secret,
    /// Name of the application it acts as.
    pub app: String,
}

impl Workload {
    pub(crate) fn subject(&self) -> String {
        let (namespace, account) = (&self.namespace, &self.service_account);
        format!("system:serviceaccount:{namespace}:{account}")
    }
}

fn default_namespace() -> String {
    "default".to_owned()
}

fn one_hour() -> u32 {
    3600
}

fn main_branch() -> String {
    "refs/heads/main".to_owned()
}

fn push() -> String {
    "push".to_owned()
}
