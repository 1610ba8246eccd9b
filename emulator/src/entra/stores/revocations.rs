//! Users whose sign-ins were revoked while the emulator runs.

use std::collections::HashMap;
use std::sync::Mutex;

use time::OffsetDateTime;

use crate::base::sync::lock;

/// From when on the tokens of a user count again, by name; one entry a user at most.
#[derive(Debug, Default)]
pub(crate) struct Revocations(Mutex<HashMap<String, OffsetDateTime>>);

impl Revocations {
    /// Whatever the user got before `now` no longer counts.
    pub(crate) fn revoke(&self, upn: &str, now: OffsetDateTime) {
        let mut users = lock(&self.0);
        users.insert(upn.to_lowercase(), now);
    }

    pub(in crate::entra) fn of(&self, upn: &str) -> Option<OffsetDateTime> {
        let users = lock(&self.0);
        users.get(&upn.to_lowercase()).copied()
    }

    /// How many there are, ended ones not yet dropped included.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        lock(&self.0).len()
    }
}
