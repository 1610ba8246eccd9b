//! Client assertions: a certificate of the application, in every form clients write them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use identity_emulator::{AppCertificate, Emulator, TrustedSubject, World};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};

use crate::support::{
    Answer, CONTOSO, DAEMON, VAULT, assert_refused, builder, start, token, verified,
};

const PEM: &str = include_str!("../../worlds/daemon.pem");
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The certificate of the basic world's daemon, and its thumbprints.
fn der() -> Vec<u8> {
    der_of(PEM)
}

fn der_of(pem: &str) -> Vec<u8> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----").unwrap();
    let (body, _) = rest.split_once("-----END").unwrap();
    STANDARD
        .decode(body.split_whitespace().collect::<String>())
        .unwrap()
}

fn digest(algorithm: &'static aws_lc_rs::digest::Algorithm, bytes: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(algorithm, bytes)
        .as_ref()
        .to_vec()
}

fn sha1() -> Vec<u8> {
    digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &der())
}

fn sha256() -> Vec<u8> {
    digest(&aws_lc_rs::digest::SHA256, &der())
}

fn key_of(pem: &str) -> EncodingKey {
    let end = pem.find("-----BEGIN CERTIFICATE-----").unwrap_or(pem.len());
    EncodingKey::from_rsa_pem(&pem.as_bytes()[..end]).unwrap()
}

/// What a test changes of a right assertion; `null` takes a member out.
struct Assertion {
    header: Value,
    claims: Value,
    pem: String,
    algorithm: Algorithm,
    padded: bool,
}

impl Default for Assertion {
    fn default() -> Self {
        Self {
            header: json!({}),
            claims: json!({}),
            pem: PEM.to_owned(),
            algorithm: Algorithm::RS256,
            padded: false,
        }
    }
}

impl Assertion {
    fn header(header: Value) -> Self {
        Self {
            header,
            ..Self::default()
        }
    }

    fn claims(claims: Value) -> Self {
        Self {
            claims,
            ..Self::default()
        }
    }

    fn text(&self, emulator: &Emulator) -> String {
        let at = emulator.clock().now().unix_timestamp();
        let header = json!({
            "alg": format!("{:?}", self.algorithm),
            "typ": "JWT",
            "x5t": URL_SAFE_NO_PAD.encode(sha1()),
        });
        let claims = json!({
            "aud": format!("{}/{CONTOSO}/oauth2/v2.0/token", emulator.http()),
            "iss": DAEMON,
            "sub": DAEMON,
            "jti": "1",
            "nbf": at,
            "exp": at + 600,
        });
        let encode = |value: Value| {
            let text = URL_SAFE_NO_PAD.encode(value.to_string());
            let missing = if self.padded {
                (4 - text.len() % 4) % 4
            } else {
                0
            };
            text + &"=".repeat(missing)
        };
        let signed = format!(
            "{}.{}",
            encode(changed(header, &self.header)),
            encode(changed(claims, &self.claims))
        );
        let key = key_of(&self.pem);
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, self.algorithm);
        format!("{signed}.{}", signature.unwrap())
    }

    async fn sent(&self, emulator: &Emulator) -> Answer {
        present(emulator, &self.text(emulator)).await
    }
}

/// A proof of the daemon that brings its certificate.
pub(crate) fn with_its_certificate(emulator: &Emulator) -> String {
    Assertion::header(json!({ "x5c": [STANDARD.encode(der())] })).text(emulator)
}

fn changed(mut value: Value, changes: &Value) -> Value {
    let members = value.as_object_mut().unwrap();
    let changes: &Map<String, Value> = changes.as_object().unwrap();
    for (name, change) in changes {
        if change.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), change.clone());
        }
    }
    value
}

async fn present(emulator: &Emulator, assertion: &str) -> Answer {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", DAEMON),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
        ("scope", VAULT),
    ];
    token(emulator, &fields).await
}

#[tokio::test]
pub(crate) async fn a_certificate_proves_the_application() {
    let emulator = start().await;
    let answer = Assertion::default().sent(&emulator).await;
    let (_, claims) = verified(&emulator, &answer.text("access_token")).await;
    assert_eq!(claims["appidacr"], "2");
    let journal = format!("{:?}", emulator.journal().entries());
    assert!(!journal.contains("eyJ"), "{journal}");
}

#[tokio::test]
async fn every_rsa_algorithm_will_do() {
    let emulator = start().await;
    for algorithm in [
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
    ] {
        let assertion = Assertion {
            algorithm,
            ..Assertion::default()
        };
        assert_eq!(assertion.sent(&emulator).await.status, 200, "{algorithm:?}");
    }
}

