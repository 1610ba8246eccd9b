//! Keys that sign tokens, made off the start-up path.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use rcgen::{CertificateParams, DistinguishedName, DnType};
use rsa::pkcs8::EncodePrivateKey as _;
use serde::Serialize;

use crate::crypto::jwt::Jwt;

/// An RSA-2048 key with the self-signed certificate that names it, shared by its clones.
///
/// Making one takes tens of milliseconds, so it happens on a thread of its own and whoever needs it
/// first waits for the rest. Many emulators of one test process can share one.
#[derive(Clone)]
pub struct SigningKey(Arc<Lazy>);

struct Lazy {
    origin: Origin,
    made: OnceLock<Arc<KeyPair>>,
}

#[derive(Clone, Copy)]
enum Origin {
    System,
    /// A seed, and which of its keys.
    Seed(u64, u64),
}

/// A key that is ready.
pub(crate) struct KeyPair {
    pair: RsaKeyPair,
    /// base64url SHA-1 of the certificate: `kid` and `x5t` of every token.
    pub(crate) kid: String,
    /// Modulus, base64url.
    pub(crate) n: String,
    /// Public exponent, base64url.
    pub(crate) e: String,
    /// The certificate, standard base64 as in `x5c`.
    pub(crate) x5c: String,
}

impl SigningKey {
    /// A fresh random key; returns at once.
    pub fn generate() -> Self {
        Self::started(Origin::System)
    }

    /// The key of this seed, the same in every run. Slower to make than a random one, and known to
    /// anybody who knows the seed.
    pub fn from_seed(seed: u64) -> Self {
        Self::successor(seed, 0)
    }

    /// One of the keys that follow from a seed; number 0 is [`from_seed`](Self::from_seed).
    pub(in crate::crypto) fn successor(seed: u64, number: u64) -> Self {
        Self::started(Origin::Seed(seed, number))
    }

    fn started(origin: Origin) -> Self {
        let key = Self(Arc::new(Lazy {
            origin,
            made: OnceLock::new(),
        }));
        let background = key.clone();
        let thread = std::thread::Builder::new().name("signing-key".to_owned());
        // Without a thread the first token makes it.
        drop(thread.spawn(move || background.0.made().kid.len()));
        key
    }

    /// The key, if it was needed before; one that was not cannot have signed anything.
    pub(in crate::crypto) fn if_made(&self) -> Option<Arc<KeyPair>> {
        self.0.made.get().cloned()
    }

    /// The key, made by now or while the caller waits.
    pub(in crate::crypto) fn made(&self) -> Arc<KeyPair> {
        self.0.made().clone()
    }

    /// Waits for the key without holding up the runtime.
    pub(in crate::crypto) async fn ready(&self) -> Arc<KeyPair> {
        if self.0.made.get().is_none() {
            let waiting = self.clone();
            let waited = tokio::task::spawn_blocking(move || waiting.0.made().kid.len()).await;
            drop(waited);
        }
        self.made()
    }
}

impl Lazy {
    fn made(&self) -> &Arc<KeyPair> {
        self.made.get_or_init(|| {
            Arc::new(match self.origin {
                Origin::System => random(),
                Origin::Seed(seed, number) => seeded(seed, number),
            })
        })
    }
}

impl KeyPair {
    /// The RS256 signature of `message`, base64url.
    pub(crate) fn sign(&self, message: &str) -> String {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &rand::SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .expect("an RSA-2048 key signs any message");
        URL_SAFE_NO_PAD.encode(signature)
    }

    /// A token with this header and these claims.
    pub(crate) fn token(&self, header: &impl Serialize, claims: &impl Serialize) -> String {
        let mut token = String::with_capacity(TOKEN_LENGTH);
        let mut part = Vec::with_capacity(TOKEN_LENGTH);
        write_json(header, &mut part);
        URL_SAFE_NO_PAD.encode_string(&part, &mut token);
        token.push('.');
        part.clear();
        write_json(claims, &mut part);
        URL_SAFE_NO_PAD.encode_string(&part, &mut token);
        let signature = self.sign(&token);
        token.push('.');
        token.push_str(&signature);
        token
    }

    /// Whether a token says so and it is true.
    pub(crate) fn has_signed(&self, jwt: &Jwt<'_>) -> bool {
        let key = DecodingKey::from_rsa_components(&self.n, &self.e);
        key.is_ok_and(|key| jwt.is_signed_with(Algorithm::RS256, &key))
    }

    fn new(pair: RsaKeyPair, pkcs8: &[u8]) -> Self {
        let certificate = certificate(pkcs8);
        let thumbprint = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &certificate);
        let public = pair.public_key();
        Self {
            kid: URL_SAFE_NO_PAD.encode(thumbprint),
            n: URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            e: URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
            x5c: STANDARD.encode(certificate),
            pair,
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kid = self.0.made.get().map(|made| made.kid.as_str());
        f.debug_struct("SigningKey")
            .field("kid", &kid)
            .finish_non_exhaustive()
    }
}

/// More than most tokens need, so that they are written without moving.
const TOKEN_LENGTH: usize = 2048;

fn write_json(part: &impl Serialize, bytes: &mut Vec<u8>) {
    serde_json::to_writer(bytes, part).expect("headers and claims are plain data");
}

fn random() -> KeyPair {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("the system can make an RSA key");
    let pkcs8 = pair.as_der().expect("a new key can be written down");
    let bytes: &[u8] = pkcs8.as_ref();
    KeyPair::new(pair, bytes)
}

fn seeded(seed: u64, number: u64) -> KeyPair {
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    random.set_stream(number);
    let key = rsa::RsaPrivateKey::new(&mut random, 2048).expect("the seed gives an RSA key");
    let pkcs8 = key.to_pkcs8_der().expect("a new key can be written down");
    let pair = RsaKeyPair::from_pkcs8(pkcs8.as_bytes()).expect("a new key can be read back");
    KeyPair::new(pair, pkcs8.as_bytes())
}

/// Fixed dates and a serial number from the key: one key has one certificate and one `kid`.
fn certificate(pkcs8: &[u8]) -> Vec<u8> {
    let key = rcgen::KeyPair::try_from(pkcs8).expect("rcgen reads an RSA key");
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "accounts.accesscontrol.windows.net");
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2050, 1, 1);
    let certificate = params
        .self_signed(&key)
        .expect("an RSA key signs its certificate");
    certificate.der().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kid_is_the_sha1_of_the_certificate() {
        let key = SigningKey::generate();
        let made = key.made();
        let certificate = STANDARD.decode(&made.x5c).unwrap();
        let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &certificate);
        assert_eq!(made.kid, URL_SAFE_NO_PAD.encode(sha1));
        assert_eq!(made.kid.len(), 27);
        assert_eq!(made.e, "AQAB");
    }

    #[test]
    fn one_seed_gives_one_key_and_another_seed_another() {
        let kid = |seed| SigningKey::from_seed(seed).made().kid.clone();
        let first = kid(1);
        assert_eq!(kid(1), first);
        assert_ne!(kid(2), first);
    }

    #[test]
    fn debug_shows_the_kid_and_nothing_more() {
        let key = SigningKey::generate();
        let kid = key.made().kid.clone();
        assert_eq!(
            format!("{key:?}"),
            format!("SigningKey {{ kid: Some({kid:?}), .. }}")
        );
    }
}
