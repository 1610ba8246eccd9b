//! Tokens: claims in the order of the real service, signed.

mod access;
mod claims;
mod delegated;
mod id;
mod optional;

use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::base::random::Random;
use crate::crypto::keys::KeyPair;
use crate::exchange::issued::Issued;
use crate::state::managed_tokens::IssuedToken;
use crate::world::config::NationalCloud;
use crate::world::directory::Resource;

use claims::Claims;
pub(crate) use delegated::{Delegated, Person};
pub(in crate::entra) use id::{Hashes, IdToken};

/// The contents of a token that is not signed yet.
#[derive(Debug)]
pub(crate) struct Issue {
    pub(crate) tenant: Uuid,
    pub(crate) tenant_created: OffsetDateTime,
    /// The national cloud of the tenant.
    pub(crate) cloud: Option<NationalCloud>,
    pub(crate) audience: Audience,
    pub(crate) subject: Subject,
    /// `expires_in`, in seconds.
    pub(crate) lifetime: i64,
    /// The client handles continuous access evaluation (`xms_cc`).
    pub(crate) cae: Option<String>,
    /// The user it is about, and what else the reply holds; `None` if the client acts by itself.
    pub(crate) delegated: Option<Box<Delegated>>,
}

/// For whom the token is, which also decides its version.
#[derive(Debug)]
pub(crate) struct Audience {
    /// As it was asked for: `resource` of a v1 reply and `aud` of a v1 token.
    pub(crate) asked: String,
    pub(in crate::entra) app_id: Uuid,
    version: u8,
    first_party: bool,
    /// Optional claims it wants in its tokens.
    optional: Vec<String>,
}

/// The party that acts: an application, a managed identity, or the client of a user.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) client_id: Uuid,
    /// The object id of the application, the identity or the user.
    pub(crate) object_id: Uuid,
    /// How the client proved itself.
    pub(crate) acr: &'static str,
    pub(crate) roles: Vec<String>,
    /// Azure resource id of a managed identity (`xms_mirid`).
    pub(crate) managed_identity: Option<String>,
}

/// The parts that signing needs besides the claims.
#[derive(Clone, Copy)]
pub(in crate::entra) struct Signer<'a> {
    pub(in crate::entra) key: &'a KeyPair,
    pub(in crate::entra) random: &'a Random,
    pub(in crate::entra) now: OffsetDateTime,
    /// The one the client used: it is part of the issuer's name.
    pub(in crate::entra) origin: &'a str,
}

impl Audience {
    pub(crate) fn of(resource: &Resource<'_>, asked: &str) -> Self {
        let optional = resource.app.map(|app| &app.optional_claims.access_token);
        Self {
            asked: asked.to_owned(),
            app_id: resource.app_id,
            version: resource.version,
            first_party: resource.app.is_none(),
            optional: optional.cloned().unwrap_or_default(),
        }
    }

    fn opts_in_to(&self, claim: &str) -> bool {
        self.optional.iter().any(|name| name == claim)
    }
}

impl Issue {
    /// The access token. Tokens are backdated by five minutes, and end a second after the lifetime
    /// they are said to have, as the real ones do; `origin` is the one the client used.
    pub(crate) fn sign(
        &self,
        key: &KeyPair,
        random: &Random,
        now: OffsetDateTime,
        origin: &str,
    ) -> IssuedToken {
        let signer = Signer {
            key,
            random,
            now,
            origin,
        };
        let life = Life::starting(now, self.lifetime);
        let mut claims = Claims::new(random);
        let with_x5t = self.audience.version == 1;
        if with_x5t {
            access::v1(self, &mut claims, &life);
        } else {
            access::v2(self, &mut claims, &life, origin);
        }
        let value = signer.signed(with_x5t, claims);
        IssuedToken {
            note: Issued::access_token(&value),
            value,
            not_before: life.not_before,
            expires_on: life.expires_on,
        }
    }
}

impl Subject {
    fn roles(&self) -> Option<Value> {
        (!self.roles.is_empty()).then(|| json!(self.roles))
    }
}

impl Signer<'_> {
    /// The token with these claims. v1 tokens name their key twice.
    fn signed(&self, with_x5t: bool, claims: Claims) -> String {
        let kid = self.key.kid.as_str();
        let header = JoseHeader {
            typ: "JWT",
            alg: "RS256",
            x5t: with_x5t.then_some(kid),
            kid,
        };
        self.key.token(&header, &claims)
    }
}

#[derive(Serialize)]
struct JoseHeader<'a> {
    typ: &'static str,
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    x5t: Option<&'a str>,
    kid: &'a str,
}

/// When a token begins and ends, in seconds.
struct Life {
    not_before: i64,
    expires_on: i64,
}

impl Life {
    fn starting(now: OffsetDateTime, lifetime: i64) -> Self {
        let now = now.unix_timestamp();
        Self {
            not_before: now - 300,
            expires_on: now + lifetime + 1,
        }
    }
}
