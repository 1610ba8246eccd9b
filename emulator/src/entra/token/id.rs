//! ID tokens: v2 or v1 by the endpoint that was asked.

use serde_json::json;
use uuid::Uuid;

use super::{Claims, Delegated, Life, Person, Signer, optional};
use crate::world::cloud::CloudNames;
use crate::world::config::GroupClaims;
use crate::world::endpoint_version::EndpointVersion;

/// The contents of an ID token.
#[derive(Clone, Debug)]
pub(crate) struct IdToken {
    pub(in crate::entra) version: EndpointVersion,
    /// The client, which is the audience.
    pub(in crate::entra) client_id: Uuid,
    /// Only if one was sent.
    pub(in crate::entra) nonce: Option<String>,
    /// Whether `profile` was asked for.
    pub(in crate::entra) profile: bool,
    /// Whether `email` was asked for.
    pub(in crate::entra) email: bool,
    /// Optional claims of the client, and those a request asked for.
    pub(in crate::entra) optional: Vec<String>,
    /// The memberships that the client is told.
    pub(in crate::entra) memberships: GroupClaims,
    /// App roles of the user in the client.
    pub(in crate::entra) roles: Vec<String>,
}

/// The hashes that bind an ID token to what came with it from `/authorize`.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::entra) struct Hashes<'a> {
    pub(in crate::entra) code: Option<&'a str>,
    pub(in crate::entra) access_token: Option<&'a str>,
}

impl IdToken {
    /// Signs it for the user of `delegated`.
    pub(in crate::entra) fn sign(
        &self,
        delegated: &Delegated,
        signer: Signer<'_>,
        hashes: Hashes<'_>,
    ) -> String {
        let life = Life::starting(signer.now, LIFETIME);
        let mut claims = Claims::new(signer.random);
        let person = &delegated.person;
        claims.put("aud", self.client_id);
        claims.put("iss", self.issuer(person, signer.origin));
        claims.put("iat", life.not_before);
        claims.put("nbf", life.not_before);
        claims.put("exp", life.expires_on);
        claims.put_some("at_hash", hashes.access_token.map(half_hash));
        claims.put_some("c_hash", hashes.code.map(half_hash));
        claims.put_some("nonce", self.nonce.as_deref());
        claims.opaque::<36>("rh", "1.");
        claims.put_some("roles", (!self.roles.is_empty()).then(|| json!(self.roles)));
        claims.put("sub", person.pairwise(self.client_id));
        claims.put("tid", person.tenant);
        claims.opaque::<16>("uti", "");
        claims.put_some("idp", person.foreign_idp());
        match self.version {
            EndpointVersion::V1 => self.put_v1(delegated, &mut claims),
            EndpointVersion::V2 => self.put_v2(delegated, &mut claims),
        }
        delegated.put_memberships(self.memberships, &mut claims);
        optional::put(&self.optional, delegated, &mut claims);
        claims.sort_after(FIRST);
        signer.signed(self.version == EndpointVersion::V1, claims)
    }

    fn issuer(&self, person: &Person, origin: &str) -> String {
        let tenant = person.tenant;
        match self.version {
            EndpointVersion::V1 => CloudNames::of(person.cloud).v1_issuer(tenant),
            EndpointVersion::V2 => format!("{origin}/{tenant}/v2.0"),
        }
    }

    fn put_v1(&self, delegated: &Delegated, claims: &mut Claims) {
        claims.put("amr", json!(delegated.methods));
        claims.put("oid", delegated.person.object_id);
        delegated.person.put_names_v1(claims);
        claims.put("ver", "1.0");
    }

    fn put_v2(&self, delegated: &Delegated, claims: &mut Claims) {
        let person = &delegated.person;
        claims.opaque::<42>("aio", "");
        if self.profile {
            claims.put("name", person.name.as_str());
            claims.put("oid", person.object_id);
            claims.put("preferred_username", person.upn.as_str());
        }
        if self.email {
            claims.put_some("email", person.mail.as_deref());
        }
        claims.put("ver", "2.0");
    }
}

const LIFETIME: i64 = 3599;
/// How many claims stand before the alphabetical rest.
const FIRST: usize = 5;

/// The left half of the SHA-256, as OpenID Connect wants it.
fn half_hash(value: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, value.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hash_is_that_of_the_specification() {
        // OpenID Connect Core 1.0, appendix A.3 and A.4: this access token has this `at_hash`.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(super::half_hash(token), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
