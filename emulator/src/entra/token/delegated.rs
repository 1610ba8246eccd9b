//! The claims about a user.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Claims, IdToken};
use crate::entra::stores::refresh::RefreshToken;
use crate::world::cloud::CloudNames;
use crate::world::config::{GroupClaims, NationalCloud};
use crate::world::directory::Member;

/// The user of a token, and what the reply holds beside it.
#[derive(Debug)]
pub(crate) struct Delegated {
    pub(crate) person: Person,
    /// Permissions, without the resource's name.
    pub(crate) scp: String,
    /// `scope` of the reply.
    pub(crate) scope: String,
    pub(crate) auth_time: OffsetDateTime,
    /// How the user proved itself, as in `amr`.
    pub(crate) methods: Vec<String>,
    /// The session of the sign-in (`sid`).
    pub(crate) session: Option<Uuid>,
    /// An authentication context the token is good for (`acrs`).
    pub(crate) context: Option<String>,
    /// Whether it goes into a redirect, where long tokens do not fit.
    pub(crate) implicit: bool,
    /// The memberships that the resource is told.
    pub(crate) memberships: GroupClaims,
    pub(crate) id_token: Option<IdToken>,
    pub(crate) refresh_token: Option<RefreshToken>,
    /// Whether the reply says whose account it is.
    pub(crate) client_info: bool,
    /// Whether the client belongs to the family.
    pub(crate) family: bool,
}

/// A user as a tenant's tokens describe it.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(in crate::entra) object_id: Uuid,
    pub(in crate::entra) tenant: Uuid,
    pub(in crate::entra) home_object_id: Uuid,
    pub(in crate::entra) home_tenant: Uuid,
    /// The national cloud of the tenant, and that of the home tenant.
    pub(in crate::entra) cloud: Option<NationalCloud>,
    pub(in crate::entra) home_cloud: Option<NationalCloud>,
    pub(in crate::entra) upn: String,
    pub(in crate::entra) name: String,
    pub(in crate::entra) given_name: Option<String>,
    pub(in crate::entra) family_name: Option<String>,
    pub(in crate::entra) mail: Option<String>,
    pub(in crate::entra) groups: Vec<Uuid>,
    pub(in crate::entra) wids: Vec<Uuid>,
    pub(in crate::entra) region: String,
    pub(in crate::entra) other_mails: Vec<String>,
    pub(in crate::entra) country: Option<String>,
    pub(in crate::entra) language: Option<String>,
    pub(in crate::entra) tenant_country: Option<String>,
    pub(in crate::entra) tenant_language: Option<String>,
    /// The tenant's first domain, which the names of its guests end with.
    pub(in crate::entra) tenant_domain: Option<String>,
}

impl Person {
    pub(crate) fn of(member: &Member<'_>) -> Self {
        let user = member.user;
        Self {
            object_id: member.object_id(),
            tenant: member.tenant.id,
            home_object_id: member.home_object_id(),
            home_tenant: member.home.id,
            cloud: member.tenant.cloud,
            home_cloud: member.home.cloud,
            upn: user.upn.clone(),
            name: member.display_name().to_owned(),
            given_name: user.given_name.clone(),
            family_name: user.family_name.clone(),
            mail: user.mail.clone(),
            groups: user.groups.clone(),
            wids: user.wids.clone(),
            region: member.tenant.region.clone(),
            other_mails: user.other_mails.clone(),
            country: user.country.clone(),
            language: user.language.clone(),
            tenant_country: member.tenant.country.clone(),
            tenant_language: member.tenant.language.clone(),
            tenant_domain: member.tenant.domains.first().cloned(),
        }
    }

    pub(in crate::entra) fn is_guest(&self) -> bool {
        self.home_tenant != self.tenant
    }

    /// `sub`: the same for one user and one application, meaningless to every other.
    pub(in crate::entra) fn pairwise(&self, app_id: Uuid) -> String {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in [self.object_id, self.tenant, app_id] {
            context.update(part.as_bytes());
        }
        URL_SAFE_NO_PAD.encode(context.finish())
    }

    /// `client_info`: the ids by which MSAL knows the account, those of the home tenant.
    pub(in crate::entra) fn client_info(&self) -> String {
        let ids = json!({ "uid": self.home_object_id, "utid": self.home_tenant });
        URL_SAFE_NO_PAD.encode(ids.to_string())
    }

