//! Tests of certificates of every form, and of the assertions signed with them.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::context::{Clock, FileVersion, Files, NoTransport, VirtualClock};
use crate::error::ErrorKind;
use crate::testing::{START, drive, world};

macro_rules! stored {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/certificates/",
            $name
        ))
    };
}

const PASSWORD: &str = "hush-hush";
/// The thumbprint that `openssl x509 -in app.crt -outform der | openssl dgst` prints, in base64url.
const SHA256: &str = "-nIlrrY_vPPm_tDC2KNkjaL_9V4RAnTSuTUsqHBP20E";
const SHA1: &str = "d3ep_labA_Qil1-J9OCpL2mzyto";

fn read(bytes: &[u8], password: Option<&str>) -> Result<Signer> {
    Signer::read(bytes, password.map(Secret::new).as_ref())
}

fn endpoint(url: &str) -> Endpoint {
    Endpoint {
        url: url.parse().unwrap(),
        adfs: url.contains("adfs"),
    }
}

/// Checks the signature of `assertion` and returns its claims.
fn verified(assertion: &str, algorithm: Algorithm) -> Value {
    let pem = pem::read(stored!("app.crt"), None).unwrap();
    let key = DecodingKey::from_rsa_der(x509::rsa_public_key(&pem.certificates[0]).unwrap());
    let mut rules = Validation::new(algorithm);
    rules.validate_aud = false;
    rules.validate_exp = false;
    jsonwebtoken::decode::<Value>(assertion, &key, &rules)
        .unwrap()
        .claims
}

fn header(assertion: &str) -> Value {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let first = assertion.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(first).unwrap()).unwrap()
}

#[test]
fn every_form_of_file_gives_the_key_and_its_own_certificate() {
    let mut files: Vec<(&[u8], Option<&str>)> = vec![
        (stored!("plain.pem"), None),
        (stored!("plain.pem"), Some("not needed")),
        (stored!("pkcs1-chain-first.pem"), None),
        (stored!("aes.pem"), Some(PASSWORD)),
        (stored!("aes.pfx"), Some(PASSWORD)),
        (stored!("no-password.pfx"), None),
        (stored!("no-password.pfx"), Some("")),
    ];
    if cfg!(feature = "legacy-pfx") {
        files.push((stored!("des3.pem"), Some(PASSWORD)));
        files.push((stored!("3des.pfx"), Some(PASSWORD)));
        files.push((stored!("rc2-3des.pfx"), Some(PASSWORD)));
    }
    for (number, (bytes, password)) in files.into_iter().enumerate() {
        let signer = read(bytes, password).unwrap_or_else(|error| panic!("{number}: {error}"));
        assert_eq!(signer.thumbprint(), SHA256, "{number}");
    }
}

#[test]
fn an_unusable_file_gives_an_error_that_says_why_and_repeats_no_password() {
    let cases: &[(&[u8], Option<&str>, &str)] = &[
        (stored!("aes.pfx"), Some("guess"), "the password is wrong"),
        (stored!("aes.pem"), Some("guess"), "the password is wrong"),
        (stored!("aes.pfx"), None, "set its password"),
        (stored!("aes.pem"), None, "set its password"),
        (stored!("app.crt"), None, "has no private key"),
        (
            stored!("mismatch.pem"),
            None,
            "belongs to none of its certificates",
        ),
        (stored!("ec.pem"), None, "an elliptic curve key"),
        (stored!("short.pem"), None, "shorter than 2048 bits"),
        (
            stored!("openssl-encrypted.pem"),
            Some(PASSWORD),
            "openssl pkcs8 -topk8",
        ),
        (b"", None, "neither PEM nor PFX"),
        (b"-----BEGIN CERTIFICATE-----", None, "neither PEM nor PFX"),
    ];
    for (bytes, password, said) in cases {
        let error = read(bytes, *password).expect_err(said);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let text = error.to_string();
        assert!(text.contains(said), "{text}");
        assert!(
            !text.contains("guess") && !text.contains(PASSWORD),
            "{text}"
        );
    }
    if !cfg!(feature = "legacy-pfx") {
        let error = read(stored!("3des.pfx"), Some(PASSWORD)).expect_err("not enabled");
        assert!(error.to_string().contains("\"legacy-pfx\""), "{error}");
    }
}

