//! The user who signs in: somebody of the session, or a name that a page has still to ask for.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::entra::policy;
use crate::entra::sign_in::request::Prompt;
use crate::entra::stores::flows::Flow;
use crate::entra::stores::sessions::{Session, SignedIn};
use crate::exchange::error::Aadsts;
use crate::world::authority::Authority;
use crate::world::cloud::CloudNames;
use crate::world::config::{App, FederatedDomain, User};
use crate::world::directory::{self, Directory, Member};

/// The facts that are known beforehand about the user, and the application to sign in to.
#[derive(Debug)]
pub(in crate::entra) struct Expected<'a> {
    pub(in crate::entra) authority: &'a Authority<'a>,
    pub(in crate::entra) app: &'a App,
    pub(in crate::entra) prompt: Prompt,
    pub(in crate::entra) login_hint: Option<&'a str>,
    pub(in crate::entra) domain_hint: Option<&'a str>,
    pub(in crate::entra) session: Option<Uuid>,
    pub(in crate::entra) max_age: Option<i64>,
}

/// Somebody who is signed in and may use the application.
#[derive(Clone, Debug)]
pub(in crate::entra) struct Visitor<'a> {
    pub(in crate::entra) member: Member<'a>,
    pub(in crate::entra) account: SignedIn,
}

