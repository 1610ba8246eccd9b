//! A client acts for a user: what it may do, and the token that says so.

mod checks;
mod granted;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::base::secret::Secret;
use crate::entra::app_state::Snapshot;
use crate::entra::claims_request::ClaimsRequest;
use crate::entra::client_auth::{Client, Proof};
use crate::entra::scope::RequestedScopes;
use crate::entra::stores::codes::Asked;
use crate::entra::stores::refresh::RefreshToken;
use crate::entra::token::{Audience, Delegated, IdToken, Issue, Person, Subject};
use crate::entra::token_form::TokenForm;
use crate::exchange::error::Aadsts;
use crate::world::config::GroupClaims;
use crate::world::directory::{Member, Resource};
use crate::world::endpoint_version::EndpointVersion;
use crate::world::first_party;

/// A user let a client act, in one of the ways there are.
#[derive(Debug)]
pub(in crate::entra) struct Delegation<'a> {
    pub(in crate::entra) client: &'a Client<'a>,
    pub(in crate::entra) member: Member<'a>,
    pub(in crate::entra) asked: Asked,
    pub(in crate::entra) sign_in: SignIn,
    pub(in crate::entra) claims: ClaimsRequest,
    pub(in crate::entra) nonce: Option<String>,
    /// The version of the endpoint.
    pub(in crate::entra) version: EndpointVersion,
    pub(in crate::entra) client_info: bool,
    /// The line its refresh tokens go on with; `None` if it can have none.
    pub(in crate::entra) line: Option<Line>,
    /// Whether policies have been satisfied on the sign-in page.
    pub(in crate::entra) interactive: bool,
}

/// How the user signed in.
#[derive(Clone, Debug)]
pub(in crate::entra) struct SignIn {
    pub(in crate::entra) auth_time: OffsetDateTime,
    /// As in `amr`.
    pub(in crate::entra) methods: Vec<String>,
    pub(in crate::entra) session: Option<Uuid>,
}

/// A line of refresh tokens.
#[derive(Clone, Copy, Debug)]
pub(in crate::entra) struct Line {
    pub(in crate::entra) began: OffsetDateTime,
    pub(in crate::entra) spa: bool,
}

/// An hour, as the real service mostly says.
pub(in crate::entra) const LIFETIME: i64 = 3599;
/// The lifetime of tokens that can be revoked at once: 28 hours, in seconds.
const CAE_LIFETIME: i64 = 100_799;

/// Returns the lifetime of an access token, in seconds. It is long only where a revocation is heard
/// of at once: the client says that it handles that, and the resource takes part.
pub(in crate::entra) fn access_token_lifetime(resource: &Resource<'_>, cae: Option<&str>) -> i64 {
    match cae {
        Some(_) if resource.evaluates_continuously() => CAE_LIFETIME,
        _ => LIFETIME,
    }
}

impl<'a> Delegation<'a> {
    /// Creates the delegation of a token request: policies still have to be asked, and a line of
    /// refresh tokens begins.
    pub(in crate::entra) fn requested(
        form: &TokenForm<'_>,
        client: &'a Client<'a>,
        member: Member<'a>,
        asked: Asked,
        sign_in: SignIn,
        now: OffsetDateTime,
    ) -> Result<Self, Aadsts> {
        Ok(Self {
            client,
            member,
            asked,
            sign_in,
            claims: form.claims()?,
            nonce: None,
            version: form.version,
            client_info: form.wants_client_info(),
            line: Some(Line {
                began: now,
                spa: false,
            }),
            interactive: false,
        })
    }

