//! The end of a session.

use url::Url;

use crate::entra::pages::{Page, text};

/// Tells every application through a hidden frame, then goes on to `next` if there is one.
pub(in crate::entra) fn signed_out(tell: &[Url], next: Option<&str>) -> Page {
    let frames: String = tell
        .iter()
        .map(|url| {
            let (title, url) = (text(url.host_str().unwrap_or("app")), text(url.as_str()));
            format!("<iframe title=\"Signing out of {title}\" src=\"{url}\"></iframe>\n")
        })
        .collect();
    let onward = next.map_or_else(String::new, |next| {
        format!(
            "<p><a id=\"next\" class=\"link\" href=\"{}\">Continue</a></p>\n",
            text(next)
        )
    });
    let body = format!(
        "<p role=\"status\">You signed out of your account.</p>\n\
         <p>It's a good idea to close all browser windows.</p>\n{onward}{frames}"
    );
    Page {
        frames: tell.iter().map(|url| url.origin().ascii_serialization()).collect(),
        // Once every frame has loaded, or failed to.
        script: next.map(|_| {
            "addEventListener('load',function(){location.replace(document.getElementById('next').href)});"
        }),
        ..Page::new("Signed out", body)
    }
}