#[test]
fn indefinite_lengths_and_strings_in_pieces_are_read() {
    let definite = stored!("aes.pfx");
    let (head, content) = definite.split_at(4);
    assert_eq!(head[..2], [0x30, 0x82]);
    let indefinite = [&[0x30, 0x80], content, &[0, 0]].concat();
    assert_eq!(
        read(&indefinite, Some(PASSWORD)).unwrap().thumbprint(),
        SHA256
    );
    let mut pieces =
        der::DerReader::sequence(b"\x30\x0a\x24\x80\x04\x01a\x04\x01b\x00\x00").unwrap();
    assert_eq!(pieces.octets().as_deref(), Some(&b"ab"[..]));
    assert!(
        der::DerReader::sequence(&[0x30, 0x80].repeat(1000)).is_none(),
        "too deep"
    );
}

proptest! {
    #[test]
    fn no_damage_to_a_file_panics(at in 0_usize..3000, bits in 1_u8.., cut in any::<bool>()) {
        for file in [&stored!("aes.pfx")[..], stored!("rc2-3des.pfx"), stored!("aes.pem")] {
            let mut bytes = file.to_vec();
            let at = at % bytes.len();
            bytes[at] ^= bits;
            if cut {
                bytes.truncate(at);
            }
            let _ = read(&bytes, Some(PASSWORD));
        }
    }
}

#[test]
fn an_assertion_has_the_signature_thumbprint_and_lifetime_that_entra_and_adfs_want() {
    let signer = read(stored!("pkcs1-chain-first.pem"), None).unwrap();
    let entra = endpoint("https://login.example/t/oauth2/v2.0/token");
    let assertion = signer.assertion("app", &entra, false, START).unwrap();
    let claims = verified(assertion.expose(), Algorithm::PS256);
    let start = START.as_seconds();
    assert_eq!(claims["aud"], entra.url.as_str());
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&"app".into(), &"app".into())
    );
    assert_eq!(
        (&claims["nbf"], &claims["exp"]),
        (&start.into(), &(start + 600).into())
    );
    assert_eq!(claims["jti"].as_str().map(str::len), Some(36));
    let named = header(assertion.expose());
    assert_eq!(
        (&named["x5t#S256"], &named["x5t"], &named["x5c"]),
        (&SHA256.into(), &Value::Null, &Value::Null)
    );

    let adfs = endpoint("https://adfs.example/adfs/oauth2/token");
    let assertion = signer.assertion("app", &adfs, true, START).unwrap();
    verified(assertion.expose(), Algorithm::RS256);
    let named = header(assertion.expose());
    assert_eq!(
        (&named["x5t"], &named["x5t#S256"]),
        (&SHA1.into(), &Value::Null)
    );
    let chain: Vec<_> = named["x5c"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c.as_str().unwrap())
        .collect();
    let leaf = pem_body(stored!("app.crt"));
    assert_eq!(
        chain,
        [leaf, pem_body(stored!("ca.crt"))],
        "its own certificate first"
    );
}

/// Returns the base64 of DER that stands between the lines of a PEM block.
fn pem_body(pem: &[u8]) -> String {
    let text = std::str::from_utf8(pem).unwrap();
    text.lines().filter(|line| !line.starts_with('-')).collect()
}

/// A file that changes when the test says so.
#[derive(Debug)]
struct Changing {
    reads: AtomicU64,
    state: AtomicU64,
}

impl Files for Changing {
    fn read<'a>(
        &'a self,
        _: &'a std::path::Path,
        _: u64,
    ) -> BoxFuture<'a, std::io::Result<Vec<u8>>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        future::ready(Ok(stored!("plain.pem").to_vec())).boxed()
    }

    fn version<'a>(&'a self, _: &'a std::path::Path) -> BoxFuture<'a, Option<FileVersion>> {
        let length = self.state.load(Ordering::SeqCst);
        let modified = std::time::UNIX_EPOCH;
        future::ready(Some(FileVersion { modified, length })).boxed()
    }
}

