//! The end of a request to `/authorize`, once everybody has been asked.

use axum::response::Response;

use crate::authority::Authority;
use crate::config::App;
use crate::error::Aadsts;
use crate::page;
use crate::sign_in::request::{AuthorizeRequest, Refusal};
use crate::sign_in::wanted::{self, Wanted, Wish};
use crate::sign_in::who::{Expected, Pending, Visitor};
use crate::sign_in::{Parameters, Visit};

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
        let strict = wanted.iter().any(Wanted::needs_second_factor);
        if let Err(pending) = expected.second_factor(&visitor, strict) {
            return match pending {
                Pending::Refused(error) => self.refuse(request.refusal(error)),
                pending => self.ask_who(pending, &expected, directory),
            };
        }
        let visit = match self.consent(&request, &visitor, &wanted) {
            Ok(visit) => visit,
            Err(response) => return response,
        };
        match visit.fields(&request, &visitor).await {
            Ok(fields) => {
                visit.note_app(request.app.client_id);
                let response = request.return_to.respond(fields);
                visit.with_cookies(response)
            }
            Err(error) => visit.refuse(back(error)),
        }
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
            // The check has nothing to say against a consent that came of this very world.
            drop(
                self.state
                    .directory()
                    .change(|world| world.consents.extend(given)),
            );
        }
    }

    /// The consent page; administrators may speak for everybody.
    pub(super) fn ask_consent(
        self,
        app: &App,
        visitor: &Visitor<'_>,
        lines: &[page::Permission],
    ) -> Response {
        let tenant = visitor.member.tenant;
        let shown = tenant.display_name.as_ref().unwrap_or(&tenant.name);
        let for_all = wanted::is_administrator(visitor).then_some(shown.as_str());
        let user = &visitor.member.user.upn;
        self.ask(|form, _| page::consent(form, &app.name, user, lines, for_all))
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
