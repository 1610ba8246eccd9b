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
    /// A file of certificates (.p7b, .p7c), which never holds a key.
    Pkcs7,
    /// A certificate in DER (.cer, .crt), which is alone in its file.
    DerCertificate,
    /// A private key in DER, which is alone in its file.
    DerKey,
    /// A Java keystore.
    Keystore,
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
            CertificateFailure::Unsupported(what) => format!(
                "uses {what}, which is not supported. Convert it: openssl pkcs8 -topk8 -v2 \
                 aes-256-cbc -in <key> for a key, openssl x509 -in <certificate> for a certificate, \
                 openssl pkcs12 -export -keypbe AES-256-CBC -certpbe AES-256-CBC -macalg SHA256 -in \
                 <PEM> for a PFX"
            ),
            CertificateFailure::Pkcs7 => "is a PKCS#7 file (.p7b), which holds certificates and no \
                private key. Write both into one PEM: openssl pkcs7 -inform der -print_certs -in \
                <file> -out app.pem (without -inform der if it is text), and append the key"
                .to_owned(),
            CertificateFailure::DerCertificate => "is a certificate in DER without its private key. \
                Write both into one PEM: openssl x509 -inform der -in <file> -out app.pem, and \
                append the key"
                .to_owned(),
            CertificateFailure::DerKey => "is a private key in DER without its certificate. Write \
                both into one PEM: openssl pkey -inform der -in <file> -out app.pem, and append the \
                certificate"
                .to_owned(),
            CertificateFailure::Keystore => "is a Java keystore. Convert it: keytool \
                -importkeystore -srckeystore <file> -destkeystore app.p12 -deststoretype PKCS12"
                .to_owned(),
        };
        Self::invalid(format!("the client certificate {reason}"))
    }
}
