//! Orders that come as JSON, and what is said about bad ones.

use axum::response::Response;
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serde_path_to_error::Segment;

use crate::exchange::reply;

/// Why an order is not carried out: one sentence, and where in the JSON the trouble is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ControlRefusal {
    pub(super) status: StatusCode,
    pub(super) text: String,
    /// Members and list positions from the outside, joined by dots; empty for the whole.
    pub(super) path: String,
}

impl ControlRefusal {
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
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ControlRefusal> {
    if body.trim_ascii().is_empty() {
        return read_at(json!({}));
    }
    let value = serde_json::from_slice(body);
    read_at(
        value.map_err(|error| ControlRefusal::new(format!("the body is no JSON: {error}"), ""))?,
    )
}

/// Reads a document and says where in it the trouble is; elements of lists go by their names, as in
/// the paths of `/_emulator/directory`.
pub(super) fn read_at<T: DeserializeOwned>(document: Value) -> Result<T, ControlRefusal> {
    serde_path_to_error::deserialize(&document).map_err(|error| {
        let path = place(&document, error.path());
        ControlRefusal::new(without_values(&error.into_inner().to_string()), path)
    })
}

fn place(document: &Value, path: &serde_path_to_error::Path) -> String {
    let mut part = Some(document);
    let mut names = Vec::new();
    for segment in path {
        names.push(match segment {
            Segment::Seq { index } => {
                part = part.and_then(|part| part.get(index));
                let name = |key| part?.get(key)?.as_str();
                let name = name("name").or_else(|| name("upn"));
                name.map_or_else(|| index.to_string(), str::to_owned)
            }
            Segment::Map { key } | Segment::Enum { variant: key } => {
                part = part.and_then(|part| part.get(key));
                key.clone()
            }
            Segment::Unknown => "?".to_owned(),
        });
    }
    names.join("/")
}

/// A text in the wrong place may be a secret: it is not repeated.
fn without_values(text: &str) -> String {
    const START: &str = "string \"";
    match (text.find(START), text.rfind("\", expected")) {
        (Some(start), Some(end)) if start + START.len() <= end => {
            format!("{}a text{}", &text[..start], &text[end + 1..])
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::config::World;

    fn refusal(document: Value) -> ControlRefusal {
        read_at::<World>(document).unwrap_err()
    }

    #[test]
    fn the_path_names_the_place_and_the_sentence_the_valid_keys() {
        let app = json!({ "name": "a", "secret": [{ "vaule": "x" }] });
        let refusal = refusal(json!({ "app": [app] }));
        assert_eq!(refusal.path, "app/a/secret/0/vaule");
        assert!(refusal.text.contains("`vaule`") && refusal.text.contains("`value`"));
    }

    #[test]
    fn a_secret_in_the_wrong_place_is_not_repeated() {
        let app = json!({ "name": "a", "secret": "hush \", expected" });
        let refusal = refusal(json!({ "app": [app] }));
        assert_eq!(refusal.path, "app/a/secret");
        assert!(!refusal.text.contains("hush"), "{}", refusal.text);
    }
}
