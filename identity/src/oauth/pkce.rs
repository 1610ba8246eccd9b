//! Proof Key for Code Exchange (RFC 7636): only the program that asked for an authorization code
//! can redeem it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::Result;
use crate::oauth::random::random_secret;
use crate::secret::Secret;

/// The secret of one sign-in. The browser carries only its hash.
#[derive(Debug)]
pub(crate) struct Pkce {
    pub(crate) verifier: Secret,
}

impl Pkce {
    pub(crate) fn new() -> Result<Self> {
        let verifier = random_secret()?;
        Ok(Self { verifier })
    }

    /// Returns the `code_challenge` by the method `S256`.
    pub(crate) fn challenge(&self) -> String {
        // Of the text of the verifier, not of the bytes it encodes.
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier.expose().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        let challenge = Pkce { verifier }.challenge();
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_verifier_is_of_the_length_and_characters_allowed_and_never_the_same() {
        let (one, other) = (Pkce::new().unwrap(), Pkce::new().unwrap());
        let text = one.verifier.expose();
        assert!((43..=128).contains(&text.len()), "{}", text.len());
        assert!(
            text.chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c))
        );
        assert_ne!(one.verifier, other.verifier);
    }
}
