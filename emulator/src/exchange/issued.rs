//! Tokens that were handed out.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

/// A token that was handed out, by its digest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// `access_token`, or for a token of another issuer its name in the answer.
    pub kind: String,
    /// Lower-case hex SHA-256 of the token.
    pub sha256: String,
    /// The defect of a token that was [made to order](crate::Forgery): `expired` and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forged: Option<String>,
}

impl Issued {
    pub(crate) fn access_token(token: &str) -> Self {
        Self::named("access_token", token)
    }

    pub(crate) fn named(kind: &str, token: &str) -> Self {
        let digest = digest::digest(&digest::SHA256, token.as_bytes());
        let mut sha256 = String::with_capacity(64);
        for byte in digest.as_ref() {
            sha256.push(HEX[usize::from(byte >> 4)].into());
            sha256.push(HEX[usize::from(byte & 15)].into());
        }
        Self {
            kind: kind.to_owned(),
            sha256,
            forged: None,
        }
    }

    pub(crate) fn forged(token: &str, kind: &str) -> Self {
        Self {
            forged: Some(kind.to_owned()),
            ..Self::access_token(token)
        }
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";
