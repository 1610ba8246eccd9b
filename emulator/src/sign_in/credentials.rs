//! Whether it is really the user.

use crate::config::User;
use crate::directory::Directory;
use crate::error::Aadsts;

/// The user of that name: 50128 if nobody has the domain, 50034 if nobody the name.
pub(super) fn user<'d>(name: &str, directory: &'d Directory) -> Result<&'d User, Aadsts> {
    let known = || directory.tenant_of_name(name);
    directory.user(name).ok_or_else(|| match known() {
        None => Aadsts::new(50128),
        Some(tenant) => Aadsts::new(50034).with(
            "tenant",
            tenant.display_name.as_ref().unwrap_or(&tenant.name),
        ),
    })
}

/// Whether that is the user's password, and the user may sign in with it.
pub(super) fn prove(user: &User, password: &str) -> Result<(), Aadsts> {
    let Some(known) = &user.password else {
        return Err(Aadsts::new(50056));
    };
    let code = if user.locked {
        50053
    } else if !known.matches(password) {
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
