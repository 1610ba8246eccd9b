//! The errors of requests, and the replies they become.

mod catalogue;

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use crate::exchange::reply;
use crate::exchange::request::Call;

pub(crate) use catalogue::{AadstsRow, CATALOGUE};

/// Any refusal: one of Entra's numbered errors, or a host's own JSON.
#[derive(Debug)]
pub(crate) enum Fault {
    Entra(Aadsts),
    Json(StatusCode, Value),
}

/// One of the errors of the catalogue, its holes filled.
#[derive(Debug)]
pub(crate) struct Aadsts {
    row: &'static AadstsRow,
    text: String,
    error: &'static str,
    suberror: Option<&'static str>,
    claims: Option<String>,
}

impl Aadsts {
    /// The error `code`, which must be in the catalogue.
    pub(crate) fn new(code: u32) -> Self {
        let row = catalogue::row(code);
        Self {
            row,
            text: row.text.to_owned(),
            error: row.error,
            suberror: row.suberror,
            claims: None,
        }
    }

    /// Fills the hole `{name}`. What the client sent is cleaned and cut, so that the description
    /// never holds a character JSON would have to escape: some clients lose such an error whole.
    pub(crate) fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.text = self
            .text
            .replace(&format!("{{{name}}}"), &clean(value.as_ref()));
        self
    }

    /// Fills the holes nobody has filled with their names.
    pub(crate) fn with_the_rest(mut self) -> Self {
        self.text = self.text.replace(['{', '}'], "");
        self
    }

    /// Says `text` instead of the row's usual wording.
    pub(crate) fn saying(mut self, text: &'static str) -> Self {
        text.clone_into(&mut self.text);
        self
    }

    /// Some endpoints name the same trouble differently.
    pub(crate) fn named(mut self, error: &'static str) -> Self {
        self.error = error;
        self
    }

    /// Adds what the client can do about it, in a word MSAL understands.
    pub(crate) fn because(mut self, suberror: &'static str) -> Self {
        self.suberror = Some(suberror);
        self
    }

    /// Adds the `claims` the next request has to come with.
    pub(crate) fn asking(mut self, claims: String) -> Self {
        self.claims = Some(claims);
        self
    }

    pub(crate) fn code(&self) -> u32 {
        self.row.code
    }

    /// `AADSTS50058: …`, as pages say it.
    pub(crate) fn message(&self) -> String {
        format!("AADSTS{}: {}", self.row.code, self.text)
    }

    /// The OAuth error.
    pub(crate) fn error(&self) -> &'static str {
        self.error
    }

    pub(crate) fn suberror(&self) -> Option<&'static str> {
        self.suberror
    }

    /// The HTTP status: 401 for a client that could not prove itself, else 400.
    pub(crate) fn status(&self) -> StatusCode {
        if self.error == "invalid_client" {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::BAD_REQUEST
        }
    }

    /// `error_description`, with the ids of the request.
    pub(crate) fn description(&self, call: &Call) -> String {
        let (code, text, at) = (self.row.code, &self.text, call.timestamp());
        let (trace, correlation) = (call.trace_id, call.correlation_id);
        format!(
            "AADSTS{code}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {at}"
        )
    }

    /// Returns the address that explains the error, if the real service explains it.
    pub(crate) fn uri(&self, host: &str) -> Option<String> {
        let code = self.row.code;
        self.row.page.then(|| format!("{host}/error?code={code}"))
    }

    /// The members of the error object in the order of the real service; `host` is where the error
    /// look-up page is said to live.
    pub(crate) fn body(&self, call: &Call, host: &str) -> Value {
        let mut body = json!({
            "error": self.error,
            "error_description": self.description(call),
            "error_codes": [self.row.code],
            "timestamp": call.timestamp(),
            "trace_id": call.trace_id,
            "correlation_id": call.correlation_id,
        });
        if let Some(uri) = self.uri(host) {
            body["error_uri"] = json!(uri);
        }
        if let Some(suberror) = self.suberror {
            body["suberror"] = json!(suberror);
        }
        if let Some(claims) = &self.claims {
            body["claims"] = json!(claims);
        }
        body
    }
}

/// The text of the error with that number, holes and all, if there is one.
pub(crate) fn explained(code: u32) -> Option<&'static str> {
    let row = CATALOGUE.iter().find(|row| row.code == code)?;
    Some(row.text)
}

impl From<Aadsts> for Fault {
    fn from(error: Aadsts) -> Self {
        Self::Entra(error)
    }
}

impl Fault {
    /// The reply of an Entra endpoint.
    pub(crate) fn at_entra(self, call: &Call) -> Response {
        match self {
            Self::Entra(error) => {
                call.note_error(error.code());
                let body = error.body(call, &call.origin);
                reply::json(error.status(), &body)
            }
            Self::Json(status, body) => reply::json(status, &body),
        }
    }
}

fn clean(value: &str) -> String {
    const LONGEST: usize = 256;
    let kept = value.chars().take(LONGEST);
    kept.map(|c| {
        if c.is_control() || matches!(c, '"' | '\\' | '{' | '}') {
            '?'
        } else {
            c
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sends_can_neither_break_the_json_nor_open_another_hole() {
        let error = Aadsts::new(700016)
            .with("id", "a\"b\\c\r\n{tenant}")
            .with("tenant", "T");
        assert!(error.text.contains("'a?b?c???tenant?'"), "{}", error.text);
    }

    #[test]
    fn no_text_of_the_catalogue_needs_escaping_and_each_code_is_there_once() {
        for (index, row) in CATALOGUE.iter().enumerate() {
            assert!(!row.text.contains(['"', '\\', '\n']), "{}", row.code);
            let twins = CATALOGUE[index + 1..]
                .iter()
                .filter(|twin| twin.code == row.code);
            assert_eq!(twins.count(), 0, "{}", row.code);
        }
    }
}
