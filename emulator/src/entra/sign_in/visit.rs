//! One step of a flow: which page comes next, or how it ends.

use axum::response::Response;

use crate::entra::app_state::AppState;
use crate::entra::cookies;
use crate::entra::pages::{self, Account, Form, Page};
use crate::entra::policy;
use crate::entra::sign_in::request::AuthorizeRefusal;
use crate::entra::sign_in::who::{Expected, OpenQuestion};
use crate::entra::stores::flows::{Flow, Purpose};
use crate::entra::stores::sessions::{Session, SignedIn};
use crate::exchange::error::Aadsts;
use crate::exchange::request::Call;
use crate::world::authority::Authority;
use crate::world::directory::Directory;

/// A browser at one point of a flow.
#[derive(Debug)]
pub(in crate::entra) struct Visit<'a> {
    pub(in crate::entra) state: &'a AppState,
    pub(in crate::entra) call: &'a Call,
    pub(in crate::entra) flow: Flow,
    /// The reason why the form before this was refused.
    pub(in crate::entra) problem: Option<FormProblem>,
    /// The session's cookie, and whether the browser has it yet.
    cookie: Option<String>,
    is_new: bool,
}

/// Why a form comes back, and what had been typed into it.
#[derive(Debug)]
pub(in crate::entra) struct FormProblem {
    pub(in crate::entra) text: String,
    pub(in crate::entra) typed: String,
}

/// The error of an error page; left in the extensions of its response.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub(super) code: u32,
    pub(super) text: String,
}

impl<'a> Visit<'a> {
    /// The start of a flow.
    pub(in crate::entra) fn start(state: &'a AppState, call: &'a Call, purpose: Purpose) -> Self {
        let browser = cookies::read(call, cookies::BROWSER).map(str::to_owned);
        let browser = browser.unwrap_or_else(|| state.random().opaque::<32>());
        Self::resume(state, call, Flow::new(purpose, &browser))
    }

    /// The device page; a code that a link brought along is in the field already.
    pub(in crate::entra) fn start_device(
        state: &'a AppState,
        call: &'a Call,
        code: Option<&str>,
    ) -> Response {
        Self::start(state, call, Purpose::Device(None)).ask_code(code.unwrap_or_default())
    }

    /// A flow that a form came back for.
    pub(in crate::entra) fn resume(state: &'a AppState, call: &'a Call, flow: Flow) -> Self {
        Self {
            state,
            call,
            flow,
            problem: None,
            cookie: cookies::read(call, cookies::SESSION).map(str::to_owned),
            is_new: false,
        }
    }

    /// Goes on as far as it can without asking.
    pub(in crate::entra) async fn proceed(self) -> Response {
        match self.flow.purpose.clone() {
            Purpose::Authorize(parameters) => self.authorize(&parameters).await,
            Purpose::Device(code) => self.device(code.as_deref()),
            Purpose::AdminConsent(parameters) => self.admin_consent(&parameters),
        }
    }

    pub(in crate::entra) fn session(&self) -> Option<Session> {
        let mut session = self.kept_session()?;
        session.accounts.retain(|one| self.still_counts(one));
        Some(session)
    }

    /// Why nobody is signed in: instead of 50058, if somebody was, 50133 for sign-ins that were
    /// revoked, or 50132 for a password that has expired.
    pub(super) fn reason(&self, error: Aadsts) -> Aadsts {
        let kept = self.kept_session();
        let accounts = kept.map(|session| session.accounts).unwrap_or_default();
        let ended = accounts.iter().find(|one| !self.still_counts(one));
        match ended {
            Some(account) if error.code() == 50058 => {
                let snapshot = self.state.snapshot(self.call.at);
                let user = snapshot.directory.user(&account.user);
                let expired = user.is_some_and(|user| user.password_expired);
                Aadsts::new(if expired { 50132 } else { 50133 })
            }
            _ => error,
        }
    }

    fn kept_session(&self) -> Option<Session> {
        let cookie = self.cookie.as_deref()?;
        self.state.sessions().find(cookie, self.call.at)
    }

    /// Whether the sign-in is newer than the last time its user's were revoked, and no older than
    /// policies allow.
    fn still_counts(&self, account: &SignedIn) -> bool {
        let snapshot = self.state.snapshot(self.call.at);
        let Some(user) = snapshot.directory.user(&account.user) else {
            return false;
        };
        let revoked = snapshot.stores.revocations.of(&user.upn);
        let newest = revoked.max(user.tokens_valid_from);
        newest.is_none_or(|from| from <= account.at)
            && account.password_counts(user)
            && policy::outlasted(user, account.at, self.call.at).is_none()
    }

