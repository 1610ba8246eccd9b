//! How an answer, good or bad, gets back to the application.

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use http::header::LOCATION;
use url::{Url, form_urlencoded};

use crate::entra::pages;
use crate::exchange::error::Aadsts;
use crate::exchange::reply;
use crate::exchange::request::Call;

/// Fields of an answer in the order of the wire.
pub(in crate::entra) type Fields = Vec<(&'static str, String)>;

/// A redirect URI that is proven to be the application's, and how it wants its answer.
#[derive(Clone, Debug)]
pub(in crate::entra) struct ReturnTo {
    /// As sent.
    pub(in crate::entra) uri: String,
    pub(in crate::entra) mode: ResponseMode,
    pub(in crate::entra) state: Option<String>,
}

/// The part of a response in which the fields travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::entra) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// An answer that a browser would post; left in the extensions of the page that does.
#[derive(Clone, Debug)]
pub(in crate::entra) struct Posted {
    pub(in crate::entra) action: String,
    pub(in crate::entra) fields: Fields,
}

impl ReturnTo {
    /// Sends the browser back with `fields`.
    pub(in crate::entra) fn respond(&self, fields: Fields) -> Response {
        match self.mode {
            ResponseMode::FormPost => {
                let mut response = pages::form_post(&self.uri, &fields).respond();
                response.extensions_mut().insert(Posted {
                    action: self.uri.clone(),
                    fields,
                });
                response
            }
            ResponseMode::Query => redirect(&with_query(&self.uri, &fields)),
            ResponseMode::Fragment => redirect(&with_fragment(&self.uri, &fields)),
        }
    }

    /// Sends the browser back with what went wrong.
    pub(in crate::entra) fn refuse(&self, error: &Aadsts, call: &Call) -> Response {
        call.note_error(error.code());
        let mut fields = vec![
            ("error", error.error().to_owned()),
            ("error_description", error.description(call)),
        ];
        if let Some(uri) = error.uri(&call.origin) {
            fields.push(("error_uri", uri));
        }
        fields.extend(error.suberror().map(|sub| ("suberror", sub.to_owned())));
        // So that applications need not take a "Cancel" for a failure.
        if error.code() == 65004 {
            fields.push(("error_subcode", "cancel".to_owned()));
        }
        fields.extend(self.state.clone().map(|state| ("state", state)));
        self.respond(fields)
    }
}

/// A 302; the answers of a silent request are among them, so nothing forbids a frame.
pub(in crate::entra) fn redirect(to: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    reply::set(response.headers_mut(), LOCATION, to);
    pages::as_page_reply(response)
}

/// `uri` with the fields added to its query.
pub(in crate::entra) fn with_query(uri: &str, fields: &[(&'static str, String)]) -> String {
    let Ok(mut url) = Url::parse(uri) else {
        return uri.to_owned();
    };
    let added = encoded(fields);
    let query = match url.query().filter(|query| !query.is_empty()) {
        Some(query) if added.is_empty() => query.to_owned(),
        Some(query) => format!("{query}&{added}"),
        None => added,
    };
    url.set_query((!query.is_empty()).then_some(query.as_str()));
    url.into()
}

fn with_fragment(uri: &str, fields: &[(&'static str, String)]) -> String {
    let Ok(mut url) = Url::parse(uri) else {
        return uri.to_owned();
    };
    url.set_fragment(Some(&encoded(fields)));
    url.into()
}

fn encoded(fields: &[(&'static str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Fields {
        vec![("code", "a b".to_owned()), ("state", "<&>".to_owned())]
    }

    #[test]
    fn a_uri_without_a_path_gets_a_slash() {
        assert_eq!(
            with_query("http://localhost:8400", &fields()),
            "http://localhost:8400/?code=a+b&state=%3C%26%3E"
        );
        assert_eq!(
            with_fragment("https://app.example", &fields()),
            "https://app.example/#code=a+b&state=%3C%26%3E"
        );
    }

    #[test]
    fn a_query_of_its_own_is_kept_and_nothing_to_add_changes_nothing() {
        assert_eq!(
            with_query("https://app.example/cb?x=1", &fields()),
            "https://app.example/cb?x=1&code=a+b&state=%3C%26%3E"
        );
        assert_eq!(
            with_query("https://app.example/cb", &[]),
            "https://app.example/cb"
        );
    }

    #[test]
    fn schemes_of_applications_keep_their_form() {
        assert!(with_query("msal01://auth", &fields()).starts_with("msal01://auth?code="));
        let oob = with_query("urn:ietf:wg:oauth:2.0:oob", &fields());
        assert!(oob.starts_with("urn:ietf:wg:oauth:2.0:oob?code="), "{oob}");
    }
}
