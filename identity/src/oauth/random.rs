//! Random texts that cannot be guessed.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{Error, Result};
use crate::secret::Secret;

/// Returns 256 random bits in base64url, 43 characters.
pub(crate) fn random_secret() -> Result<Secret> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        Error::rejected("the system gives no random numbers, so nobody can sign in")
    })?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}
