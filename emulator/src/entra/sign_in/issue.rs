//! The tokens and codes that an application gets for a sign-in, in the order of the wire.

use crate::entra::claims_request::ClaimsRequest;
use crate::entra::client_auth::{Client, Proof};
use crate::entra::delegation::{Delegation, SignIn};
use crate::entra::sign_in::request::AuthorizeRequest;
use crate::entra::sign_in::who::Visitor;
use crate::entra::sign_in::{Fields, Visit};
use crate::entra::stores::codes::{Asked, AuthorizationCode};
use crate::entra::token::{Hashes, Issue, Person, Signer};
use crate::exchange::error::Aadsts;
use crate::world::cloud;
use crate::world::endpoint_version::EndpointVersion;

impl Visit<'_> {
    pub(super) async fn fields(
        &self,
        request: &AuthorizeRequest<'_>,
        visitor: &Visitor<'_>,
    ) -> Result<Fields, Aadsts> {
        let session = self.session().map(|session| session.id);
        let mut fields = Fields::new();
        if request.prompt.admin {
            fields.push(("admin_consent", "True".to_owned()));
        }
        let code = request.wants.code.then(|| self.code(request, visitor));
        fields.extend(code.clone().map(|code| ("code", code)));
        if request.wants.id_token || request.wants.token {
            let issue = self.issue(request, visitor)?;
            self.tokens(request, &issue, code.as_deref(), &mut fields)
                .await;
        }
        if request.client_info {
            let person = Person::of(&visitor.member);
            fields.push(("client_info", person.client_info()));
        }
        let state = request.return_to.state.clone();
        fields.extend(state.map(|state| ("state", state)));
        fields.extend(session.map(|session| ("session_state", session.to_string())));
        Ok(fields)
    }

    fn code(&self, request: &AuthorizeRequest<'_>, visitor: &Visitor<'_>) -> String {
        let code = AuthorizationCode {
            client_id: request.app.client_id,
            tenant: visitor.member.tenant.id,
            user: visitor.member.user.upn.clone(),
            redirect_uri: request.return_to.uri.clone(),
            platform: request.platform,
            asked: request.asked.clone(),
            nonce: request.nonce.map(str::to_owned),
            challenge: request.challenge.clone(),
            auth_time: visitor.account.at,
            methods: visitor.account.methods.clone(),
            session: self.session().map(|session| session.id),
            claims: request.claims.map(str::to_owned),
        };
        let code = self.state.issue_code(code, self.call.at);
        self.call.note_secret(&code);
        code
    }

    /// The same that a grant would give, to a client that has not proven itself.
    fn issue(
        &self,
        request: &AuthorizeRequest<'_>,
        visitor: &Visitor<'_>,
    ) -> Result<Issue, Aadsts> {
        let snapshot = self.state.snapshot(self.call.at);
        let client = Client {
            tenant: visitor.member.tenant,
            app: request.app,
            proof: Proof::Public,
        };
        let methods = visitor.account.methods.iter();
        let delegation = Delegation {
            client: &client,
            member: visitor.member,
            asked: if request.wants.token {
                request.asked.clone()
            } else {
                Asked::Scope(request.about_the_user())
            },
            sign_in: SignIn {
                auth_time: visitor.account.at,
                methods: methods.map(|method| (*method).to_owned()).collect(),
                session: self.session().map(|session| session.id),
            },
            claims: ClaimsRequest::parse(request.claims)?,
            nonce: request.nonce.map(str::to_owned),
            version: request.version,
            client_info: request.client_info,
            line: None,
            interactive: true,
        };
        delegation.issue(&snapshot)
    }

    async fn tokens(
        &self,
        request: &AuthorizeRequest<'_>,
        issue: &Issue,
        code: Option<&str>,
        fields: &mut Fields,
    ) {
        let (call, random) = (self.call, self.state.random());
        let key = self.state.keys().signer(call.at).await;
        let mut access_token = None;
        if request.wants.token {
            let token = issue.sign(&key, random, call.at, &cloud::issuing_origin(&call.origin));
            call.note_issued(token.note);
            fields.push(("access_token", token.value.clone()));
            fields.push(("token_type", "Bearer".to_owned()));
            fields.push(("expires_in", issue.lifetime.to_string()));
            let scope = issue.delegated.as_ref().map(|it| it.scope.clone());
            fields.push(("scope", scope.unwrap_or_default()));
            access_token = Some(token.value);
        }
        let id_token = issue
            .delegated
            .as_ref()
            .and_then(|it| Some((it, it.id_token.as_ref()?)));
        if let (Some((delegated, id_token)), true) = (id_token, request.wants.id_token) {
            let signer = Signer {
                key: &key,
                random,
                now: call.at,
                origin: &cloud::issuing_origin(&call.origin),
            };
            let hashes = Hashes {
                code,
                access_token: access_token.as_deref(),
            };
            fields.push(("id_token", id_token.sign(delegated, signer, hashes)));
        }
    }
}

impl AuthorizeRequest<'_> {
    /// The scopes of the protocol that were asked for; v1 means them all.
    fn about_the_user(&self) -> String {
        let scopes = ["openid", "profile", "email"];
        let asked = scopes
            .into_iter()
            .filter(|scope| self.version == EndpointVersion::V1 || self.asks_for(scope));
        asked.collect::<Vec<_>>().join(" ")
    }
}
