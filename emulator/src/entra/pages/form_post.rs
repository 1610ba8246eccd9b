//! An answer that the browser posts to the application.

use crate::entra::pages::{Page, text};

/// Submits itself where scripts run, and has a button where they do not.
pub(in crate::entra) fn form_post(action: &str, fields: &[(&'static str, String)]) -> Page {
    let action = text(action);
    let fields: String = fields
        .iter()
        .map(|(name, value)| {
            let value = text(value);
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n")
        })
        .collect();
    let body = format!(
        "<form id=\"answer\" method=\"POST\" action=\"{action}\">\n{fields}\
         <p>If nothing happens, select Continue to go back to the app.</p>\n\
         <div class=\"row\"><button class=\"main\">Continue</button></div>\n</form>"
    );
    Page {
        framable: true,
        script: Some("document.getElementById('answer').submit();"),
        ..Page::new("Signing in", body)
    }
}
