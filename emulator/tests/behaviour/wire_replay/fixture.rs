//! A fixture as `make.py` writes it.

use std::collections::BTreeMap;

use identity_emulator::Rule;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The requests of one SDK.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fixture {
    pub(super) sdk: String,
    headers: Vec<Map<String, Value>>,
    pub(super) requests: Vec<Request>,
    pub(super) skipped: Vec<Skipped>,
}

/// One request, values with names in braces, and the shape of its reply.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// Its number in the recording, and what it was a part of.
    pub(super) of: String,
    #[serde(rename = "headers")]
    header_set: usize,
    #[serde(skip)]
    pub(super) headers: Vec<(String, String)>,
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default, deserialize_with = "in_order")]
    pub(super) query: Vec<(String, String)>,
    #[serde(default, deserialize_with = "in_order")]
    pub(super) form: Vec<(String, String)>,
    pub(super) status: u16,
    /// JSON types of the members of the body; none: it is no JSON, or was not recorded.
    #[serde(default)]
    pub(super) members: BTreeMap<String, String>,
    /// The reply to script: a fault that no request provokes.
    #[serde(default)]
    pub(super) scripted: Option<Value>,
    /// The endpoint it goes to, if it is one of a host.
    #[serde(default)]
    pub(super) on: Option<String>,
    /// Whether the answer names a key file of the Azure Arc agent.
    #[serde(default)]
    pub(super) challenge: bool,
    /// Whether the browser that sent it had signed in before.
    #[serde(default)]
    pub(super) signed_in: bool,
}

/// A request that is not replayed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Skipped {
    pub(super) of: String,
    pub(super) reason: String,
}

impl Fixture {
    pub(super) fn read(text: &str) -> Self {
        let mut fixture: Self = serde_json::from_str(text).unwrap();
        for request in &mut fixture.requests {
            request.headers = pairs(&fixture.headers[request.header_set]);
        }
        fixture
    }
}

impl Request {
    /// The value of a form field.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.form.iter();
        fields
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The scripted reply as a rule.
    pub(super) fn rule(&self) -> Option<Rule> {
        let reply = self.scripted.as_ref()?;
        let rule = json!({ "on": self.on.as_deref().unwrap_or("*"), "reply": reply });
        Some(serde_json::from_value(rule).unwrap())
    }
}

fn in_order<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(String, String)>, D::Error> {
    Map::deserialize(deserializer).map(|map| pairs(&map))
}

fn pairs(map: &Map<String, Value>) -> Vec<(String, String)> {
    let pair =
        |(name, value): (&String, &Value)| (name.clone(), value.as_str().unwrap().to_owned());
    map.iter().map(pair).collect()
}
