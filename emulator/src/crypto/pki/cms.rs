//! Signed messages: the PKCS #7 of attested documents (RFC 5652).

use aws_lc_rs::digest::{SHA256, digest};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, Tag};

/// `content` with a signature by ECDSA on P-256 over SHA-256 of it, and the certificate that
/// proves it; `sign` signs.
pub(super) fn signed(
    content: &[u8],
    certificate: &[u8],
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Vec<u8> {
    let attributes = yasna::construct_der(|writer| attributes(writer, content));
    let signature = sign(&attributes);
    yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            writer.next().write_oid(&oid(SIGNED_DATA));
            writer.next().write_tagged(Tag::context(0), |writer| {
                writer.write_sequence(|writer| {
                    writer.next().write_u8(1);
                    writer
                        .next()
                        .write_set_of(|writer| algorithm(writer.next(), SHA_256));
                    encapsulated(writer.next(), content);
                    writer
                        .next()
                        .write_tagged_implicit(Tag::context(0), |writer| {
                            writer.write_set_of(|writer| writer.next().write_der(certificate));
                        });
                    writer.next().write_set_of(|writer| {
                        signer(writer.next(), certificate, content, &signature);
                    });
                });
            });
        });
    })
}

fn encapsulated(writer: DERWriter<'_>, content: &[u8]) {
    writer.write_sequence(|writer| {
        writer.next().write_oid(&oid(DATA));
        writer
            .next()
            .write_tagged(Tag::context(0), |writer| writer.write_bytes(content));
    });
}

fn signer(writer: DERWriter<'_>, certificate: &[u8], content: &[u8], signature: &[u8]) {
    let (_, parsed) =
        X509Certificate::from_der(certificate).expect("a certificate of one's own is one");
    writer.write_sequence(|writer| {
        writer.next().write_u8(1);
        writer.next().write_sequence(|writer| {
            writer.next().write_der(parsed.issuer().as_raw());
            writer.next().write_bigint_bytes(parsed.raw_serial(), true);
        });
        algorithm(writer.next(), SHA_256);
        writer
            .next()
            .write_tagged_implicit(Tag::context(0), |writer| attributes(writer, content));
        algorithm(writer.next(), ECDSA_SHA_256);
        writer.next().write_bytes(signature);
    });
}

/// Writes the attributes that are signed: the kind of the content, and its digest.
fn attributes(writer: DERWriter<'_>, content: &[u8]) {
    let digest = digest(&SHA256, content);
    writer.write_set_of(|writer| {
        attribute(writer.next(), CONTENT_TYPE, |writer| {
            writer.write_oid(&oid(DATA));
        });
        attribute(writer.next(), MESSAGE_DIGEST, |writer| {
            writer.write_bytes(digest.as_ref());
        });
    });
}

fn attribute(writer: DERWriter<'_>, kind: &[u64], value: impl FnOnce(DERWriter<'_>)) {
    writer.write_sequence(|writer| {
        writer.next().write_oid(&oid(kind));
        writer.next().write_set_of(|writer| value(writer.next()));
    });
}

fn algorithm(writer: DERWriter<'_>, kind: &[u64]) {
    writer.write_sequence(|writer| writer.next().write_oid(&oid(kind)));
}

fn oid(parts: &[u64]) -> ObjectIdentifier {
    ObjectIdentifier::from_slice(parts)
}

const DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 1];
const SIGNED_DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 2];
const CONTENT_TYPE: &[u64] = &[1, 2, 840, 113_549, 1, 9, 3];
const MESSAGE_DIGEST: &[u64] = &[1, 2, 840, 113_549, 1, 9, 4];
const SHA_256: &[u64] = &[2, 16, 840, 1, 101, 3, 4, 2, 1];
const ECDSA_SHA_256: &[u64] = &[1, 2, 840, 10_045, 4, 3, 2];
