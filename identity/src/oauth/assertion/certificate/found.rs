//! What stands in a file with a certificate and key.

use aws_lc_rs::signature::RsaKeyPair;

/// Private keys and certificates, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) keys: Vec<RsaKeyPair>,
    /// DER.
    pub(super) certificates: Vec<Vec<u8>>,
}
