//! The end of a request to `/authorize`, once everybody has been asked.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::authority::Authority;
use crate::codes::AuthorizationCode;
use crate::error::Aadsts;
use crate::page;
use crate::sign_in::request::{AuthorizeRequest, Refusal};
use crate::sign_in::wanted::{self, Wanted, Wish};
use crate::sign_in::who::{Expected, Pending, Visitor};
use crate::sign_in::{Fields, Parameters, Visit};

impl Visit<'_> {
    pub(super) async fn authorize(self, parameters: &Parameters) -> Response {
        let snapshot = self.state.snapshot(self.call.at);
        let directory = &*snapshot.directory;
        let request = match AuthorizeRequest::read(parameters, directory) {
            Ok(request) => request,
            Err(refusal) => return self.refuse(refusal),
        };
        let back = |error| Refusal::Return(error, request.return_to.clone());
        // What the tenant does not know is said before anybody has to sign in.
        if let Authority::Tenant(tenant) = &request.authority
            && let Err(error) = wanted::wanted(request.wish(), tenant, directory)
        {
            return self.refuse(back(error));
        }
        let session = self.session();
        let expected = request.expected();
        let visitor = match expected.visitor(&self.flow, session.as_ref(), directory, self.call.at)
        {
            Ok(visitor) => visitor,
            Err(Pending::Refused(error)) => return self.refuse(request.refusal(error)),
            Err(pending) => return self.ask_who(pending, &expected, directory),
        };
        let wanted = match wanted::wanted(request.wish(), visitor.member.tenant, directory) {
            Ok(wanted) => wanted,
            Err(error) => return self.refuse(back(error)),
        };
        let visit = match self.consent(&request, &visitor, &wanted) {
            Ok(visit) => visit,
            Err(response) => return response,
        };
        let fields = visit.fields(&request, &visitor).await;
        visit.note_app(request.app.client_id);
        let response = request.return_to.respond(fields, visit.call);
        visit.with_cookies(response)
    }

    /// Asks for consent where it is missing, or takes what was just given.
    fn consent(
        self,
        request: &AuthorizeRequest<'_>,
        visitor: &Visitor<'_>,
        wanted: &[Wanted<'_>],
    ) -> Result<Self, Response> {
        let snapshot = self.state.snapshot(self.call.at);
        let directory = &*snapshot.directory;
        let wish = request.wish();
        if self.flow.agreed {
            self.give_consent(wanted, wish, visitor);
            return Ok(self);
        }
        let everything = request.prompt.consent;
        let lines = match wanted::to_ask(wanted, everything, wish, visitor, directory) {
            Ok(lines) => lines,
            Err(error) => return Err(self.refuse(request.refusal(error))),
        };
        if lines.is_empty() && !everything {
            return Ok(self);
        }
        if request.prompt.none {
            let id = request.app.client_id.to_string();
            let error = Aadsts::new(65001)
                .with("id", id)
                .with("name", &request.app.name);
            return Err(self.refuse(request.refusal(error)));
        }
        Err(self.ask_consent(request.app, visitor, &lines))
    }

    /// Writes down what the visitor has agreed to.
    pub(super) fn give_consent(
        &self,
        wanted: &[Wanted<'_>],
        wish: Wish<'_>,
        visitor: &Visitor<'_>,
    ) {
        let snapshot = self.state.snapshot(self.call.at);
        let for_all = self.flow.for_all && wanted::is_administrator(visitor);
        let given = wanted::given(wanted, wish, visitor, for_all, &snapshot.directory);
        if !given.is_empty() {
            self.state
                .change_world(|world| world.consents.extend(given.iter().cloned()));
        }
    }

    /// The consent page; administrators may speak for everybody.
    pub(super) fn ask_consent(
        self,
        app: &crate::config::App,
        visitor: &Visitor<'_>,
        lines: &[page::Permission],
    ) -> Response {
        let tenant = visitor.member.tenant;
        let shown = tenant.display_name.as_ref().unwrap_or(&tenant.name);
        let for_all = wanted::is_administrator(visitor).then_some(shown.as_str());
        let user = &visitor.member.user.upn;
        self.ask(|form, _| page::consent(form, &app.name, user, lines, for_all))
    }

    /// Everything the application asked for, in the order of the wire.
    async fn fields(&self, request: &AuthorizeRequest<'_>, visitor: &Visitor<'_>) -> Fields {
        let session = self.session().map(|session| session.id);
        let mut fields = Fields::new();
        if request.wants.code {
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
                session,
                claims: request.claims.map(str::to_owned),
            };
            let code = self.state.issue_code(code, self.call.at);
            self.call.note_secret(&code);
            fields.push(("code", code));
        }
        if request.client_info {
            fields.push(("client_info", client_info(visitor)));
        }
        fields.extend(
            request
                .return_to
                .state
                .clone()
                .map(|state| ("state", state)),
        );
        fields.extend(session.map(|session| ("session_state", session.to_string())));
        fields
    }
}

impl<'a> AuthorizeRequest<'a> {
    fn expected(&'a self) -> Expected<'a> {
        Expected {
            authority: &self.authority,
            app: self.app,
            prompt: self.prompt,
            login_hint: self.login_hint,
            domain_hint: self.domain_hint,
            session: self.session,
            max_age: self.max_age,
        }
    }

    fn wish(&self) -> Wish<'_> {
        Wish {
            app: self.app,
            asked: &self.asked,
            at_once: self.wants.token,
        }
    }

    /// Nobody sees the pages of a silent request, so it goes back with everything.
    fn refusal(&self, error: Aadsts) -> Refusal {
        if !self.prompt.none {
            return Refusal::Page(error);
        }
        let error = if error.error() == "invalid_grant" {
            error.named("interaction_required")
        } else {
            error
        };
        Refusal::Return(error, self.return_to.clone())
    }
}

/// Ids of the account at home, as MSAL keeps them.
fn client_info(visitor: &Visitor<'_>) -> String {
    let (uid, utid) = (visitor.member.home_object_id(), visitor.member.home.id);
    URL_SAFE_NO_PAD.encode(format!(r#"{{"uid":"{uid}","utid":"{utid}"}}"#))
}
