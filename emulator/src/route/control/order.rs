//! Orders that come as JSON, and what is said about bad ones.

use axum::response::Response;
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::reply;

/// Why an order is not carried out: one sentence, and where in the JSON the trouble is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) text: String,
    /// Members and list positions from the outside, joined by dots; empty for the whole.
    pub(super) path: String,
}

impl Refusal {
    pub(super) fn new(text: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            text: text.into(),
            path: path.into(),
        }
    }

    pub(super) fn reply(&self) -> Response {
        reply::json(
            self.status,
            &json!({ "error": self.text, "path": self.path }),
        )
    }
}

/// Reads an order; an empty body is the order with nothing in it.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body = if body.trim_ascii().is_empty() {
        b"{}"
    } else {
        body
    };
    let mut reader = serde_json::Deserializer::from_slice(body);
    let order = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        Refusal::new(sentence(&error.into_inner()), path)
    })?;
    let end = reader.end();
    end.map_err(|error| Refusal::new(error.to_string(), ""))?;
    Ok(order)
}

/// The place in the text says little where there is a path.
pub(super) fn sentence(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}
