//! Access tokens: claims in the order of the real service, signed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::directory::Resource;
use crate::journal::Issued;
use crate::keys::Made;
use crate::random::Random;

/// What a token shall say; not signed yet.
#[derive(Debug)]
pub(crate) struct Issue {
    pub(crate) tenant: Uuid,
    pub(crate) tenant_created: OffsetDateTime,
    pub(crate) audience: Audience,
    pub(crate) subject: Subject,
    /// `expires_in`, in seconds.
    pub(crate) lifetime: i64,
}

/// For whom the token is, which also decides its version.
#[derive(Debug)]
pub(crate) struct Audience {
    /// As it was asked for: `resource` of a v1 reply and `aud` of a v1 token.
    pub(crate) asked: String,
    app_id: Uuid,
    version: u8,
    first_party: bool,
}

/// An application or managed identity that acts by itself.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) client_id: Uuid,
    pub(crate) object_id: Uuid,
    /// How it proved itself.
    pub(crate) acr: &'static str,
    pub(crate) roles: Vec<String>,
    /// Azure resource id of a managed identity (`xms_mirid`).
    pub(crate) managed_identity: Option<String>,
}

/// A signed token with what its reply says about it.
#[derive(Debug)]
pub(crate) struct IssuedToken {
    pub(crate) value: String,
    pub(crate) note: Issued,
    pub(crate) not_before: i64,
    pub(crate) expires_on: i64,
}

impl Audience {
    pub(crate) fn of(resource: &Resource<'_>, asked: &str) -> Self {
        Self {
            asked: asked.to_owned(),
            app_id: resource.app_id,
            version: resource.version,
            first_party: resource.app.is_none(),
        }
    }
}

impl Issue {
    /// Signs. Tokens are backdated by five minutes, and end a second after the lifetime they are
    /// said to have, as the real ones do; `origin` is the one the client used.
    pub(crate) fn sign(
        &self,
        key: &Made,
        random: &Random,
        now: OffsetDateTime,
        origin: &str,
    ) -> IssuedToken {
        let now = now.unix_timestamp();
        let (not_before, expires_on) = (now - 300, now + self.lifetime + 1);
        let mut claims = Claims {
            random,
            map: Map::new(),
        };
        let header = if self.audience.version == 2 {
            self.v2(&mut claims, not_before, expires_on, origin);
            json!({ "typ": "JWT", "alg": "RS256", "kid": key.kid })
        } else {
            self.v1(&mut claims, not_before, expires_on);
            json!({ "typ": "JWT", "alg": "RS256", "x5t": key.kid, "kid": key.kid })
        };
        let payload = Value::Object(claims.map);
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&payload));
        let signature = key.sign(&signed);
        let value = format!("{signed}.{signature}");
        IssuedToken {
            note: Issued::access_token(&value),
            value,
            not_before,
            expires_on,
        }
    }

    fn v1(&self, claims: &mut Claims<'_>, not_before: i64, expires_on: i64) {
        let (subject, tenant) = (&self.subject, self.tenant);
        let issuer = format!("https://sts.windows.net/{tenant}/");
        claims.put("aud", self.audience.asked.as_str());
        claims.put("iss", issuer.as_str());
        claims.put("iat", not_before);
        claims.put("nbf", not_before);
        claims.put("exp", expires_on);
        claims.opaque::<42>("aio", "");
        claims.put("appid", subject.client_id.to_string());
        claims.put("appidacr", subject.acr);
        claims.put("idp", issuer);
        // An optional claim that Microsoft's own resources opt in to.
        claims.put_some("idtyp", self.audience.first_party.then_some("app"));
        claims.put("oid", subject.object_id.to_string());
        claims.opaque::<36>("rh", "1.");
        claims.put_some("roles", subject.roles());
        claims.put("sub", subject.object_id.to_string());
        claims.put("tid", tenant.to_string());
        claims.opaque::<16>("uti", "");
        claims.put("ver", "1.0");
        claims.put_some("xms_mirid", subject.managed_identity.clone());
        claims.put("xms_tcdt", self.tenant_created.unix_timestamp().to_string());
    }

    fn v2(&self, claims: &mut Claims<'_>, not_before: i64, expires_on: i64, origin: &str) {
        let (subject, tenant) = (&self.subject, self.tenant);
        claims.opaque::<42>("aio", "");
        claims.put("aud", self.audience.app_id.to_string());
        claims.put("azp", subject.client_id.to_string());
        claims.put("azpacr", subject.acr);
        claims.put("exp", expires_on);
        claims.put("iat", not_before);
        claims.put("iss", format!("{origin}/{tenant}/v2.0"));
        claims.put("nbf", not_before);
        claims.put("oid", subject.object_id.to_string());
        claims.opaque::<36>("rh", "1.");
        claims.put_some("roles", subject.roles());
        claims.put("sub", subject.object_id.to_string());
        claims.put("tid", tenant.to_string());
        claims.opaque::<16>("uti", "");
        claims.put("ver", "2.0");
        claims.opaque::<33>("xms_ftd", "");
        claims.put_some("xms_mirid", subject.managed_identity.clone());
    }
}

impl Subject {
    fn roles(&self) -> Option<Value> {
        (!self.roles.is_empty()).then(|| json!(self.roles))
    }
}

/// Claims in the order they are put.
struct Claims<'a> {
    random: &'a Random,
    map: Map<String, Value>,
}

impl Claims<'_> {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.map.insert(name.to_owned(), value.into());
    }

    fn put_some(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// A claim whose value means nothing to anybody but the service.
    fn opaque<const N: usize>(&mut self, name: &str, prefix: &str) {
        let value = format!("{prefix}{}", self.random.opaque::<N>());
        self.put(name, value);
    }
}
