//! The fields of a page's form.

use axum::response::Response;

use crate::base::secret::Secret;
use crate::entra::app_state::AppState;
use crate::entra::cookies;
use crate::entra::grant::{check_name, check_password};
use crate::entra::sign_in::Visit;
use crate::entra::sign_in::request::{AuthorizeRefusal, AuthorizeRequest};
use crate::entra::sign_in::visit::{FormProblem, error_page};
use crate::entra::stores::flows::{Flow, Purpose};
use crate::entra::stores::sessions::SignedIn;
use crate::exchange::error::Aadsts;
use crate::exchange::request::Call;
use crate::world::config::User;
use crate::world::directory::Directory;

/// Takes a form and answers with what comes next.
pub(in crate::entra) async fn submitted(state: &AppState, call: &Call) -> Response {
    let flow = match flow(state, call) {
        Ok(flow) => flow,
        Err(error) => return error_page(&error, call),
    };
    let mut visit = Visit::resume(state, call, flow);
    match call.field("action").unwrap_or_default() {
        "cancel" | "decline" => return visit.decline(),
        "other" => {
            (visit.flow.named, visit.flow.account) = (None, None);
            visit.flow.other = true;
        }
        "accept" => {
            visit.flow.agreed = true;
            visit.flow.for_all = call.field("for_all").is_some();
        }
        "continue" => visit.flow.confirmed = true,
        "approve" => visit.second_factor(),
        _ => visit.entered(),
    }
    visit.proceed().await
}

/// The flow of the form, if it was made for this browser: a page of another site can make a browser
/// send a form, but can neither read a token nor set this cookie.
fn flow(state: &AppState, call: &Call) -> Result<Flow, Aadsts> {
    if let Some(url) = call.field("postBackUrl")
        && !url.starts_with(&call.origin)
    {
        return Err(Aadsts::new(135004));
    }
    let token = call.field("flowToken").unwrap_or_default();
    let flow = state.flows().find(token, call.at);
    let flow = flow.ok_or_else(|| Aadsts::new(50089))?;
    if cookies::read(call, cookies::BROWSER) == Some(&flow.browser) {
        return Ok(flow);
    }
    Err(Aadsts::new(90023).saying(NO_COOKIE))
}

/// The user of that name: 50128 if nobody has the domain, 50034 if nobody the name.
fn user<'d>(name: &str, directory: &'d Directory) -> Result<&'d User, Aadsts> {
    let unknown = || match directory.tenant_of_name(name) {
        None => Aadsts::new(50128),
        Some(tenant) => {
            let shown = tenant.display_name.as_ref().unwrap_or(&tenant.name);
            Aadsts::new(50034).with("tenant", shown)
        }
    };
    check_name(name)?;
    directory.user(name).ok_or_else(unknown)
}

const NO_COOKIE: &str = "The form was not sent by the browser it was made for, or the browser \
    keeps no cookies.";

impl Visit<'_> {
    /// Whatever was typed or picked.
    fn entered(&mut self) {
        if let Some(code) = self.call.field("otc") {
            self.flow.purpose = Purpose::Device(Some(code.to_owned()));
            return;
        }
        let Some(name) = self.call.field("login") else {
            return;
        };
        let snapshot = self.state.snapshot(self.call.at);
        if snapshot.directory.federation_of(name).is_some() {
            // Another provider knows whether there is such a user, and takes the password.
            self.flow.named = Some(name.trim().to_owned());
            self.flow.other = false;
            return;
        }
        let user = match user(name, &snapshot.directory) {
            Ok(user) => user,
            Err(error) => {
                self.flow.named = None;
                return self.refused(&error, name);
            }
        };
        self.flow.named = Some(user.upn.clone());
        self.flow.other = false;
        let Some(password) = self.call.field("passwd") else {
            return;
        };
        match check_password(user, password) {
            Ok(()) => self.sign_in(SignedIn {
                user: user.upn.clone(),
                at: self.call.at,
                methods: vec!["pwd"],
                password: user.password.as_ref().map(Secret::fingerprint),
            }),
            Err(error) => self.refused(&error, name),
        }
    }

    /// Said on the page that comes back.
    fn refused(&mut self, error: &Aadsts, typed: &str) {
        self.call.note_error(error.code());
        self.problem = Some(FormProblem {
            text: error.message(),
            typed: typed.to_owned(),
        });
    }

    /// The account that the page was about has a second factor now.
    fn second_factor(&mut self) {
        let session = self.session();
        let accounts = session
            .as_ref()
            .map_or(&[][..], |session| &session.accounts);
        let named = self.flow.named.as_deref();
        let of_session = || {
            accounts
                .iter()
                .find(|one| named.is_none_or(|name| one.user.eq_ignore_ascii_case(name)))
        };
        let Some(account) = self.flow.account.as_ref().or_else(of_session) else {
            return;
        };
        let mut account = account.clone();
        if account.methods.contains(&"mfa") {
            // Given anew: the sign-in is as old as its second factor.
            account.at = self.call.at;
        } else {
            account.methods.push("mfa");
        }
        self.sign_in(account);
    }

    /// The visitor said no.
    fn decline(self) -> Response {
        match self.flow.purpose.clone() {
            Purpose::Authorize(parameters) => {
                let snapshot = self.state.snapshot(self.call.at);
                match AuthorizeRequest::read(&parameters, &snapshot.directory) {
                    Ok(request) => {
                        let back = Box::new(request.return_to);
                        self.refuse(AuthorizeRefusal::Return(Aadsts::new(65004), back))
                    }
                    Err(refusal) => self.refuse(refusal),
                }
            }
            Purpose::Device(code) => self.decline_device(code.as_deref()),
            Purpose::AdminConsent(parameters) => self.decline_admin_consent(&parameters),
        }
    }
}