    /// The token, with whatever belongs into its reply.
    pub(in crate::entra) fn issue(self, snapshot: &Snapshot) -> Result<Issue, Aadsts> {
        self.check_loop(snapshot)?;
        let asked = self.asked.clone();
        let wanted = wanted(&asked)?;
        let (tenant, name) = (self.client.tenant, wanted.resource());
        let resource = snapshot.directory.asked_for_now(tenant, name)?;
        self.check_assignments(&resource)?;
        let granted = self.granted(snapshot, &wanted, &resource)?;
        if !self.interactive {
            self.check_policies(&resource, snapshot.now)?;
        }
        let roles = resource.app.and_then(|app| self.member.roles(app));
        Ok(Issue {
            tenant: tenant.id,
            tenant_created: tenant.created,
            cloud: tenant.cloud,
            audience: Audience::of(&resource, name),
            subject: Subject {
                client_id: self.client.app.client_id,
                object_id: self.member.object_id(),
                acr: self.client.proof.acr(),
                roles: roles.map(<[String]>::to_vec).unwrap_or_default(),
                managed_identity: None,
            },
            lifetime: access_token_lifetime(&resource, self.claims.cae.as_deref()),
            cae: self.claims.cae.clone(),
            delegated: Some(Box::new(Delegated {
                person: Person::of(&self.member),
                scp: granted.scp,
                scope: granted.scope,
                auth_time: self.sign_in.auth_time,
                // Of all ways to a token only that has no refresh tokens.
                implicit: self.line.is_none(),
                memberships: resource
                    .app
                    .map_or(GroupClaims::DirectoryRole, |app| app.group_claims),
                id_token: self.id_token(&wanted),
                refresh_token: self.refresh_token(snapshot, &wanted),
                methods: self.sign_in.methods,
                session: self.sign_in.session,
                context: self.claims.context,
                client_info: self.client_info,
                family: first_party::is_family(self.client.app.client_id),
            })),
        })
    }

    /// v1 always gives one, v2 if `openid` was asked for.
    fn id_token(&self, wanted: &RequestedScopes<'_>) -> Option<IdToken> {
        if !wanted.openid {
            return None;
        }
        let app = self.client.app;
        let mut optional = app.optional_claims.id_token.clone();
        optional.extend(self.claims.auth_time.then(|| "auth_time".to_owned()));
        Some(IdToken {
            version: self.version,
            client_id: app.client_id,
            nonce: self.nonce.clone(),
            profile: wanted.profile,
            email: wanted.email,
            optional,
            memberships: app.group_claims,
            roles: self
                .member
                .roles(app)
                .map(<[_]>::to_vec)
                .unwrap_or_default(),
        })
    }

    /// v1 always gives one, v2 if `offline_access` was asked for.
    fn refresh_token(
        &self,
        snapshot: &Snapshot,
        wanted: &RequestedScopes<'_>,
    ) -> Option<RefreshToken> {
        let line = self.line.filter(|_| wanted.offline_access)?;
        Some(RefreshToken {
            client_id: self.client.app.client_id,
            tenant: self.member.tenant.id,
            user: self.member.user.upn.clone(),
            issued: snapshot.now,
            began: line.began,
            spa: line.spa,
            confidential: self.client.proof != Proof::Public,
            auth_time: self.sign_in.auth_time,
            methods: self.sign_in.methods.clone(),
            session: self.sign_in.session,
            asked: self.asked.clone(),
            password: self.password_of_public(),
        })
    }

    /// Returns the fingerprint of the password that the sign-in was by, for public clients only:
    /// confidential clients keep their tokens when the password changes.
    fn password_of_public(&self) -> Option<u64> {
        let by_password = self.sign_in.methods.iter().any(|method| method == "pwd");
        let public = self.client.proof == Proof::Public;
        let password = self.member.user.password.as_ref();
        password
            .filter(|_| by_password && public)
            .map(Secret::fingerprint)
    }
}

/// v1 asks for whatever was consented to, and for everything of the protocol.
fn wanted(asked: &Asked) -> Result<RequestedScopes<'_>, Aadsts> {
    match asked {
        Asked::Scope(scope) => RequestedScopes::parse(scope),
        Asked::Resource(resource) => Ok(RequestedScopes {
            resource: Some(resource),
            default: Some(resource),
            openid: true,
            profile: true,
            email: true,
            offline_access: true,
            ..RequestedScopes::default()
        }),
    }
}