#[tokio::test]
async fn the_key_may_be_named_in_every_way_clients_do() {
    let emulator = start().await;
    let (one, two) = (sha1(), sha256());
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02X}")).collect::<String>();
    let pem_in_base64 = STANDARD.encode(&PEM[PEM.find("-----BEGIN CERTIFICATE").unwrap()..]);
    for named in [
        json!({ "x5t": URL_SAFE_NO_PAD.encode(&one) + "=" }),
        json!({ "x5t": STANDARD.encode(&one) }),
        json!({ "x5t": null, "x5t#S256": URL_SAFE_NO_PAD.encode(&two) }),
        json!({ "x5t": null, "x5t#S256": STANDARD.encode(&two) }),
        json!({ "x5t": null, "kid": URL_SAFE_NO_PAD.encode(&one) }),
        json!({ "x5t": null, "kid": hex(&one) }),
        json!({ "x5t": null, "x5c": [STANDARD.encode(der())] }),
        json!({ "x5t": null, "x5c": STANDARD.encode(der()) }),
        json!({ "x5t": null, "x5c": pem_in_base64 }),
    ] {
        let answer = Assertion::header(named.clone()).sent(&emulator).await;
        assert_eq!(answer.status, 200, "{named}: {answer:?}");
    }
}

#[tokio::test]
async fn moments_may_be_numbers_fractions_or_text() {
    let emulator = start().await;
    let at = emulator.clock().now().unix_timestamp();
    for claims in [
        json!({ "nbf": (at as f64) + 0.5, "exp": (at as f64) + 600.25 }),
        json!({ "nbf": at.to_string(), "exp": (at + 600).to_string() }),
        json!({ "nbf": null, "iat": at }),
        json!({ "nbf": at + 290, "exp": at + 600 }),
        json!({ "nbf": at - 900, "exp": at - 290 }),
    ] {
        let answer = Assertion::claims(claims.clone()).sent(&emulator).await;
        assert_eq!(answer.status, 200, "{claims}: {answer:?}");
    }
}

#[tokio::test]
pub(crate) async fn the_audience_may_name_the_tenant_in_every_form() {
    let emulator = start().await;
    let origin = emulator.http();
    for audience in [
        format!("{origin}/{CONTOSO}/oauth2/token"),
        format!("{origin}/{CONTOSO}/v2.0"),
        format!("{origin}/contoso.example/oauth2/v2.0/token"),
        format!("http://127.0.0.1/{CONTOSO}/oauth2/v2.0/token"),
        format!("https://localhost:8443/{CONTOSO}/oauth2/v2.0/token"),
        format!("https://login.microsoftonline.com/{CONTOSO}/oauth2/v2.0/token"),
        format!("https://login.microsoftonline.com/{CONTOSO}/v2.0"),
        format!("https://sts.windows.net/{CONTOSO}/"),
    ] {
        let answer = Assertion::claims(json!({ "aud": audience }))
            .sent(&emulator)
            .await;
        assert_eq!(answer.status, 200, "{audience}: {answer:?}");
    }
    for audience in [
        "https://evil.example/aaaaaaaa-0000-4000-8000-000000000001/oauth2/v2.0/token".to_owned(),
        format!("{origin}/{}/oauth2/v2.0/token", crate::support::FABRIKAM),
        format!("{origin}/{CONTOSO}/elsewhere"),
        "nothing".to_owned(),
    ] {
        let answer = Assertion::claims(json!({ "aud": audience }))
            .sent(&emulator)
            .await;
        assert_refused(&answer, "invalid_client", 50012);
    }
}

#[tokio::test]
async fn padding_and_white_space_do_not_matter() {
    let emulator = start().await;
    let padded = Assertion {
        padded: true,
        ..Assertion::default()
    };
    let text = format!(" {}==\n", padded.text(&emulator));
    assert_eq!(present(&emulator, &text).await.status, 200);
}

#[tokio::test]
pub(crate) async fn every_mistake_has_its_error() {
    let emulator = start().await;
    let at = emulator.clock().now().unix_timestamp();
    let strange = URL_SAFE_NO_PAD.encode([7; 20]);
    let cases = [
        (
            Assertion::claims(json!({ "iss": null })),
            "invalid_request",
            90014,
        ),
        (
            Assertion::claims(json!({ "sub": null })),
            "invalid_request",
            90014,
        ),
        (
            Assertion::claims(json!({ "aud": null })),
            "invalid_request",
            90014,
        ),
        (
            Assertion::claims(json!({ "exp": null })),
            "invalid_request",
            90014,
        ),
        (
            Assertion::claims(json!({ "exp": "soon" })),
            "invalid_client",
            50027,
        ),
        (
            Assertion::claims(json!({ "exp": at - 301 })),
            "invalid_client",
            700_024,
        ),
        (
            Assertion::claims(json!({ "nbf": at + 400 })),
            "invalid_client",
            700_024,
        ),
        (
            Assertion::claims(json!({ "sub": crate::support::ORDERS })),
            "invalid_client",
            700_021,
        ),
        (
            Assertion::claims(json!({ "iss": crate::support::ORDERS })),
            "invalid_client",
            50048,
        ),
        (
            Assertion::header(json!({ "x5t": null })),
            "invalid_client",
            5_002_723,
        ),
        (
            Assertion::header(json!({ "x5t": strange })),
            "invalid_client",
            700_027,
        ),
        (
            Assertion::header(json!({ "alg": "HS256" })),
            "invalid_client",
            5_002_738,
        ),
        (
            Assertion::header(json!({ "alg": "none" })),
            "invalid_client",
            5_002_738,
        ),
        (
            Assertion::header(json!({ "alg": "RS384" })),
            "invalid_client",
            700_027,
        ),
    ];
    for (assertion, error, code) in cases {
        assert_refused(&assertion.sent(&emulator).await, error, code);
    }
}