#[tokio::test]
async fn an_assertion_is_used_again_until_it_is_old_or_the_file_has_changed() {
    let clock = VirtualClock::new(START);
    let files = Arc::new(Changing {
        reads: 0.into(),
        state: 0.into(),
    });
    let context = Context {
        files: Arc::clone(&files) as _,
        ..world(&clock, &[], Arc::new(NoTransport))
    };
    let certificate = CertificateAssertions::new(ClientCertificate::from_path("app.pem")).unwrap();
    let (one, two) = (
        endpoint("https://h/one/token"),
        endpoint("https://h/two/token"),
    );
    let get = async |endpoint: &Endpoint| {
        let made = certificate.assertion("app", endpoint, &context);
        drive(&clock, made).await.unwrap().expose().to_owned()
    };
    let first = get(&one).await;
    assert_ne!(get(&two).await, first, "each audience has its own");
    clock.advance(Duration::from_secs(539));
    assert_eq!(get(&one).await, first);
    clock.advance(Duration::from_secs(1));
    let second = get(&one).await;
    assert_ne!(second, first, "a minute is left");
    assert_eq!(files.reads.load(Ordering::SeqCst), 1, "parsed once");
    files.state.store(1, Ordering::SeqCst);
    assert_ne!(get(&one).await, second, "another file");
    assert_eq!(files.reads.load(Ordering::SeqCst), 2);
    assert!(clock.now() > START);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named() {
    let context = world(&VirtualClock::new(START), &[], Arc::new(NoTransport));
    let certificate =
        CertificateAssertions::new(ClientCertificate::from_path("nowhere/app.pem")).unwrap();
    let error = certificate
        .assertion("app", &endpoint("https://h/t"), &context)
        .await;
    let error = error.expect_err("no file").to_string();
    assert!(error.contains("nowhere/app.pem cannot be read"), "{error}");
}

#[test]
fn the_forms_of_vaults_variables_and_editors_are_read() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let pem = std::str::from_utf8(stored!("plain.pem")).unwrap();
    let one_line = pem.replace('\n', "\\n");
    let utf16 = |bytes: fn(u16) -> [u8; 2]| {
        let units = std::iter::once(0xfeff).chain(pem.encode_utf16());
        units.flat_map(bytes).collect::<Vec<u8>>()
    };
    let of_vault = STANDARD.encode(stored!("no-password.pfx"));
    let wrapped: String = of_vault
        .as_bytes()
        .chunks(76)
        .map(|line| format!("{}\r\n", std::str::from_utf8(line).unwrap()))
        .collect();
    for (form, bytes) in [
        ("a secret of Key Vault", of_vault.clone().into_bytes()),
        ("the same in lines", wrapped.into_bytes()),
        ("the same in quotes", format!("\"{of_vault}\"").into_bytes()),
        ("base64 of PEM", STANDARD.encode(pem).into_bytes()),
        ("PEM in one line", one_line.clone().into_bytes()),
        (
            "PEM in one line of Windows",
            pem.replace('\n', "\\r\\n").into_bytes(),
        ),
        (
            "PEM in one line, in quotes",
            format!("\"{one_line}\"").into_bytes(),
        ),
        (
            "base64 of PEM in one line",
            STANDARD.encode(&one_line).into_bytes(),
        ),
        ("PEM of Windows", pem.replace('\n', "\r\n").into_bytes()),
        (
            "PEM with a byte order mark",
            format!("\u{feff}{pem}").into_bytes(),
        ),
        ("PEM in UTF-16", utf16(u16::to_le_bytes)),
        ("PEM in UTF-16, big end first", utf16(u16::to_be_bytes)),
    ] {
        let signer = read(&bytes, None).unwrap_or_else(|error| panic!("{form}: {error}"));
        assert_eq!(signer.thumbprint(), SHA256, "{form}");
    }
}

#[test]
fn a_file_of_another_kind_is_named_with_the_command_that_converts_it() {
    let certificate = pem::read(stored!("app.crt"), None).unwrap().certificates;
    let label = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    let (ssh, trusted) = (label("OPENSSH PRIVATE KEY"), label("TRUSTED CERTIFICATE"));
    let pkcs7 = label("PKCS7");
    let cases: &[(&[u8], &str)] = &[
        (&certificate[0], "openssl x509 -inform der"),
        (stored!("certificates.p7b"), "openssl pkcs7 -inform der"),
        (pkcs7.as_bytes(), "openssl pkcs7"),
        (stored!("scrypt.pem"), "openssl pkcs8 -topk8"),
        (stored!("openssl-encrypted.pem"), "openssl pkcs8 -topk8"),
        (ssh.as_bytes(), "OpenSSH"),
        (trusted.as_bytes(), "openssl x509"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02", "keytool -importkeystore"),
    ];
    for (bytes, command) in cases {
        let error = read(bytes, Some(PASSWORD)).expect_err(command);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains(command), "{error}");
    }
}

