//! What people and other services do to a running emulator.

use serde_json::{Map, Value};

use super::Emulator;
use crate::config::ConfigError;
use crate::issuer::{self, AssertionOrder};

impl Emulator {
    /// Revokes what a user signed in to so far, as a changed password or an administrator does:
    /// refresh tokens made before now get AADSTS50173.
    ///
    /// # Errors
    /// A user that does not exist.
    pub fn revoke_sign_ins(&self, upn: &str) -> Result<(), ConfigError> {
        let now = self.state.clock().now();
        let snapshot = self.state.snapshot(now);
        let Some(user) = snapshot.directory.user(upn) else {
            return Err(ConfigError::new(format!("there is no user `{upn}`")));
        };
        self.state.revocations().revoke(&user.upn, now);
        Ok(())
    }

    /// A token of one of the world's issuers, by its name, about `subject`: a client assertion for
    /// federated credentials, good for ten minutes.
    ///
    /// # Errors
    /// An issuer that does not exist.
    pub async fn federated_token(
        &self,
        issuer: &str,
        subject: &str,
        audience: &str,
    ) -> Result<String, ConfigError> {
        let order = AssertionOrder {
            subject: subject.to_owned(),
            audience: audience.to_owned(),
            claims: Map::<String, Value>::new(),
        };
        issuer::assertion(&self.state, issuer, &order).await
    }
}