    /// The identity provider of a guest.
    pub(super) fn foreign_idp(&self) -> Option<String> {
        self.is_guest()
            .then(|| CloudNames::of(self.home_cloud).v1_issuer(self.home_tenant))
    }

    /// Adds the claims by which v1 tokens name the user.
    pub(super) fn put_names_v1(&self, claims: &mut Claims) {
        claims.put_some("family_name", self.family_name.as_deref());
        claims.put_some("given_name", self.given_name.as_deref());
        claims.put("ipaddr", "127.0.0.1");
        claims.put("name", self.name.as_str());
        // A guest has no user principal name that means anything elsewhere.
        if self.is_guest() {
            let mail = self.mail.as_deref().unwrap_or(&self.upn);
            claims.put("email", mail);
            claims.put("unique_name", mail);
        } else {
            claims.put("unique_name", self.upn.as_str());
            claims.put("upn", self.upn.as_str());
        }
    }
}

impl Delegated {
    pub(super) fn put_v1_access(&self, claims: &mut Claims) {
        claims.put("acr", "1");
        claims.put("amr", json!(self.methods));
        claims.put_some("idp", self.person.foreign_idp());
        claims.put("puid", self.puid());
        claims.put("scp", self.scp.as_str());
        self.person.put_names_v1(claims);
        self.put_memberships(self.memberships, claims);
        self.put_context(claims);
    }

    pub(super) fn put_v2_access(&self, claims: &mut Claims) {
        claims.put_some("idp", self.person.foreign_idp());
        claims.put("name", self.person.name.as_str());
        claims.put("preferred_username", self.person.upn.as_str());
        claims.put("scp", self.scp.as_str());
        self.put_memberships(self.memberships, claims);
        self.put_context(claims);
    }

    /// Up to 200 groups by name, beyond that where to ask; in a redirect up to 5, beyond that only
    /// that there are some.
    pub(super) fn put_memberships(&self, wanted: GroupClaims, claims: &mut Claims) {
        let person = &self.person;
        let groups = matches!(wanted, GroupClaims::SecurityGroup | GroupClaims::All);
        if groups && self.implicit && person.groups.len() > MOST_GROUPS_IN_A_REDIRECT {
            claims.put("hasgroups", Value::Bool(true));
        } else if groups && person.groups.len() > MOST_GROUPS {
            let (tenant, user) = (person.tenant, person.object_id);
            let endpoint =
                format!("https://graph.windows.net/{tenant}/users/{user}/getMemberObjects");
            claims.put("_claim_names", json!({ "groups": "src1" }));
            claims.put(
                "_claim_sources",
                json!({ "src1": { "endpoint": endpoint } }),
            );
        } else if groups && !person.groups.is_empty() {
            claims.put("groups", ids(&person.groups));
        }
        if matches!(wanted, GroupClaims::DirectoryRole | GroupClaims::All) {
            let plain = [PLAIN_USER.to_owned()];
            let roles = person.wids.iter().map(Uuid::to_string);
            claims.put("wids", roles.chain(plain).collect::<Vec<_>>());
        }
    }

    /// Adds the claims that say more than that a password was given.
    fn put_context(&self, claims: &mut Claims) {
        let second_factor = self.methods.iter().any(|method| method == "mfa");
        let mut contexts: Vec<_> = second_factor.then_some("p1").into_iter().collect();
        contexts.extend(self.context.as_deref());
        claims.put_some("acrs", (!contexts.is_empty()).then(|| json!(contexts)));
    }

    fn puid(&self) -> String {
        let id = self.person.object_id.as_u128() & 0xffff_ffff_ffff;
        format!("1003{id:012X}")
    }
}

/// More are not named in a token.
const MOST_GROUPS: usize = 200;
const MOST_GROUPS_IN_A_REDIRECT: usize = 5;
/// The role every user has.
const PLAIN_USER: &str = "b79fbf4d-3ef9-4689-8143-76b194e85509";

fn ids(ids: &[Uuid]) -> Value {
    json!(ids.iter().map(Uuid::to_string).collect::<Vec<_>>())
}
