//! The secrets that managed identity hosts want to be sent, by the names of the hosts.

use crate::base::secret::Secret;
use crate::world::config::Hosts;

pub(crate) const APP_SERVICE: &str = "app-service";
pub(crate) const AZURE_ML: &str = "azure-ml";
pub(crate) const CONTAINER_APPS: &str = "container-apps";
pub(crate) const CONTAINER_INSTANCES: &str = "container-instances";
pub(crate) const FUNCTIONS: &str = "functions";
pub(crate) const SERVICE_FABRIC: &str = "service-fabric";

/// The secret of a host: what the world says, or the usual one.
pub(crate) fn secret(configured: Option<&Secret>, host: &str) -> Secret {
    let usual = || Secret::from(format!("{host}-secret-for-tests-only").as_str());
    configured.cloned().unwrap_or_else(usual)
}

impl Hosts {
    /// The secrets of all hosts that want one.
    pub(crate) fn secrets(&self) -> [Secret; 6] {
        [
            (&self.app_service.secret, APP_SERVICE),
            (&self.functions.secret, FUNCTIONS),
            (&self.container_apps.secret, CONTAINER_APPS),
            (&self.container_instances.secret, CONTAINER_INSTANCES),
            (&self.service_fabric.secret, SERVICE_FABRIC),
            (&self.azure_ml.secret, AZURE_ML),
        ]
        .map(|(configured, host)| secret(configured.as_ref(), host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_the_world_takes_the_place_of_the_usual_one() {
        let hosts = Hosts {
            azure_ml: crate::world::config::Host {
                secret: Some(Secret::from("another")),
                ..crate::world::config::Host::default()
            },
            ..Hosts::default()
        };
        let secrets = hosts.secrets();
        let has = |wanted: &str| secrets.iter().any(|secret| secret.expose() == wanted);
        assert!(has("another"));
        assert!(!has("azure-ml-secret-for-tests-only"));
        assert!(has("functions-secret-for-tests-only"));
    }
}
