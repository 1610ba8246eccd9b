//! Authorization codes: issued by a sign-in, redeemed once at the token endpoint.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::base::random::Random;
use crate::base::store::Store;
use crate::exchange::error::Aadsts;
use crate::world::redirect_uri::Platform;

/// The outcome of a sign-in, kept until the client redeems the code.
#[derive(Clone, Debug)]
pub(in crate::entra) struct AuthorizationCode {
    pub(in crate::entra) client_id: Uuid,
    /// The tenant signed in to; for a guest not the home tenant.
    pub(in crate::entra) tenant: Uuid,
    /// The name of the user, as the world has it.
    pub(in crate::entra) user: String,
    /// As sent to `/authorize`, to the letter.
    pub(in crate::entra) redirect_uri: String,
    pub(in crate::entra) platform: Platform,
    /// As sent to `/authorize`: scopes (v2) or the resource (v1).
    pub(in crate::entra) asked: Asked,
    pub(in crate::entra) nonce: Option<String>,
    pub(in crate::entra) challenge: Option<Challenge>,
    /// When the user last entered credentials.
    pub(in crate::entra) auth_time: OffsetDateTime,
    /// How the user proved itself, as in `amr`: `pwd`, `mfa`.
    pub(in crate::entra) methods: Vec<&'static str>,
    /// The session the sign-in belongs to (`sid`).
    pub(in crate::entra) session: Option<Uuid>,
    /// `claims` of the request.
    pub(in crate::entra) claims: Option<String>,
}

/// The scopes or the resource of a request to `/authorize` or `/devicecode`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::entra) enum Asked {
    /// `scope` of a v2 endpoint.
    Scope(String),
    /// `resource` of a v1 endpoint.
    Resource(String),
}

/// A PKCE challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::entra) struct Challenge {
    pub(in crate::entra) value: String,
    pub(in crate::entra) method: ChallengeMethod,
}

/// How a verifier becomes a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::entra) enum ChallengeMethod {
    S256,
    Plain,
}

/// Codes that were issued; each is known for a day, so that late and repeated ones get their own
/// error instead of looking invented.
#[derive(Debug)]
pub(crate) struct Codes(Store<String, IssuedCode>);

#[derive(Clone, Debug)]
struct IssuedCode {
    code: Arc<AuthorizationCode>,
    expires: OffsetDateTime,
    redeemed: bool,
}

impl Default for Codes {
    fn default() -> Self {
        Self(Store::with_capacity(8192))
    }
}

impl Codes {
    /// Keeps what was agreed and gives the code for it, good for ten minutes.
    pub(in crate::entra) fn issue(
        &self,
        code: AuthorizationCode,
        random: &Random,
        now: OffsetDateTime,
    ) -> String {
        let value = format!("{PREFIX}{}", random.opaque::<48>());
        let issued = IssuedCode {
            code: Arc::new(code),
            expires: now + LIFETIME,
            redeemed: false,
        };
        self.0.keep(value.clone(), issued, now + KNOWN, now);
        value
    }

    /// Returns the record of a code without redeeming it.
    ///
    /// 9002313 for one that was never issued, 54005 for a redeemed one, 70008 for a late one.
    pub(in crate::entra) fn find(
        &self,
        value: &str,
        now: OffsetDateTime,
    ) -> Result<Arc<AuthorizationCode>, Aadsts> {
        let invented = || Aadsts::new(9002313).named("invalid_grant");
        let issued = self.0.find(&value.to_owned(), now).ok_or_else(invented)?;
        if issued.redeemed {
            return Err(Aadsts::new(54005));
        }
        if issued.expires <= now {
            return Err(Aadsts::new(70008));
        }
        Ok(issued.code)
    }

    /// The tenant of a code that was issued, whatever became of it since.
    pub(in crate::entra) fn tenant(&self, value: &str, now: OffsetDateTime) -> Option<Uuid> {
        let issued = self.0.find(&value.to_owned(), now)?;
        Some(issued.code.tenant)
    }

    /// How many there are, ended ones not yet dropped included.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Marks it redeemed; of several requests at once only one succeeds, the others get 54005.
    pub(in crate::entra) fn redeem(&self, value: &str, now: OffsetDateTime) -> Result<(), Aadsts> {
        let first = self.0.change(&value.to_owned(), now, |issued| {
            !std::mem::replace(&mut issued.redeemed, true)
        });
        if first == Some(true) {
            Ok(())
        } else {
            Err(Aadsts::new(54005))
        }
    }
}

impl Challenge {
    /// Whether `verifier` belongs to it.
    pub(in crate::entra) fn is_met_by(&self, verifier: &str) -> bool {
        match self.method {
            ChallengeMethod::Plain => self.value == verifier,
            ChallengeMethod::S256 => {
                let digest =
                    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
                self.value.trim_end_matches('=') == base64_url(digest.as_ref())
            }
        }
    }
}

const PREFIX: &str = "1.A";
const LIFETIME: Duration = Duration::minutes(10);
const KNOWN: Duration = Duration::DAY;

fn base64_url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> AuthorizationCode {
        AuthorizationCode {
            client_id: Uuid::nil(),
            tenant: Uuid::nil(),
            user: "alice@contoso.example".to_owned(),
            redirect_uri: "http://localhost".to_owned(),
            platform: Platform::Native,
            asked: Asked::Scope("openid".to_owned()),
            nonce: None,
            challenge: None,
            auth_time: OffsetDateTime::UNIX_EPOCH,
            methods: vec!["pwd"],
            session: None,
            claims: None,
        }
    }

    #[test]
    fn a_code_is_redeemed_once_and_ends_after_ten_minutes() {
        let (codes, random) = (Codes::default(), Random::new(Some(1)));
        let start = OffsetDateTime::UNIX_EPOCH;
        let value = codes.issue(code(), &random, start);
        let error = |at| codes.find(&value, at).unwrap_err().code();
        assert!(codes.find(&value, start + Duration::minutes(9)).is_ok());
        assert_eq!(error(start + Duration::minutes(10)), 70008);
        assert!(codes.redeem(&value, start).is_ok());
        assert_eq!(codes.redeem(&value, start).unwrap_err().code(), 54005);
        assert_eq!(error(start), 54005);
        assert_eq!(codes.find("1.Ax", start).unwrap_err().code(), 9002313);
    }

    #[test]
    fn a_challenge_is_met_by_its_verifier_only() {
        let plain = Challenge {
            value: "v".repeat(43),
            method: ChallengeMethod::Plain,
        };
        assert!(plain.is_met_by(&"v".repeat(43)) && !plain.is_met_by("v"));
        // The example of RFC 7636, appendix B.
        let hashed = Challenge {
            value: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
            method: ChallengeMethod::S256,
        };
        assert!(hashed.is_met_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!hashed.is_met_by(&hashed.value));
    }
}
