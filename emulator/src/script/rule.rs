//! A scripted answer as data: the same in Rust, in `world.toml` and over `/_emulator/script`.

use std::collections::BTreeMap;

use http::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::endpoint_names;
use crate::config::ConfigError;

/// "The next `times` answers of `on` are `reply`."
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Name of an endpoint such as `imds.token`, or the start of several followed by `*`.
    pub on: String,
    /// How many answers; default 1.
    #[serde(default = "once")]
    pub times: u32,
    /// What they are.
    pub reply: Reply,
}

/// A scripted answer.
///
/// With a status or a body it takes the place of the real answer. Without either, the real answer
/// is given after `delay_ms`, with `headers` added, and cut at `truncate`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// HTTP status, 200 to 599; default 200. An error without a body gets a small JSON one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers to set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// A body as text (`text/plain` unless `headers` says otherwise); not together with `json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// A body as JSON; not together with `body`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// How long to wait first, in milliseconds of real time; default 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub delay_ms: u64,
    /// Hang up after this many bytes of the body, of which the whole was announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncate: Option<usize>,
    /// Hang up without an answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drop: bool,
}

impl Rule {
    /// Refuses what could not be carried out, or could never apply.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let refuse =
            |text: String| Err(ConfigError::new(format!("script on `{}`: {text}", self.on)));
        let endpoints = endpoint_names();
        if !endpoints.iter().any(|endpoint| self.covers(endpoint)) {
            let endpoints = endpoints.join(", ");
            return refuse(format!("no such endpoint; there are {endpoints}"));
        }
        if self.times == 0 {
            return refuse("times is at least 1".to_owned());
        }
        if self
            .reply
            .status
            .is_some_and(|status| !(200..=599).contains(&status))
        {
            return refuse("status is between 200 and 599".to_owned());
        }
        if self.reply.body.is_some() && self.reply.json.is_some() {
            return refuse("a reply has a body or json, not both".to_owned());
        }
        for (name, value) in &self.reply.headers {
            let framing = ["content-length", "transfer-encoding", "connection"];
            if framing.contains(&name.to_ascii_lowercase().as_str()) {
                return refuse(format!("the header `{name}` belongs to the server"));
            }
            if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
                return refuse(format!("`{name}: {value}` is not a header"));
            }
        }
        Ok(())
    }

    /// Whether the rule is about `endpoint`.
    pub(super) fn covers(&self, endpoint: &str) -> bool {
        match self.on.strip_suffix('*') {
            Some(start) => endpoint.len() > start.len() && endpoint.starts_with(start),
            None => self.on == endpoint,
        }
    }
}

impl Reply {
    /// Whether it takes the place of the real answer.
    pub(super) fn replaces(&self) -> bool {
        self.status.is_some() || self.body.is_some() || self.json.is_some()
    }
}

fn once() -> u32 {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(json: &str) -> String {
        serde_json::from_str::<Rule>(json)
            .unwrap()
            .check()
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_star_covers_what_goes_on_after_it() {
        let rule = Rule {
            on: "entra.discovery.*".to_owned(),
            ..Rule::default()
        };
        assert!(rule.covers("entra.discovery.openid"));
        assert!(!rule.covers("entra.discovery."));
        assert!(!rule.covers("entra.token"));
    }

    #[test]
    fn a_rule_that_could_not_be_carried_out_is_refused_with_the_reason() {
        let endpoint = refusal(r#"{"on":"imds.tokn","reply":{"status":404}}"#);
        assert!(endpoint.contains("imds.token"), "{endpoint}");
        let bodies = refusal(r#"{"on":"imds.token","reply":{"body":"a","json":1}}"#);
        assert!(bodies.contains("not both"), "{bodies}");
        assert!(refusal(r#"{"on":"imds.token","reply":{"status":101}}"#).contains("200 and 599"));
        assert!(refusal(r#"{"on":"*","reply":{"headers":{"a b":"c"}}}"#).contains("not a header"));
    }
}