#[test]
fn each_certificate_of_a_chain_certifies_the_one_before_and_strangers_stay_out() {
    // The file has leaf, root, intermediate, the leaf again and a stranger.
    let signer = read(stored!("chain-unordered.pem"), None).unwrap();
    let entra = endpoint("https://login.example/t/oauth2/v2.0/token");
    let assertion = signer.assertion("app", &entra, true, START).unwrap();
    let file = pem::read(stored!("chain-unordered.pem"), None).unwrap();
    use base64::Engine;
    let of_file =
        |index: usize| base64::engine::general_purpose::STANDARD.encode(&file.certificates[index]);
    let chain = &header(assertion.expose())["x5c"];
    assert_eq!(
        *chain,
        serde_json::json!([of_file(0), of_file(2), of_file(1)])
    );
}

#[test]
fn of_several_certificates_of_one_key_the_newest_valid_one_is_shown() {
    // The file has one of 2020, one that begins in 2040 and one from June 2023 to 2050.
    let signer = read(stored!("renewed.pem"), None).unwrap();
    let entra = endpoint("https://login.example/t/oauth2/v2.0/token");
    let shown = |seconds| {
        let now = UnixTime::from_seconds(seconds);
        let assertion = signer.assertion("app", &entra, false, now).unwrap();
        header(assertion.expose())["x5t#S256"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (old, new, future) = (
        "q50pdWDV6-GAbR4GB-4xkImHgcw6IU2kVK8k2ONr1sg",
        "1psuHH9KAL1uBgW-zlsYxY72240gA1paJLXs5GqLryU",
        "GeKYXI4T4F4AqKh5gl1mpfXT_EUmlP6I2XxOMGE5Jzw",
    );
    // In 2020, 2022, 2023, 2045 and 2060.
    for (now, expected) in [
        (1_590_000_000, old),
        (1_650_000_000, old),
        (1_700_000_000, new),
        (2_380_000_000, future),
        (2_850_000_000, future),
    ] {
        assert_eq!(shown(now), expected, "{now}");
    }
}

/// One file with this content.
#[derive(Debug)]
struct Written(Mutex<(u64, Vec<u8>)>);

impl Written {
    fn write(&self, content: &[u8]) {
        let mut file = self.0.lock().unwrap();
        *file = (file.0 + 1, content.to_vec());
    }
}

impl Files for Written {
    fn read<'a>(
        &'a self,
        _: &'a std::path::Path,
        _: u64,
    ) -> BoxFuture<'a, std::io::Result<Vec<u8>>> {
        let content = self.0.lock().unwrap().1.clone();
        future::ready(match content.is_empty() {
            true => Err(std::io::ErrorKind::NotFound.into()),
            false => Ok(content),
        })
        .boxed()
    }

    fn version<'a>(&'a self, _: &'a std::path::Path) -> BoxFuture<'a, Option<FileVersion>> {
        let length = self.0.lock().unwrap().0;
        let modified = std::time::UNIX_EPOCH;
        future::ready(Some(FileVersion { modified, length })).boxed()
    }
}

#[tokio::test]
async fn a_file_caught_half_written_or_missing_keeps_the_key_from_before() {
    let clock = VirtualClock::new(START);
    let files = Arc::new(Written(Mutex::default()));
    let context = Context {
        files: Arc::clone(&files) as _,
        ..world(&clock, &[], Arc::new(NoTransport))
    };
    let certificate = CertificateAssertions::new(ClientCertificate::from_path("app.pem")).unwrap();
    let entra = endpoint("https://login.example/t/oauth2/v2.0/token");
    let shown = async || {
        let made = certificate.assertion("app", &entra, &context);
        let assertion = drive(&clock, made)
            .await
            .map_err(|error| error.to_string())?;
        Ok::<_, String>(header(assertion.expose())["x5t#S256"].clone())
    };
    let plain = stored!("plain.pem");
    files.write(&plain[..plain.len() / 2]);
    assert!(shown().await.is_err(), "there is no key from before");
    files.write(plain);
    assert_eq!(shown().await.unwrap(), SHA256);
    let next = stored!("renewed.pem");
    for half in [&next[..next.len() / 2], b""] {
        files.write(half);
        clock.advance(Duration::from_secs(700));
        assert_eq!(shown().await.unwrap(), SHA256);
    }
    files.write(next);
    assert_ne!(shown().await.unwrap(), SHA256, "the whole file is read");
}