    /// Adds an account to the browser's session and goes on as that.
    pub(in crate::entra) fn sign_in(&mut self, account: SignedIn) {
        let (state, now) = (self.state, self.call.at);
        let before = self.cookie.as_deref();
        let cookie = state
            .sessions()
            .sign_in(before, account.clone(), state.random(), now);
        (self.cookie, self.is_new) = (Some(cookie), true);
        self.flow.account = Some(account);
    }

    /// Notes that an application got an answer out of the session.
    pub(super) fn note_app(&self, client_id: uuid::Uuid) {
        if let Some(cookie) = &self.cookie {
            self.state
                .sessions()
                .note_app(cookie, client_id, self.call.at);
        }
    }

    /// A page with a form of this flow.
    pub(super) fn ask(self, page: impl FnOnce(&Form, Option<&FormProblem>) -> Page) -> Response {
        let form = self.form();
        let response = page(&form, self.problem.as_ref()).respond();
        self.with_cookies(response)
    }

    /// Returns the fields that a form has to send for the flow to go on from here.
    pub(super) fn form(&self) -> Form {
        let tenant = match &self.flow.purpose {
            Purpose::Authorize(parameters) | Purpose::AdminConsent(parameters) => {
                parameters.tenant.clone()
            }
            Purpose::Device(_) => "common".to_owned(),
        };
        let (state, call) = (self.state, self.call);
        let flow = state
            .flows()
            .keep(self.flow.clone(), state.random(), call.at);
        call.note_secret(&flow);
        Form {
            action: format!("{}/{tenant}/login", state.addresses().base()),
            flow,
        }
    }

    /// The page that gets a visitor any further.
    pub(super) fn ask_who(
        self,
        pending: OpenQuestion<'_>,
        expected: &Expected<'_>,
        directory: &Directory,
    ) -> Response {
        let app = &expected.app.name;
        match pending {
            OpenQuestion::Pick(users) => self.ask(|form, _| {
                let accounts = users.iter().map(|user| Account {
                    name: user.display_name.as_deref().unwrap_or(&user.upn),
                    user_name: &user.upn,
                });
                pages::account_picker(form, app, &accounts.collect::<Vec<_>>())
            }),
            OpenQuestion::Name(hint) => self.ask(|form, problem| {
                let typed = problem.map_or(hint.as_str(), |problem| &problem.typed);
                let known = known_users(expected.authority, directory);
                pages::user_name(form, app, typed, &known, text(problem))
            }),
            OpenQuestion::Elsewhere(federated, name) => self.leave(federated, &name),
            OpenQuestion::Password(name) => {
                self.ask(|form, problem| pages::password(form, app, &name, text(problem)))
            }
            OpenQuestion::SecondFactor(account) => {
                self.ask(|form, _| pages::second_factor(form, &account.user))
            }
            OpenQuestion::Refused(error) => self.refuse(AuthorizeRefusal::Page(error)),
        }
    }

    pub(super) fn refuse(self, refusal: AuthorizeRefusal) -> Response {
        match refusal {
            AuthorizeRefusal::Page(error) => {
                let response = error_page(&error, self.call);
                self.with_cookies(response)
            }
            AuthorizeRefusal::Return(error, to) => {
                let response = to.refuse(&error, self.call);
                self.with_cookies(response)
            }
        }
    }

    pub(super) fn with_cookies(self, mut response: Response) -> Response {
        let call = self.call;
        if cookies::read(call, cookies::BROWSER) != Some(&self.flow.browser) {
            cookies::set(&mut response, call, cookies::BROWSER, &self.flow.browser);
        }
        if let (Some(cookie), true) = (&self.cookie, self.is_new) {
            cookies::set(&mut response, call, cookies::SESSION, cookie);
        }
        response
    }
}

/// Says on a page what went wrong.
pub(in crate::entra) fn error_page(error: &Aadsts, call: &Call) -> Response {
    call.note_error(error.code());
    let mut response = pages::error(error, call).respond();
    response.extensions_mut().insert(Refused {
        code: error.code(),
        text: error.message(),
    });
    response
}

fn text(problem: Option<&FormProblem>) -> Option<&str> {
    problem.map(|problem| problem.text.as_str())
}

/// Names the browser offers while one is typed: of a tenant's users, or of all.
fn known_users<'d>(authority: &Authority<'_>, directory: &'d Directory) -> Vec<&'d str> {
    const MOST: usize = 50;
    let users = directory.world().users.iter();
    let users = users.filter(|user| match authority {
        Authority::Consumers => false,
        Authority::Tenant(tenant) => {
            user.tenant == tenant.name || user.guest_in.contains(&tenant.name)
        }
        _ => true,
    });
    users.map(|user| user.upn.as_str()).take(MOST).collect()
}
