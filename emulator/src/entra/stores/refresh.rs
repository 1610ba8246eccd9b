//! Refresh tokens: everything a later request has to know, sealed into the token itself, so that
//! ninety days of them cost no memory.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::base::random::Random;
use crate::entra::stores::codes::Asked;

/// The contents of a refresh token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    pub(in crate::entra) client_id: Uuid,
    /// The tenant signed in to.
    pub(in crate::entra) tenant: Uuid,
    /// The name of the user, as the world has it.
    pub(in crate::entra) user: String,
    /// When this one was made; its 90 days of idleness begin here.
    pub(in crate::entra) issued: OffsetDateTime,
    /// When the first of its line was made.
    pub(in crate::entra) began: OffsetDateTime,
    /// For a single-page application: ends a day after its line began.
    pub(in crate::entra) spa: bool,
    /// Whether the client proved itself to get it, and so has to again.
    pub(in crate::entra) confidential: bool,
    pub(in crate::entra) auth_time: OffsetDateTime,
    /// How the user proved itself, as in `amr`.
    pub(in crate::entra) methods: Vec<String>,
    pub(in crate::entra) session: Option<Uuid>,
    /// The scopes it was issued for, which a request that names none gets again.
    pub(in crate::entra) asked: Asked,
    /// The fingerprint of the password it was got with, whose change ends it.
    pub(in crate::entra) password: Option<u64>,
}

/// Seals and opens; its key lives as long as the emulator.
pub(in crate::entra) struct Sealer(LessSafeKey);

impl Sealer {
    pub(in crate::entra) fn new(random: &Random) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, &random.bytes::<32>());
        Self(LessSafeKey::new(key.expect("an AES-256 key has 32 bytes")))
    }

    /// The token to give out.
    pub(in crate::entra) fn seal(&self, token: &RefreshToken, random: &Random) -> String {
        let nonce = random.bytes::<NONCE_LEN>();
        let mut sealed = serde_json::to_vec(token).expect("a refresh token is plain data");
        let unique = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_in_place_append_tag(unique, Aad::empty(), &mut sealed)
            .expect("so little data can be sealed");
        let mut bytes = nonce.to_vec();
        bytes.append(&mut sealed);
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Returns the contents of a token, if this emulator sealed it.
    pub(in crate::entra) fn open(&self, token: &str) -> Option<RefreshToken> {
        let bytes = URL_SAFE_NO_PAD
            .decode(token.trim().strip_prefix(PREFIX)?)
            .ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = self
            .0
            .open_in_place(nonce, Aad::empty(), &mut sealed)
            .ok()?;
        serde_json::from_slice(opened).ok()
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(***)")
    }
}

const PREFIX: &str = "1.A";

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> RefreshToken {
        RefreshToken {
            client_id: Uuid::nil(),
            tenant: Uuid::nil(),
            user: "alice@contoso.example".to_owned(),
            issued: OffsetDateTime::UNIX_EPOCH,
            began: OffsetDateTime::UNIX_EPOCH,
            spa: false,
            confidential: false,
            auth_time: OffsetDateTime::UNIX_EPOCH,
            methods: vec!["pwd".to_owned()],
            session: None,
            asked: Asked::Scope("openid".to_owned()),
            password: Some(7),
        }
    }

    #[test]
    fn only_what_was_sealed_here_opens_and_only_unchanged() {
        let random = Random::new(Some(1));
        let sealer = Sealer::new(&random);
        let token = sealer.seal(&example(), &random);
        assert_eq!(sealer.open(&token), Some(example()));
        assert_ne!(token, sealer.seal(&example(), &random));
        let changed = token.replace(&token[40..42], "--");
        let other = Sealer::new(&random).seal(&example(), &random);
        for strange in [changed.as_str(), other.as_str(), "", "1.A", "1.AAAAA", "x"] {
            assert_eq!(sealer.open(strange), None, "{strange}");
        }
        assert!(!token.contains("alice"));
    }
}
