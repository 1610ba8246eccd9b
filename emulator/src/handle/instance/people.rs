//! The actions of users and of other services.

use serde_json::{Map, Value};

use super::Instance;
use crate::entra::federated_token::{IssuerTokenRequest, federated_token};
use crate::entra::sign_in::{SignInAnswer, SignInError, headless};
use crate::world::config::ConfigError;

impl Instance {
    /// Signs `user` in at the URL an application would open, as a browser that has never been there
    /// would: enters the password, approves a second factor, consents. Gives what the application
    /// gets, which may be an error of its own.
    ///
    /// # Errors
    /// What the last page said, if the sign-in ends on a page: an unknown application or user, a
    /// redirect URI that is not registered, a user who may not sign in.
    pub async fn sign_in(
        &self,
        authorize_url: &str,
        user: &str,
    ) -> Result<SignInAnswer, SignInError> {
        headless::sign_in(&self.state, authorize_url, user).await
    }

    /// Types the code that a device shows and lets the device in as `user`.
    ///
    /// # Errors
    /// A code that is unknown, late or decided on, or a user who may not sign in.
    pub async fn approve_device(&self, user_code: &str, user: &str) -> Result<(), SignInError> {
        headless::approve_device(&self.state, user_code, user).await
    }

    /// Sends the device with this code away.
    ///
    /// # Errors
    /// A code that is unknown, late or decided on.
    pub fn decline_device(&self, user_code: &str) -> Result<(), SignInError> {
        headless::decline_device(&self.state, user_code)
    }

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
        let order = IssuerTokenRequest {
            subject: subject.to_owned(),
            audience: audience.to_owned(),
            claims: Map::<String, Value>::new(),
        };
        federated_token(&self.state, issuer, &order).await
    }
}
