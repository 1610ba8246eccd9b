//! The end of a request to `/authorize`, once everybody has been asked.

use axum::response::Response;

use crate::entra::cross_cloud;
use crate::entra::pages::{self, PermissionLine};
use crate::entra::sign_in::Visit;
use crate::entra::sign_in::consent;
use crate::entra::sign_in::request::{AuthorizeRefusal, AuthorizeRequest};
use crate::entra::sign_in::wanted::{self, RequestedPermissions, Wish};
use crate::entra::sign_in::who::{Expected, OpenQuestion, Visitor};
use crate::entra::stores::flows::Parameters;
use crate::entra::tenant_restriction;
use crate::exchange::error::Aadsts;
use crate::exchange::request::Call;
use crate::world::authority::Authority;
use crate::world::config::App;
use crate::world::directory::Directory;
use crate::world::first_party;

/// Why there is no answer yet.
enum Stop<'a> {
    Refused(AuthorizeRefusal),
    Who(OpenQuestion<'a>),
    Consent(Box<Visitor<'a>>, Vec<PermissionLine>),
}

impl Visit<'_> {
    pub(super) async fn authorize(self, parameters: &Parameters) -> Response {
        let snapshot = self.state.snapshot(self.call.at);
        let directory = &*snapshot.directory;
        let request = match AuthorizeRequest::read(parameters, directory) {
            Ok(request) => request,
            Err(refusal) => return self.refuse(refusal),
        };
        let visitor = match self.agreed(&request, directory) {
            Ok(visitor) => visitor,
            Err(Stop::Refused(refusal)) => return self.refuse(refusal),
            Err(Stop::Who(pending)) => {
                return self.ask_who(pending, &request.expected(), directory);
            }
            Err(Stop::Consent(visitor, lines)) => {
                return self.ask_consent(request.app, &visitor, &lines);
            }
        };
        match self.fields(&request, &visitor).await {
            Ok(fields) => {
                self.note_app(request.app.client_id);
                let response = request.return_to.respond(fields);
                self.with_cookies(response)
            }
            Err(error) => self.refuse(request.back(error)),
        }
    }

    /// Returns the user who signs in, once everything has been asked and agreed to.
    fn agreed<'r>(
        &self,
        request: &'r AuthorizeRequest<'r>,
        directory: &'r Directory,
    ) -> Result<Visitor<'r>, Stop<'r>> {
        let back = |error| Stop::Refused(request.back(error));
        request
            .check_beforehand(self.call, directory)
            .map_err(back)?;
        let (session, expected) = (self.session(), request.expected());
        let stopped = |pending| match pending {
            OpenQuestion::Refused(error) => Stop::Refused(request.refusal(self.reason(error))),
            pending => Stop::Who(pending),
        };
        let visitor = expected
            .visitor(&self.flow, session.as_ref(), directory, self.call.at)
            .map_err(stopped)?;
        let tenant = visitor.member.tenant;
        cross_cloud::check_tenant(self.call, tenant).map_err(back)?;
        tenant_restriction::check(self.call, tenant)
            .map_err(|error| Stop::Refused(AuthorizeRefusal::Page(error)))?;
        let wanted = wanted::wanted(request.wish(), tenant, directory).map_err(back)?;
        if request.prompt.admin && !consent::is_administrator(&visitor) {
            let error = Aadsts::new(90094).with("name", &request.app.name);
            return Err(Stop::Refused(request.refusal(error)));
        }
        let strict = wanted.iter().any(RequestedPermissions::needs_second_factor);
        expected
            .second_factor(&visitor, strict, self.call.at)
            .map_err(stopped)?;
        if self.flow.agreed {
            let for_all = self.flow.for_all || request.prompt.admin;
            self.give_consent(&wanted, request.wish(), &visitor, for_all);
        } else if let Some(lines) = request
            .to_ask(&visitor, &wanted, directory)
            .map_err(Stop::Refused)?
        {
            return Err(Stop::Consent(Box::new(visitor), lines));
        }
        Ok(visitor)
    }

    /// Writes down what the visitor has agreed to.
    pub(super) fn give_consent(
        &self,
        wanted: &[RequestedPermissions<'_>],
        wish: Wish<'_>,
        visitor: &Visitor<'_>,
        for_all: bool,
    ) {
        let snapshot = self.state.snapshot(self.call.at);
        let for_all = for_all && consent::is_administrator(visitor);
        let given = consent::given(wanted, wish, visitor, for_all, &snapshot.directory);
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
        lines: &[PermissionLine],
    ) -> Response {
        let tenant = visitor.member.tenant;
        let shown = tenant.display_name.as_ref().unwrap_or(&tenant.name);
        let for_all = consent::is_administrator(visitor).then_some(shown.as_str());
        let user = &visitor.member.user.upn;
        self.ask(|form, _| pages::consent(form, &app.name, user, lines, for_all))
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

    /// Checks what is wrong whoever signs in, and so is said before anybody does.
    fn check_beforehand(&self, call: &Call, directory: &Directory) -> Result<(), Aadsts> {
        if let Authority::Tenant(tenant) = &self.authority {
            cross_cloud::check_tenant(call, tenant)?;
            wanted::wanted(self.wish(), tenant, directory)?;
        }
        cross_cloud::check_application(call, self.app, directory)?;
        self.check_for_consumers(directory)
    }

    /// Personal accounts get no tokens in the first format, but for Microsoft Graph.
    fn check_for_consumers(&self, directory: &Directory) -> Result<(), Aadsts> {
        let home = directory.home_of(self.app);
        let Some(tenant) = home.filter(|_| matches!(self.authority, Authority::Consumers)) else {
            return Ok(());
        };
        let wanted = wanted::wanted(self.wish(), tenant, directory)?;
        let is_first = |one: &&RequestedPermissions<'_>| {
            one.resource.version == 1 && one.resource.app_id != first_party::GRAPH
        };
        match wanted.iter().find(is_first) {
            Some(one) => Err(Aadsts::new(90124)
                .with("resource", &one.name)
                .with("id", one.resource.app_id.to_string())),
            None => Ok(()),
        }
    }

    fn wish(&self) -> Wish<'_> {
        Wish {
            app: self.app,
            asked: self.registered.as_ref().unwrap_or(&self.asked),
            at_once: self.wants.token,
        }
    }

    /// Returns the permissions that the visitor has still to agree to, if any.
    fn to_ask(
        &self,
        visitor: &Visitor<'_>,
        wanted: &[RequestedPermissions<'_>],
        directory: &Directory,
    ) -> Result<Option<Vec<PermissionLine>>, AuthorizeRefusal> {
        let everything = self.prompt.consent;
        let lines = consent::to_ask(wanted, everything, self.wish(), visitor, directory)
            .map_err(|error| self.refusal(error))?;
        if lines.is_empty() && !everything {
            return Ok(None);
        }
        if self.prompt.none {
            let id = self.app.client_id.to_string();
            let error = Aadsts::new(65001).with("id", id);
            return Err(self.refusal(error.with("name", &self.app.name)));
        }
        Ok(Some(lines))
    }

    /// To the application, whoever is in front of the browser.
    fn back(&self, error: Aadsts) -> AuthorizeRefusal {
        AuthorizeRefusal::Return(error, Box::new(self.return_to.clone()))
    }

    /// Nobody sees the pages of a silent request, so it goes back with everything.
    fn refusal(&self, error: Aadsts) -> AuthorizeRefusal {
        if !self.prompt.none {
            return AuthorizeRefusal::Page(error);
        }
        let error = if error.error() == "invalid_grant" {
            error.named("interaction_required")
        } else {
            error
        };
        self.back(error)
    }
}
