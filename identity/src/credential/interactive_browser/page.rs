//! The pages that the browser shows at the end of a sign-in.

use crate::context::Page;
use crate::error::Error;

/// Returns the page after a successful sign-in.
pub(super) fn signed_in() -> Page {
    let words = "You have signed in. You can close this window and go back to the program.";
    page(200, "Authentication complete", words)
}

/// Returns the page with the token service's reason for refusing the sign-in.
pub(super) fn refused(error: &Error) -> Page {
    page(200, "Authentication failed", &error.to_string())
}

/// Returns the page for an answer with an unknown `state`: of an earlier sign-in, or made up by
/// another program.
pub(super) fn unrelated() -> Page {
    let words = "This is not the answer to the sign-in that the program waits for. Go back to the \
                page it opened last.";
    page(400, "Authentication failed", words)
}

/// Returns the page for a request that is no answer, such as one for an icon.
pub(super) fn nothing_here() -> Page {
    page(
        404,
        "Nothing here",
        "This address only takes the answers of a sign-in page.",
    )
}

fn page(status: u16, title: &str, text: &str) -> Page {
    let text = escaped(text);
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <style>body {{ font: 1.1em/1.5 sans-serif; max-width: 40em; margin: 4em auto; padding: 0 1em }} \
         p {{ white-space: pre-line }}</style>\n<h1>{title}</h1>\n<p>{text}</p>\n</html>\n"
    );
    Page { status, html }
}

/// Escapes `text` for HTML, so that a message of the service cannot add markup or scripts.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_service_says_stays_text() {
        let page = refused(&Error::rejected("<script>alert('x')</script> & \"more\""));
        assert!(!page.html.contains("<script>"), "{}", page.html);
        let text = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;more&quot;";
        assert!(page.html.contains(text), "{}", page.html);
    }
}