/// Why it is not known yet.
#[derive(Debug)]
pub(in crate::entra) enum OpenQuestion<'a> {
    /// One of these, or another.
    Pick(Vec<&'a User>),
    /// Anybody; what to write into the field beforehand.
    Name(String),
    /// The password of this user.
    Password(String),
    /// The word of another identity provider on this user; empty: on anybody of its domain.
    Elsewhere(&'a FederatedDomain, String),
    /// A second factor of the user who gave the password.
    SecondFactor(SignedIn),
    /// Nobody will do.
    Refused(Aadsts),
}

impl<'a> Expected<'a> {
    /// The account to go on with and what it is in the tenant.
    pub(in crate::entra) fn visitor(
        &self,
        flow: &Flow,
        session: Option<&Session>,
        directory: &'a Directory,
        now: OffsetDateTime,
    ) -> Result<Visitor<'a>, OpenQuestion<'a>> {
        let account = self.account(flow, session, directory, now)?;
        let member = self
            .admitted(&account, directory)
            .map_err(OpenQuestion::Refused)?;
        let visitor = Visitor { member, account };
        self.second_factor(&visitor, false, now)?;
        Ok(visitor)
    }

    /// Whether the visitor has a second factor where one is needed; what is asked for may need one
    /// too (`strict`).
    pub(in crate::entra) fn second_factor(
        &self,
        visitor: &Visitor<'a>,
        strict: bool,
        now: OffsetDateTime,
    ) -> Result<(), OpenQuestion<'a>> {
        let (user, account) = (visitor.member.user, &visitor.account);
        let given = account.methods.contains(&"mfa");
        let old = policy::is_factor_old(user, account.at, now);
        let wanted = strict || user.mfa_required;
        match policy::lacking_factor(user, given, old).filter(|_| wanted) {
            None => Ok(()),
            Some(_) if !self.prompt.none => Err(OpenQuestion::SecondFactor(account.clone())),
            Some(refusal) => {
                let id = self.app.client_id.to_string();
                Err(OpenQuestion::Refused(refusal.with("resource", id)))
            }
        }
    }

    fn account(
        &self,
        flow: &Flow,
        session: Option<&Session>,
        directory: &'a Directory,
        now: OffsetDateTime,
    ) -> Result<SignedIn, OpenQuestion<'a>> {
        if let Some(account) = &flow.account {
            return Ok(account.clone());
        }
        let mut accounts = self.usable(session, directory, now);
        if let Some(name) = flow.named.as_deref() {
            let known = accounts.into_iter().find(|one| same(&one.user, name));
            let known = known.filter(|_| !self.prompt.login);
            return known.ok_or_else(|| proof_of(name, directory));
        }
        let hint = self.login_hint.filter(|hint| hint.contains('@'));
        let typed = || hint.unwrap_or_default().to_owned();
        if flow.other {
            return Err(OpenQuestion::Name(String::new()));
        }
        if self.prompt.select_account {
            return Err(if accounts.is_empty() {
                OpenQuestion::Name(typed())
            } else {
                OpenQuestion::Pick(users(&accounts, directory))
            });
        }
        if let Some(hint) = hint {
            accounts.retain(|one| same(&one.user, hint));
        }
        match accounts.len() {
            1 if !self.prompt.login => Ok(accounts.remove(0)),
            0 if self.prompt.none => Err(OpenQuestion::Refused(Aadsts::new(50058))),
            _ if self.prompt.none => Err(OpenQuestion::Refused(Aadsts::new(16000))),
            0 | 1 => Err(self.newcomer(hint, directory)),
            _ if self.prompt.login => Err(OpenQuestion::Name(typed())),
            _ => Err(OpenQuestion::Pick(users(&accounts, directory))),
        }
    }

    /// Returns the question for a user who is not signed in, as far as the request names the user:
    /// a domain alone is enough where another provider does the asking.
    fn newcomer(&self, hint: Option<&str>, directory: &'a Directory) -> OpenQuestion<'a> {
        let by_domain = self
            .domain_hint
            .and_then(|it| directory.federated_domain(it));
        match (hint, by_domain) {
            (Some(hint), _) if directory.federation_of(hint).is_some() => proof_of(hint, directory),
            (Some(hint), _) if directory.user(hint).is_some() => proof_of(hint, directory),
            (None, Some(federated)) => OpenQuestion::Elsewhere(federated, String::new()),
            _ => OpenQuestion::Name(hint.unwrap_or_default().to_owned()),
        }
    }

    /// Accounts of the session that are still there and fit what is asked for.
    fn usable(
        &self,
        session: Option<&Session>,
        directory: &Directory,
        now: OffsetDateTime,
    ) -> Vec<SignedIn> {
        // No account of a tenant is a personal one.
        let session = session.filter(|_| !matches!(self.authority, Authority::Consumers));
        let session = session.filter(|it| self.session.is_none_or(|wanted| wanted == it.id));
        let accounts = session.map_or(&[][..], |session| &session.accounts);
        let usable = |one: &&SignedIn| {
            let old = |age| now - one.at > Duration::seconds(age);
            directory.user(&one.user).is_some()
                && !self.max_age.is_some_and(old)
                && self.fits_domain(&one.user)
        };
        accounts.iter().filter(usable).cloned().collect()
    }

    fn fits_domain(&self, upn: &str) -> bool {
        match self.domain_hint {
            Some("consumers") => false,
            Some(hint) if hint.contains('.') => {
                let domain = upn.rsplit_once('@').map(|(_, domain)| domain);
                domain.is_some_and(|domain| domain.eq_ignore_ascii_case(hint))
            }
            _ => true,
        }
    }

    /// Checks the user against the tenant, the application and its policies.
    fn admitted(&self, account: &SignedIn, directory: &'a Directory) -> Result<Member<'a>, Aadsts> {
        let user = directory.user(&account.user);
        let user = user.ok_or_else(|| Aadsts::new(50058))?;
        let home = directory.tenant_by_name(&user.tenant);
        let tenant = match self.authority {
            Authority::Tenant(tenant) => *tenant,
            Authority::Consumers => return Err(Aadsts::new(500208)),
            _ => home.ok_or_else(|| Aadsts::new(50059))?,
        };
        let shown = tenant.display_name.as_ref().unwrap_or(&tenant.name);
        let id = self.app.client_id.to_string();
        let about = |code| {
            let error = Aadsts::new(code)
                .with("id", &id)
                .with("name", &self.app.name);
            error.with("user", &user.upn).with("tenant", shown)
        };
        let Some(member) = directory.member(tenant, &user.upn) else {
            let issuer = home.map(|home| CloudNames::of(home.cloud).v1_issuer(home.id));
            let code = directory::stranger(self.app);
            return Err(about(code).with("idp", issuer.unwrap_or_default()));
        };
        if user.disabled {
            return Err(Aadsts::new(50057));
        }
        if directory.app_in(tenant, self.app.client_id).is_none() {
            return Err(about(700016));
        }
        if let Some(refusal) = policy::refusal(user) {
            return Err(refusal);
        }
        if self.app.assignment_required && member.roles(self.app).is_none() {
            return Err(about(50105));
        }
        Ok(member)
    }
}

/// How somebody of that name has to prove it.
fn proof_of<'a>(name: &str, directory: &'a Directory) -> OpenQuestion<'a> {
    let name = name.to_owned();
    match directory.federation_of(&name) {
        Some(federated) => OpenQuestion::Elsewhere(federated, name),
        None => OpenQuestion::Password(name),
    }
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b.trim())
}

fn users<'a>(accounts: &[SignedIn], directory: &'a Directory) -> Vec<&'a User> {
    let names = accounts.iter().map(|one| one.user.as_str());
    names.filter_map(|name| directory.user(name)).collect()
}
