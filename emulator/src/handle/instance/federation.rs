//! Programs that other issuers know: what they find in their environment.

use std::path::Path;

use super::Instance;
use crate::handle::projection::{Projection, ProjectionError};
use crate::hosts::federation::{Environment, github, pipelines};
use crate::world::config::ConfigError;

impl Instance {
    /// Puts a workload of the world into `folder` as a cluster puts it into a pod: the token of its
    /// service account as a file, renewed as it ages by the emulator's clock, and the environment
    /// that goes with it.
    ///
    /// # Errors
    /// A workload that does not exist, or a folder that cannot be written to.
    pub async fn project(
        &self,
        workload: &str,
        folder: impl AsRef<Path>,
    ) -> Result<Projection, ProjectionError> {
        Projection::start(&self.state, workload, folder.as_ref()).await
    }

    /// Returns the environment of a job of this Azure pipeline: `SYSTEM_OIDCREQUESTURI`,
    /// `SYSTEM_ACCESSTOKEN`, and as `AZURESUBSCRIPTION_…` the first service connection it may use.
    ///
    /// # Errors
    /// A pipeline that does not exist.
    pub fn pipeline_environment(&self, pipeline: &str) -> Result<Environment, ConfigError> {
        pipelines::environment(&self.state, pipeline)
    }

    /// Returns the environment of a job of this workflow of GitHub Actions:
    /// `ACTIONS_ID_TOKEN_REQUEST_URL`, `ACTIONS_ID_TOKEN_REQUEST_TOKEN`, and the identity it acts
    /// as.
    ///
    /// # Errors
    /// A workflow that does not exist.
    pub fn workflow_environment(&self, workflow: &str) -> Result<Environment, ConfigError> {
        github::environment(&self.state, workflow)
    }
}
