//! Pages with a yes and a no.

use crate::entra::pages::{Form, Page, Question, text};

/// One line of the consent page.
#[derive(Debug)]
pub(in crate::entra) struct PermissionLine {
    /// The permission's name in a request, such as `Orders.Read`.
    pub(in crate::entra) name: String,
    /// The name of the resource.
    pub(in crate::entra) resource: String,
}

/// Asks for the permissions of `app`, with the offer to decide for everybody if `for_all` names the
/// organisation and `user_name` may do so.
pub(in crate::entra) fn consent(
    form: &Form,
    app: &str,
    user_name: &str,
    permissions: &[PermissionLine],
    for_all: Option<&str>,
) -> Page {
    let (open, app, user_name) = (form.open(), text(app), text(user_name));
    let permissions: String = permissions
        .iter()
        .map(|one| {
            let (name, resource) = (text(&one.name), text(&one.resource));
            format!("<li>{name} <small>{resource}</small></li>\n")
        })
        .collect();
    let for_all = for_all.map_or_else(String::new, |tenant| {
        format!(
            "<label class=\"check\"><input type=\"checkbox\" name=\"for_all\" value=\"1\"> \
             Consent on behalf of your organization ({})</label>\n",
            text(tenant)
        )
    });
    let body = format!(
        "<p><strong>{app}</strong> asks for access as <strong>{user_name}</strong>.</p>\n\
         <h2>This app would like to</h2>\n<ul>\n{permissions}</ul>\n\
         <p class=\"soft\">Accepting these permissions means that you allow this app to use your \
         data as said in its terms of service and privacy statement.</p>\n{open}\n{for_all}\
         <div class=\"row\"><button class=\"main\" name=\"action\" value=\"accept\">Accept</button>\n\
         <button name=\"action\" value=\"decline\">Cancel</button></div>\n</form>"
    );
    Page::asking("Permissions requested", body, Question::Consent, form)
}

/// The last question of a device login: whoever sent the code may not be who they say.
pub(in crate::entra) fn confirm_device(form: &Form, app: &str, user_name: &str) -> Page {
    let (open, app, user_name) = (form.open(), text(app), text(user_name));
    let body = format!(
        "<p>You are signing in to <strong>{app}</strong> on another device as \
         <strong>{user_name}</strong>. Continue only if you started this yourself and trust where \
         the code came from.</p>\n{open}\n\
         <div class=\"row\"><button class=\"main\" name=\"action\" value=\"continue\">Continue</button>\n\
         <button name=\"action\" value=\"decline\">Cancel</button></div>\n</form>"
    );
    let heading = "Are you trying to sign in to this app?";
    Page::asking(heading, body, Question::ConfirmDevice, form)
}

/// Stands for the telephone: whoever has passed the password approves.
pub(in crate::entra) fn second_factor(form: &Form, user_name: &str) -> Page {
    let (open, user_name) = (form.open(), text(user_name));
    let body = format!(
        "<p>A policy asks <strong>{user_name}</strong> for a second factor. The emulator has no \
         telephone: approve here.</p>\n{open}\n\
         <div class=\"row\"><button class=\"main\" name=\"action\" value=\"approve\">Approve</button>\n\
         <button name=\"action\" value=\"cancel\">Cancel</button></div>\n</form>"
    );
    Page::asking(
        "Approve sign in request",
        body,
        Question::SecondFactor,
        form,
    )
}
