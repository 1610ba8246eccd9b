//! Pages that only say something.

use crate::entra::pages::{Page, text};
use crate::exchange::error::Aadsts;
use crate::exchange::request::Call;

/// Shows an error that cannot be told to the application by a redirect.
pub(in crate::entra) fn error(error: &Aadsts, call: &Call) -> Page {
    let (message, at) = (error.message(), call.timestamp());
    let (trace, correlation) = (call.trace_id, call.correlation_id);
    let body = format!(
        "<p>Sorry, but we're having trouble signing you in.</p>\n\
         <h2>Troubleshooting details</h2>\n<ul class=\"plain facts\">\n\
         <li>Request Id: {trace}</li>\n<li>Correlation Id: {correlation}</li>\n\
         <li>Timestamp: {at}</li>\n<li>Message: {}</li>\n</ul>",
        text(&message)
    );
    Page::new("Sign in", body)
}

/// Explains an error number, as far as this build knows it.
pub(in crate::entra) fn explanation(number: &str, explained: Option<&str>) -> Page {
    let number: String = number.chars().take(32).collect();
    let number = text(&number);
    let known = explained.unwrap_or("The emulator cannot answer with an error of this number.");
    let body = format!(
        "<form method=\"get\" action=\"/error\">\n<label for=\"code\">Error code</label>\n\
         <input id=\"code\" name=\"code\" type=\"text\" inputmode=\"numeric\" value=\"{number}\" \
         required>\n<button class=\"main\">Look up</button>\n</form>\n\
         <h2>Message</h2>\n<p>{}</p>",
        text(known)
    );
    Page::new("Error lookup", body)
}

/// The end of something that leads nowhere else.
pub(in crate::entra) fn done(heading: &str, sentence: &str) -> Page {
    Page::new(
        heading,
        format!("<p role=\"status\">{}</p>", text(sentence)),
    )
}
