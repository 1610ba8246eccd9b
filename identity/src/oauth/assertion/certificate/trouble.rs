//! What may be wrong with a file with a certificate and key.

use crate::error::Error;

/// Why a file is of no use. Nothing of its content is in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Malformed,
    BadKey,
    KeyKind(&'static str),
    NoKey,
    NoCertificate,
    Mismatch,
    PasswordMissing,
    PasswordWrong,
    #[cfg(not(feature = "legacy-pfx"))]
    Legacy(&'static str),
    Unsupported(&'static str),
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        let story = match trouble {
            Trouble::Malformed => "is neither PEM nor PFX (PKCS#12), or is damaged".to_owned(),
            Trouble::BadKey => {
                "has an RSA key that is damaged, or shorter than 2048 bits".to_owned()
            }
            Trouble::KeyKind(kind) => {
                format!("has {kind}; Microsoft Entra ID takes RSA keys only")
            }
            Trouble::NoKey => "has no private key".to_owned(),
            Trouble::NoCertificate => "has no certificate, only a key".to_owned(),
            Trouble::Mismatch => {
                "has a private key that belongs to none of its certificates".to_owned()
            }
            Trouble::PasswordMissing => "is encrypted; set its password".to_owned(),
            Trouble::PasswordWrong => "cannot be decrypted: the password is wrong".to_owned(),
            #[cfg(not(feature = "legacy-pfx"))]
            Trouble::Legacy(cipher) => format!(
                "is encrypted with {cipher}; enable the feature \"legacy-pfx\", or write it anew \
                 with AES-256 (openssl pkcs12 -export -keypbe AES-256-CBC -certpbe AES-256-CBC)"
            ),
            Trouble::Unsupported(what) => format!("uses {what}, which is not supported"),
        };
        Self::invalid(format!("the client certificate {story}"))
    }
}
