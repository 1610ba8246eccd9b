//! The reasons why a file with a certificate and key cannot be used.

use crate::error::Error;

/// The reason why a file cannot be used. It holds nothing of the file's content.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CertificateFailure {
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

impl From<CertificateFailure> for Error {
    fn from(failure: CertificateFailure) -> Self {
        let reason = match failure {
            CertificateFailure::Malformed => {
                "is neither PEM nor PFX (PKCS#12), or is damaged".to_owned()
            }
            CertificateFailure::BadKey => {
                "has an RSA key that is damaged, or shorter than 2048 bits".to_owned()
            }
            CertificateFailure::KeyKind(kind) => {
                format!("has {kind}; Microsoft Entra ID takes RSA keys only")
            }
            CertificateFailure::NoKey => "has no private key".to_owned(),
            CertificateFailure::NoCertificate => "has no certificate, only a key".to_owned(),
            CertificateFailure::Mismatch => {
                "has a private key that belongs to none of its certificates".to_owned()
            }
            CertificateFailure::PasswordMissing => "is encrypted; set its password".to_owned(),
            CertificateFailure::PasswordWrong => {
                "cannot be decrypted: the password is wrong".to_owned()
            }
            #[cfg(not(feature = "legacy-pfx"))]
            CertificateFailure::Legacy(cipher) => format!(
                "is encrypted with {cipher}; enable the feature \"legacy-pfx\", or write it anew \
                 with AES-256 (openssl pkcs12 -export -keypbe AES-256-CBC -certpbe AES-256-CBC)"
            ),
            CertificateFailure::Unsupported(what) => format!("uses {what}, which is not supported"),
        };
        Self::invalid(format!("the client certificate {reason}"))
    }
}
