//! The password of the account that was named.

use crate::entra::pages::{Form, Page, Question, alert, flagged, text};

pub(in crate::entra) fn password(
    form: &Form,
    app: &str,
    user_name: &str,
    problem: Option<&str>,
) -> Page {
    let (open, app, user_name) = (form.open(), text(app), text(user_name));
    let (alert, flagged) = (alert(problem), flagged(problem));
    // The user name is a field of its own for password managers.
    let body = format!(
        "<p>to continue to {app}</p>\n{alert}{open}\n\
         <label for=\"login\">Account</label>\n\
         <input id=\"login\" name=\"login\" type=\"text\" value=\"{user_name}\" \
         autocomplete=\"username\" readonly>\n\
         <label for=\"passwd\">Password</label>\n\
         <input id=\"passwd\" name=\"passwd\" type=\"password\" autocomplete=\"current-password\" \
         required autofocus{flagged}>\n\
         <div class=\"row\"><button class=\"main\" name=\"action\" value=\"sign_in\">Sign in</button>\n\
         <button name=\"action\" value=\"other\" formnovalidate>Use another account</button>\n\
         <button name=\"action\" value=\"cancel\" formnovalidate>Cancel</button></div>\n</form>"
    );
    Page::asking("Enter password", body, Question::Password, form).after(problem)
}
