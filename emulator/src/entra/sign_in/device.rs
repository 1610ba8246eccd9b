//! Letting another device in.

use axum::response::Response;

use crate::entra::pages::{self, PermissionLine};
use crate::entra::sign_in::Visit;
use crate::entra::sign_in::consent;
use crate::entra::sign_in::request::{AuthorizeRefusal, Prompt};
use crate::entra::sign_in::visit::FormProblem;
use crate::entra::sign_in::wanted::{self, Wish};
use crate::entra::sign_in::who::{Expected, Visitor};
use crate::entra::stores::device_codes::{DeviceApproval, DeviceCode, DeviceState};
use crate::entra::stores::flows::Purpose;
use crate::exchange::error::Aadsts;
use crate::world::authority::Authority;
use crate::world::config::App;
use crate::world::directory::Directory;

impl Visit<'_> {
    /// Asks for the code, then who it is, for consent where it is missing, and whether the device
    /// is really theirs.
    pub(super) fn device(mut self, code: Option<&str>) -> Response {
        let snapshot = self.state.snapshot(self.call.at);
        let directory = &*snapshot.directory;
        let device = match code.map(|code| self.waiting(code)) {
            Some(Ok(device)) => device,
            Some(Err(error)) => {
                self.call.note_error(error.code());
                self.problem = Some(FormProblem {
                    text: error.message(),
                    typed: code.unwrap_or_default().to_owned(),
                });
                return self.ask_code("");
            }
            None => return self.ask_code(""),
        };
        let (authority, app) = match target(&device, directory) {
            Ok(target) => target,
            Err(error) => return self.refuse(AuthorizeRefusal::Page(error)),
        };
        let expected = expected(&authority, app);
        let session = self.session();
        let visitor = match expected.visitor(&self.flow, session.as_ref(), directory, self.call.at)
        {
            Ok(visitor) => visitor,
            Err(pending) => return self.ask_who(pending, &expected, directory),
        };
        let wish = Wish {
            app,
            asked: &device.asked,
            at_once: false,
        };
        let lines = match self.device_consent(wish, &visitor, directory) {
            Ok(lines) => lines,
            Err(error) => return self.refuse(AuthorizeRefusal::Page(error)),
        };
        if !lines.is_empty() {
            return self.ask_consent(app, &visitor, &lines);
        }
        if !self.flow.confirmed {
            let user = &visitor.member.user.upn;
            return self.ask(|form, _| pages::confirm_device(form, &app.name, user));
        }
        self.let_in(&device, app, &visitor)
    }

    /// Returns the permissions that still need consent, after storing the consent that was just
    /// given.
    fn device_consent(
        &self,
        wish: Wish<'_>,
        visitor: &Visitor<'_>,
        directory: &Directory,
    ) -> Result<Vec<PermissionLine>, Aadsts> {
        let wanted = wanted::wanted(wish, visitor.member.tenant, directory)?;
        if self.flow.agreed {
            self.give_consent(&wanted, wish, visitor, self.flow.for_all);
            return Ok(Vec::new());
        }
        consent::to_ask(&wanted, false, wish, visitor, directory)
    }

    fn let_in(self, device: &DeviceCode, app: &App, visitor: &Visitor<'_>) -> Response {
        let approval = DeviceApproval {
            user: visitor.member.user.upn.clone(),
            tenant: visitor.member.tenant.id,
            auth_time: visitor.account.at,
            methods: visitor.account.methods.clone(),
        };
        let codes = self.state.device_codes();
        if !codes.approve(&device.user_code, approval, self.call.at) {
            return self.refuse(AuthorizeRefusal::Page(Aadsts::new(90120)));
        }
        self.note_app(app.client_id);
        let said = format!(
            "You have signed in to the {} application on your device. You may now close this window.",
            app.name
        );
        let response = pages::done(&app.name, &said).respond();
        self.with_cookies(response)
    }

    pub(super) fn decline_device(self, code: Option<&str>) -> Response {
        if let Some(code) = code {
            self.state.device_codes().decline(code, self.call.at);
        }
        let said = "You have cancelled signing in on your device. You may now close this window.";
        let response = pages::done("Sign-in cancelled", said).respond();
        self.with_cookies(response)
    }

    pub(super) fn ask_code(mut self, typed: &str) -> Response {
        self.flow.purpose = Purpose::Device(None);
        self.ask(|form, problem| {
            let typed = problem.map_or(typed, |problem| &problem.typed);
            pages::device_code(form, typed, problem.map(|problem| problem.text.as_str()))
        })
    }

    /// The device of that code, if it still waits.
    fn waiting(&self, code: &str) -> Result<DeviceCode, Aadsts> {
        if code.trim().is_empty() {
            return Err(Aadsts::new(90121));
        }
        let now = self.call.at;
        let device = self.state.device_codes().of_user_code(code, now);
        match device {
            Some(device) if device.state != DeviceState::Pending => Err(Aadsts::new(90120)),
            Some(device) if device.expires > now => Ok(device),
            _ => Err(Aadsts::new(90119)),
        }
    }
}

fn target<'d>(
    device: &DeviceCode,
    directory: &'d Directory,
) -> Result<(Authority<'d>, &'d App), Aadsts> {
    let authority = Authority::parse(&device.authority, directory)?;
    let id = device.client_id;
    let gone = || Aadsts::new(700016).with("id", id.to_string());
    let app = directory.app(id).ok_or_else(gone)?;
    Ok((authority, app))
}

fn expected<'a>(authority: &'a Authority<'a>, app: &'a App) -> Expected<'a> {
    Expected {
        authority,
        app,
        prompt: Prompt::default(),
        login_hint: None,
        domain_hint: None,
        session: None,
        max_age: None,
    }
}