#[tokio::test]
async fn a_key_that_is_not_found_is_shown_by_its_thumbprint() {
    let emulator = start().await;
    let strange = URL_SAFE_NO_PAD.encode([0xAB; 20]);
    let answer = Assertion::header(json!({ "x5t": strange }))
        .sent(&emulator)
        .await;
    let text = answer.text("error_description");
    let wanted = format!(
        "[Reason - The key was not found., Thumbprint of key used by client: '{}',",
        "AB".repeat(20)
    );
    assert!(text.contains(&wanted), "{text}");
}

#[tokio::test]
async fn another_key_than_the_one_named_is_a_wrong_signature() {
    let emulator = start().await;
    let other = Made::signed_by_itself("other.contoso.example");
    let assertion = Assertion {
        pem: other.key,
        ..Assertion::default()
    };
    let answer = assertion.sent(&emulator).await;
    assert_refused(&answer, "invalid_client", 700_027);
    assert!(answer.text("error_description").contains("did not match"));
}

#[tokio::test]
async fn a_certificate_that_has_ended_proves_nothing() {
    let mut world = World::basic();
    let daemon = world
        .apps
        .iter_mut()
        .find(|app| app.name == "daemon")
        .unwrap();
    daemon.certificates[0].expires = Some(time::OffsetDateTime::UNIX_EPOCH);
    let emulator = builder().world(world).start().await.unwrap();
    let answer = Assertion::default().sent(&emulator).await;
    assert_refused(&answer, "invalid_client", 700_027);
    assert!(answer.text("error_description").contains("expired"));
}

#[tokio::test]
async fn a_certificate_known_by_its_thumbprint_has_to_be_sent_along() {
    let mut world = World::basic();
    let daemon = world
        .apps
        .iter_mut()
        .find(|app| app.name == "daemon")
        .unwrap();
    let hex = sha1().iter().map(|b| format!("{b:02x}")).collect();
    daemon.certificates = vec![AppCertificate {
        thumbprint: Some(hex),
        ..AppCertificate::default()
    }];
    daemon.trusted_subjects.clear();
    let emulator = builder().world(world).start().await.unwrap();
    let answer = Assertion::default().sent(&emulator).await;
    assert_refused(&answer, "invalid_client", 700_027);
    let along = json!({ "x5c": [STANDARD.encode(der())] });
    assert_eq!(Assertion::header(along).sent(&emulator).await.status, 200);
}

/// A key and a certificate made for one test.
struct Made {
    key: String,
    certificate: String,
}

impl Made {
    fn signed_by_itself(name: &str) -> Self {
        let key = rsa_key();
        let certificate = parameters(name).self_signed(&key).unwrap();
        Self {
            key: key.serialize_pem(),
            certificate: certificate.pem(),
        }
    }

    fn issued_by(name: &str, issuer: &rcgen::CertifiedIssuer<'_, rcgen::KeyPair>) -> Self {
        let key = rsa_key();
        let certificate = parameters(name).signed_by(&key, issuer).unwrap();
        Self {
            key: key.serialize_pem(),
            certificate: certificate.pem(),
        }
    }
}

fn rsa_key() -> rcgen::KeyPair {
    rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap()
}

fn parameters(name: &str) -> rcgen::CertificateParams {
    let mut parameters = rcgen::CertificateParams::default();
    let named = &mut parameters.distinguished_name;
    named.push(rcgen::DnType::CommonName, name);
    parameters
}

#[tokio::test]
pub(crate) async fn any_certificate_of_a_trusted_subject_will_do_if_its_authority_issued_it() {
    let mut ca = parameters("Contoso CA");
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca = rcgen::CertifiedIssuer::self_signed(ca, rsa_key()).unwrap();
    let name = "sni.daemon.contoso.example";
    let mut world = World::basic();
    let daemon = world
        .apps
        .iter_mut()
        .find(|app| app.name == "daemon")
        .unwrap();
    daemon.trusted_subjects = vec![TrustedSubject {
        name: name.to_owned(),
        authority: Some(ca.pem()),
    }];
    let emulator = builder().world(world).start().await.unwrap();
    let answer = async |made: Made| {
        let leaf = STANDARD.encode(der_of(&made.certificate));
        let assertion = Assertion {
            header: json!({ "x5t": null, "x5c": [leaf] }),
            pem: made.key,
            ..Assertion::default()
        };
        assertion.sent(&emulator).await
    };
    let right = answer(Made::issued_by(name, &ca)).await;
    assert_eq!(right.status, 200, "{right:?}");
    let other_name = answer(Made::issued_by("other.contoso.example", &ca)).await;
    assert_refused(&other_name, "invalid_client", 700_030);
    let other_issuer = answer(Made::signed_by_itself(name)).await;
    assert_refused(&other_issuer, "invalid_client", 700_030);
}
