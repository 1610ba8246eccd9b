//! A value that never shows itself.

use std::fmt;

use serde::{Deserialize, Serializer};

/// A client secret of the world: compared in constant time, absent from every `Debug`.
#[derive(Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The value itself, for handing it to a client under test.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Writes the value out, where a world is written out whole: the type has no `Serialize`, so
    /// that it can happen nowhere else by accident.
    pub(crate) fn exposed<S: Serializer>(secret: &Self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&secret.0)
    }

    pub(crate) fn exposed_if_any<S: Serializer>(
        secret: &Option<Self>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match secret {
            Some(secret) => Self::exposed(secret, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Returns a number that tells this secret from another without giving it away.
    pub(crate) fn fingerprint(&self) -> u64 {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.0.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest.as_ref()[..8]);
        u64::from_be_bytes(first)
    }

    /// Whether `candidate` is this secret; takes the same time wherever they differ.
    pub(crate) fn matches(&self, candidate: &str) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(self.0.as_bytes(), candidate.as_bytes())
            .is_ok()
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
