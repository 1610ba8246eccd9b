//! PEM: base64 between dashed lines.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::failure::CertificateFailure;
use super::key;
use super::material::FileContents;

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// Whether `bytes` hold any PEM block.
pub(super) fn is_pem(bytes: &[u8]) -> bool {
    bytes
        .windows(BEGIN.len())
        .any(|window| window == BEGIN.as_bytes())
}

/// Reads the keys and certificates in `bytes`.
pub(super) fn read(
    bytes: &[u8],
    password: Option<&str>,
) -> Result<FileContents, CertificateFailure> {
    // Between the blocks other programs put comments, in any encoding.
    let text = Zeroizing::new(String::from_utf8_lossy(bytes).into_owned());
    let mut contents = FileContents::default();
    let mut rest = &**text;
    while let Some(start) = rest.find(BEGIN) {
        let (label, body) = rest[start + BEGIN.len()..]
            .split_once(DASHES)
            .ok_or(CertificateFailure::Malformed)?;
        let end = format!("-----END {label}-----");
        let (body, after) = body.split_once(&end).ok_or(CertificateFailure::Malformed)?;
        read_block(label, body, password, &mut contents)?;
        rest = after;
    }
    Ok(contents)
}

fn read_block(
    label: &str,
    body: &str,
    password: Option<&str>,
    contents: &mut FileContents,
) -> Result<(), CertificateFailure> {
    match label {
        "CERTIFICATE" | "X509 CERTIFICATE" => {
            contents.certificates.push(decode(body)?.to_vec());
        }
        "PRIVATE KEY" => contents.keys.push(key::from_pkcs8(&decode(body)?)?),
        "ENCRYPTED PRIVATE KEY" => {
            contents
                .keys
                .push(key::from_encrypted_pkcs8(&decode(body)?, password)?);
        }
        "RSA PRIVATE KEY" if body.contains("ENCRYPTED") => {
            return Err(CertificateFailure::Unsupported(
                "OpenSSL's old encryption of private keys",
            ));
        }
        "RSA PRIVATE KEY" => contents.keys.push(key::from_pkcs1(&decode(body)?)?),
        "PKCS7" => return Err(CertificateFailure::Pkcs7),
        "OPENSSH PRIVATE KEY" => {
            return Err(CertificateFailure::Unsupported("a private key of OpenSSH"));
        }
        "TRUSTED CERTIFICATE" => {
            return Err(CertificateFailure::Unsupported(
                "a trusted certificate of OpenSSL",
            ));
        }
        "EC PRIVATE KEY" => return Err(CertificateFailure::KeyKind("an elliptic curve key")),
        _ => {}
    }
    Ok(())
}

fn decode(body: &str) -> Result<Zeroizing<Vec<u8>>, CertificateFailure> {
    let digits: Zeroizing<Vec<u8>> =
        Zeroizing::new(body.bytes().filter(|b| !b.is_ascii_whitespace()).collect());
    STANDARD
        .decode(&*digits)
        .map(Zeroizing::new)
        .map_err(|_| CertificateFailure::Malformed)
}
