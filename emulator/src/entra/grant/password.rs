//! A user's name and password, typed into the client itself.

use crate::entra::app_state::Snapshot;
use crate::entra::client_auth::Client;
use crate::entra::delegation::{Delegation, SignIn};
use crate::entra::token::Issue;
use crate::entra::token_form::TokenForm;
use crate::exchange::error::Aadsts;
use crate::world::authority::Authority;
use crate::world::config::{Tenant, User};
use crate::world::directory::Member;

/// On `organizations` the domain of the name decides; personal accounts cannot do this at all.
pub(super) fn tenant<'a>(
    snapshot: &'a Snapshot,
    authority: Authority<'a>,
    form: &TokenForm<'_>,
) -> Result<&'a Tenant, Aadsts> {
    match authority {
        Authority::Tenant(tenant) => Ok(tenant),
        Authority::Common | Authority::Consumers => Err(Aadsts::new(9001023)),
        Authority::Organizations => snapshot
            .directory
            .tenant_of_name(form.required("username")?)
            .ok_or_else(|| Aadsts::new(50128)),
    }
}

pub(super) fn grant(
    snapshot: &Snapshot,
    client: &Client<'_>,
    form: &TokenForm<'_>,
) -> Result<Issue, Aadsts> {
    client.may_be_public()?;
    let name = form.required("username")?;
    let asked = super::asked(form, None)?;
    check_name(name)?;
    let member = account(snapshot, client, name)?;
    let password = form.required("password")?;
    if is_checked_elsewhere(snapshot, member.user) {
        return Err(Aadsts::new(50126));
    }
    check_password(member.user, password)?;
    let sign_in = SignIn {
        auth_time: snapshot.now,
        methods: vec!["pwd".to_owned()],
        session: None,
    };
    Delegation::requested(form, client, member, asked, sign_in, snapshot.now)?.issue(snapshot)
}

/// Nobody types what cannot be typed.
pub(in crate::entra) fn check_name(name: &str) -> Result<(), Aadsts> {
    if name.chars().any(char::is_control) {
        return Err(Aadsts::new(90013));
    }
    Ok(())
}

/// Only at home: nobody's password is known elsewhere.
fn account<'a>(
    snapshot: &'a Snapshot,
    client: &Client<'a>,
    name: &str,
) -> Result<Member<'a>, Aadsts> {
    let found = snapshot.directory.member(client.tenant, name);
    let tenant = &client.tenant;
    found.filter(|member| !member.is_guest()).ok_or_else(|| {
        let tenant = tenant.display_name.as_ref().unwrap_or(&tenant.name);
        Aadsts::new(50034).with("tenant", tenant)
    })
}

/// The password of a federated user is another provider's, and is not asked for there: no password
/// is the right one here, unless it is synchronized and a policy says that it will do.
fn is_checked_elsewhere(snapshot: &Snapshot, user: &User) -> bool {
    let federated = snapshot.directory.federation_of(&user.upn);
    user.password.is_some() && federated.is_some_and(|it| !it.cloud_passwords)
}

/// Checks the password, and then the account: but for a lock, other problems of an account are told
/// only to those who know its password.
pub(in crate::entra) fn check_password(user: &User, sent: &str) -> Result<(), Aadsts> {
    if user.locked {
        return Err(Aadsts::new(50053));
    }
    let Some(password) = &user.password else {
        return Err(Aadsts::new(50056));
    };
    let code = if !password.matches(sent) {
        50126
    } else if user.disabled {
        50057
    } else if user.password_expired {
        50055
    } else {
        return Ok(());
    };
    Err(Aadsts::new(code))
}
