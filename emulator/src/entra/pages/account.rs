//! The choice of an account: one that is signed in already, or another.

use crate::entra::pages::{Form, Page, Question, alert, flagged, text};

/// Somebody who is signed in in this browser.
#[derive(Debug)]
pub(in crate::entra) struct Account<'a> {
    pub(in crate::entra) name: &'a str,
    pub(in crate::entra) user_name: &'a str,
}

/// Accounts to choose from, each a button.
pub(in crate::entra) fn account_picker(form: &Form, app: &str, accounts: &[Account<'_>]) -> Page {
    let (open, app) = (form.open(), text(app));
    let accounts = accounts.iter().map(|account| {
        let (name, user_name) = (text(account.name), text(account.user_name));
        format!(
            "<li><button name=\"login\" value=\"{user_name}\">{name} \
             <small>{user_name}</small><small>Signed in</small></button></li>\n"
        )
    });
    let accounts: String = accounts.collect();
    let body = format!(
        "<p>to continue to {app}</p>\n{open}\n<ul class=\"plain\">\n{accounts}\
         <li><button name=\"action\" value=\"other\">Use another account</button></li>\n</ul>\n\
         <div class=\"row\"><button name=\"action\" value=\"cancel\">Cancel</button></div>\n</form>"
    );
    Page::asking("Pick an account", body, Question::Account, form)
}

/// A user name to type; `known` are offered by the browser while typing.
pub(in crate::entra) fn user_name(
    form: &Form,
    app: &str,
    typed: &str,
    known: &[&str],
    problem: Option<&str>,
) -> Page {
    let (open, app, typed) = (form.open(), text(app), text(typed));
    let (alert, flagged) = (alert(problem), flagged(problem));
    let known: String = known
        .iter()
        .map(|name| format!("<option value=\"{}\"></option>", text(name)))
        .collect();
    // The first button is what Enter presses.
    let body = format!(
        "<p>to continue to {app}</p>\n{alert}{open}\n\
         <label for=\"login\">Email or user name</label>\n\
         <input id=\"login\" name=\"login\" type=\"text\" inputmode=\"email\" value=\"{typed}\" \
         list=\"known\" autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" \
         required autofocus{flagged}>\n<datalist id=\"known\">{known}</datalist>\n\
         <div class=\"row\"><button class=\"main\" name=\"action\" value=\"next\">Next</button>\n\
         <button name=\"action\" value=\"cancel\" formnovalidate>Cancel</button></div>\n</form>"
    );
    Page::asking("Sign in", body, Question::Account, form).after(problem)
}
