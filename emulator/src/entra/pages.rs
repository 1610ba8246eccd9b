//! Pages for people: plain HTML that works without scripts, in one frame and one style.
//!
//! Nothing is loaded from anywhere, and the content security policy knows the style and the one
//! script by their digests. What comes from outside goes through [`text`].

mod account;
mod check_session;
mod choice;
mod device;
mod form_post;
mod notice;
mod password;
mod signed_out;
mod style;

use std::fmt;

use axum::response::Response;
use http::StatusCode;
use http::header::{self, HeaderName};

use crate::exchange::reply;

pub(in crate::entra) use account::{Account, account_picker, user_name};
pub(in crate::entra) use check_session::check_session;
pub(in crate::entra) use choice::{PermissionLine, confirm_device, consent, second_factor};
pub(in crate::entra) use device::device_code;
pub(in crate::entra) use form_post::form_post;
pub(in crate::entra) use notice::{done, error, explanation};
pub(in crate::entra) use password::password;
pub(in crate::entra) use signed_out::signed_out;
pub(crate) use style::digest;

/// One page, not yet in its frame.
#[derive(Debug)]
pub(in crate::entra) struct Page {
    /// The one `h1`.
    heading: String,
    /// Markup under it, complete and escaped.
    body: String,
    /// Whether other sites may show it in a frame: only what answers a silent request.
    framable: bool,
    /// URLs it shows in frames of its own.
    frames: Vec<String>,
    /// Its script, if it has one; the policy lets no other run.
    script: Option<&'static str>,
    /// Whether its script asks the emulator something.
    connects: bool,
    /// The questions of the form on it; the headless browser reads this instead of the markup.
    asks: Option<Asks>,
}

/// The questions of a page, with the values its form sends back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::entra) struct Asks {
    pub(in crate::entra) what: Question,
    pub(in crate::entra) form: Form,
    /// The reason why the form before it was refused.
    pub(in crate::entra) problem: Option<String>,
}

/// The kinds of pages with a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::entra) enum Question {
    Account,
    Password,
    Consent,
    DeviceCode,
    ConfirmDevice,
    SecondFactor,
}

/// The action of a form, and the hidden field without which it is not ours.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::entra) struct Form {
    pub(in crate::entra) action: String,
    pub(in crate::entra) flow: String,
}

impl Page {
    fn new(heading: impl Into<String>, body: String) -> Self {
        Self {
            heading: heading.into(),
            body,
            framable: false,
            frames: Vec::new(),
            script: None,
            connects: false,
            asks: None,
        }
    }

    fn asking(heading: &str, body: String, what: Question, form: &Form) -> Self {
        let asks = Asks {
            what,
            form: form.clone(),
            problem: None,
        };
        Self {
            asks: Some(asks),
            ..Self::new(heading, body)
        }
    }

    /// Says that the form came back, and why.
    fn after(mut self, problem: Option<&str>) -> Self {
        if let Some(asks) = &mut self.asks {
            asks.problem = problem.map(str::to_owned);
        }
        self
    }

    /// Status 200, errors too, as the real service has it.
    pub(in crate::entra) fn respond(self) -> Response {
        let mut response = reply::html(StatusCode::OK, self.html());
        let headers = response.headers_mut();
        reply::set(headers, header::CONTENT_SECURITY_POLICY, &self.policy());
        if !self.framable {
            reply::set(headers, header::X_FRAME_OPTIONS, "DENY");
        }
        reply::set(headers, header::REFERRER_POLICY, "no-referrer");
        if let Some(asks) = self.asks {
            response.extensions_mut().insert(asks);
        }
        as_page_reply(response)
    }

    fn html(&self) -> String {
        let (heading, body, css) = (text(&self.heading), &self.body, style::CSS);
        let script = self
            .script
            .map_or_else(String::new, |script| format!("<script>{script}</script>\n"));
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<title>{TITLE}</title>\n\
             <style>{css}</style>\n</head>\n<body>\n<main>\n<h1>{heading}</h1>\n{body}\n</main>\n\
             <footer><p>Identity emulator, for tests only: no real account is involved.</p></footer>\n\
             {script}</body>\n</html>\n"
        )
    }

    /// Deliberately without `form-action`: Chromium applies it to every redirect that follows a
    /// form, those of the application under test included.
    fn policy(&self) -> String {
        let mut policy = format!(
            "default-src 'none'; style-src '{}'; base-uri 'none'",
            digest(style::CSS)
        );
        if let Some(script) = self.script {
            policy += &format!("; script-src '{}'", digest(script));
        }
        if self.connects {
            policy += "; connect-src 'self'";
        }
        if !self.frames.is_empty() {
            policy += &format!("; frame-src {}", self.frames.join(" "));
        }
        if !self.framable {
            policy += "; frame-ancestors 'none'";
        }
        policy
    }
}

/// Adds the headers of pages and redirects, which nobody may store.
pub(crate) fn as_page_reply(mut response: Response) -> Response {
    let headers = response.headers_mut();
    reply::set(headers, header::CACHE_CONTROL, "no-store, no-cache");
    reply::set(headers, header::PRAGMA, "no-cache");
    reply::set(headers, header::EXPIRES, "-1");
    reply::set(headers, HeaderName::from_static("x-xss-protection"), "0");
    response
}

/// Foreign text, safe between tags and in quoted attributes.
pub(crate) fn text(value: &str) -> Text<'_> {
    Text(value)
}

#[derive(Debug)]
pub(crate) struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'', '\0']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                b'\'' => "&#39;",
                _ => "\u{fffd}",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

impl Form {
    /// The opening tag and what the visitor does not see.
    fn open(&self) -> String {
        let (action, flow) = (text(&self.action), text(&self.flow));
        format!(
            "<form method=\"post\" action=\"{action}\">\n\
             <input type=\"hidden\" name=\"flowToken\" value=\"{flow}\">"
        )
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form")
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

const TITLE: &str = "Sign in to your account";

/// Returns the problem of the form before, in words and announced to screen readers.
fn alert(problem: Option<&str>) -> String {
    problem.map_or_else(String::new, |problem| {
        format!(
            "<p id=\"problem\" class=\"problem\" role=\"alert\"><strong>Error:</strong> {}</p>\n",
            text(problem)
        )
    })
}

/// Attributes that tie a field to the alert above it.
fn flagged(problem: Option<&str>) -> &'static str {
    match problem {
        Some(_) => " aria-invalid=\"true\" aria-describedby=\"problem\"",
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_can_open_a_tag_or_leave_an_attribute() {
        assert_eq!(
            text("<a href=\"x\" b='y'>&\0é").to_string(),
            "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;\u{fffd}é"
        );
    }

    #[test]
    fn the_policy_names_the_style_by_its_digest_and_lets_no_script_run() {
        let page = Page::new("Hello", String::new());
        let policy = page.policy();
        assert!(policy.contains("style-src 'sha256-"), "{policy}");
        assert!(!policy.contains("script-src"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!page.html().contains("<script"));
    }

    #[test]
    fn a_heading_is_escaped() {
        let page = Page::new("<b>", String::new());
        assert!(page.html().contains("<h1>&lt;b&gt;</h1>"));
    }
}
