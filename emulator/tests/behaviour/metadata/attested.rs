//! Attested documents: signatures that a stranger can check.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use yasna::models::ObjectIdentifier;
use yasna::{BERReader, Tag};

use super::{VERSION, ask};
use crate::support::start;

/// A signed message, taken apart.
struct Message {
    content: Vec<u8>,
    certificate: Vec<u8>,
    /// What was signed, as a set.
    attributes: Vec<u8>,
    signature: Vec<u8>,
}

impl Message {
    fn read(der: &[u8]) -> Self {
        let read = yasna::parse_der(der, |reader| {
            reader.read_sequence(|reader| {
                reader.next().read_oid()?;
                reader.next().read_tagged(Tag::context(0), signed_data)
            })
        });
        read.unwrap()
    }

    /// The digest among the attributes.
    fn digest(&self) -> Vec<u8> {
        let kind = ObjectIdentifier::from_slice(&[1, 2, 840, 113_549, 1, 9, 4]);
        let mut found = None;
        yasna::parse_der(&self.attributes, |reader| {
            reader.read_set_of(|reader| {
                reader.read_sequence(|reader| {
                    let is = reader.next().read_oid()? == kind;
                    reader.next().read_set_of(|reader| {
                        let der = reader.read_der()?;
                        if is {
                            found = yasna::parse_der(&der, |reader| reader.read_bytes()).ok();
                        }
                        Ok(())
                    })
                })
            })
        })
        .unwrap();
        found.unwrap()
    }
}

fn signed_data(reader: BERReader<'_, '_>) -> yasna::ASN1Result<Message> {
    reader.read_sequence(|reader| {
        reader.next().read_u8()?;
        reader.next().read_der()?;
        let content = reader.next().read_sequence(|reader| {
            reader.next().read_oid()?;
            reader
                .next()
                .read_tagged(Tag::context(0), |reader| reader.read_bytes())
        })?;
        let mut certificate = reader
            .next()
            .read_tagged_implicit(Tag::context(0), |reader| {
                reader.collect_set_of(|reader| reader.read_der())
            })?;
        let mut signers = reader.next().collect_set_of(|reader| {
            reader.read_sequence(|reader| {
                reader.next().read_u8()?;
                reader.next().read_der()?;
                reader.next().read_der()?;
                let mut attributes = reader.next().read_tagged_der()?.value().to_vec();
                attributes.splice(0..0, header(attributes.len()));
                reader.next().read_der()?;
                Ok((attributes, reader.next().read_bytes()?))
            })
        })?;
        let (attributes, signature) = signers.remove(0);
        let certificate = certificate.remove(0);
        Ok(Message {
            content,
            certificate,
            attributes,
            signature,
        })
    })
}

/// Of a set this long: the attributes are signed as one, and sent without saying so.
fn header(length: usize) -> Vec<u8> {
    assert!(length < 128);
    vec![0x31, u8::try_from(length).unwrap()]
}

#[tokio::test]
pub(crate) async fn the_document_is_signed_by_the_authority_of_the_run() {
    let emulator = start().await;
    let answer = ask(
        &emulator,
        &format!("attested/document?{VERSION}&nonce=1234567890"),
    )
    .await;
    assert_eq!(answer.text("encoding"), "pkcs7");
    let message = Message::read(&STANDARD.decode(answer.text("signature")).unwrap());

    let (_, certificate) = X509Certificate::from_der(&message.certificate).unwrap();
    let pem = x509_parser::pem::parse_x509_pem(emulator.ca_pem().as_bytes())
        .unwrap()
        .1;
    let authority = pem.parse_x509().unwrap();
    certificate
        .verify_signature(Some(authority.public_key()))
        .unwrap();
    let names = certificate.subject_alternative_name().unwrap().unwrap();
    assert!(format!("{:?}", names.value).contains("metadata.azure.com"));

    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &message.content);
    assert_eq!(message.digest(), digest.as_ref());
    let key = aws_lc_rs::signature::UnparsedPublicKey::new(
        &aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1,
        &certificate.public_key().subject_public_key.data,
    );
    key.verify(&message.attributes, &message.signature).unwrap();
    assert!(key.verify(&message.content, &message.signature).is_err());

    let content: Value = serde_json::from_slice(&message.content).unwrap();
    assert_eq!(content["nonce"], "1234567890");
    assert_eq!(content["vmId"], "dddddddd-0000-4000-8000-000000000011");
    assert!(
        content["timeStamp"]["expiresOn"]
            .as_str()
            .unwrap()
            .ends_with(" -0000")
    );
}

#[tokio::test]
async fn without_a_nonce_the_time_stands_for_one_and_a_bad_one_is_refused() {
    let emulator = start().await;
    let answer = ask(&emulator, &format!("attested/document?{VERSION}")).await;
    let message = Message::read(&STANDARD.decode(answer.text("signature")).unwrap());
    let content: Value = serde_json::from_slice(&message.content).unwrap();
    let nonce = content["nonce"].as_str().unwrap();
    assert!(nonce.len() == 15 && nonce.as_bytes()[8] == b'-', "{nonce}");
    for nonce in ["12345678901", "x", "%22"] {
        let bad = ask(
            &emulator,
            &format!("attested/document?{VERSION}&nonce={nonce}"),
        )
        .await;
        assert_eq!(bad.status, 400, "{nonce}");
    }
}
