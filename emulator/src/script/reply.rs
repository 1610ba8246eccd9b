//! A scripted reply as data.

use std::collections::BTreeMap;

use http::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Cast;
use crate::crypto::keys::Rotation;
use crate::exchange::error::explained;

/// A scripted answer.
///
/// `status`, `body`, `json`, `html` and `aadsts` take the place of the real answer; with none of
/// them the real one is given, changed by `set`, `cast` and `remove`. With these, `status` alone
/// changes the status of the real answer. Everything else is done to either.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reply {
    /// HTTP status, 200 to 599; default 200. An error without a body gets a small JSON one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers to set.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// A body as text, `text/plain` unless `headers` says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// A body as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// A body as a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// The token service's own error of this number, with its status and its body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aadsts: Option<u32>,
    /// Members of the JSON answer to set, or to add.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub set: Map<String, Value>,
    /// Members of the JSON answer to write as another type.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cast: BTreeMap<String, Cast>,
    /// Members of the JSON answer to leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// How long to wait first, in milliseconds of real time; default 0, at most ten minutes.
    #[serde(skip_serializing_if = "is_zero")]
    pub delay_ms: u64,
    /// How much longer at most, by the emulator's generator: with a seed the same in every run.
    #[serde(skip_serializing_if = "is_zero")]
    pub jitter_ms: u64,
    /// The body comes a little at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drip: Option<Drip>,
    /// Hang up after this many bytes of the body, of which the whole was announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncate: Option<usize>,
    /// Hang up without an answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub drop: bool,
    /// Break the connection off (RST instead of FIN): without an answer, or after `truncate`
    /// bytes of it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reset: bool,
    /// Say nothing until the client gives up, and hang up after five minutes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
    /// A new signing key takes over before the answer is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate_keys: Option<Rotation>,
}

/// How a body comes a little at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drip {
    /// Bytes at a time; default 1.
    #[serde(default = "one")]
    pub bytes: usize,
    /// Pause between them, in milliseconds of real time.
    pub every_ms: u64,
}

/// Ten minutes: longer than any client waits, and not for ever.
const LONGEST_MS: u64 = 600_000;

impl Reply {
    /// Refuses what contradicts itself; names the key.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.status.is_some_and(|it| !(200..=599).contains(&it)) {
            return Err("`reply.status` is between 200 and 599".to_owned());
        }
        self.check_ending()?;
        self.check_body()?;
        self.check_times()?;
        self.headers.iter().try_for_each(check_header)
    }

    /// Whether it takes the place of the real answer.
    pub(crate) fn replaces(&self) -> bool {
        let bodies = self.body.is_some() || self.json.is_some() || self.html.is_some();
        bodies || self.aadsts.is_some() || (self.status.is_some() && !self.edits())
    }

    /// Whether it changes members of a JSON answer.
    pub(crate) fn edits(&self) -> bool {
        !(self.set.is_empty() && self.cast.is_empty() && self.remove.is_empty())
    }

    /// Whether no answer comes at all.
    pub(crate) fn is_none(&self) -> bool {
        self.drop || self.silent || (self.reset && self.truncate.is_none())
    }

    fn check_ending(&self) -> Result<(), String> {
        let endings = [
            ("drop", self.drop),
            ("reset", self.reset),
            ("silent", self.silent),
        ];
        only_one(endings)?;
        let answered = [
            ("status", self.status.is_some()),
            ("headers", !self.headers.is_empty()),
            ("body", self.body.is_some()),
            ("json", self.json.is_some()),
            ("html", self.html.is_some()),
            ("aadsts", self.aadsts.is_some()),
            ("set", !self.set.is_empty()),
            ("cast", !self.cast.is_empty()),
            ("remove", !self.remove.is_empty()),
            ("drip", self.drip.is_some()),
            ("truncate", self.truncate.is_some()),
        ];
        match answered.iter().find(|(_, there)| *there) {
            Some((key, _)) if self.is_none() => Err(format!(
                "`reply.{key}`: no answer comes, so there is nothing to give"
            )),
            _ => Ok(()),
        }
    }

    fn check_body(&self) -> Result<(), String> {
        let bodies = [
            ("body", self.body.is_some()),
            ("json", self.json.is_some()),
            ("html", self.html.is_some()),
            ("aadsts", self.aadsts.is_some()),
        ];
        only_one(bodies)?;
        if self.edits() && bodies[..3].iter().any(|(_, there)| *there) {
            let text = "`reply.set`, `cast` and `remove` change the real answer: write the body as \
                        it is to be instead";
            return Err(text.to_owned());
        }
        if let Some(code) = self.aadsts.filter(|code| explained(*code).is_none()) {
            return Err(format!("`reply.aadsts`: there is no AADSTS{code}"));
        }
        let mut values = self.set.iter().chain(self.json.iter().flat_map(members));
        match values.find(|(_, value)| has_toml_date(value)) {
            Some((key, _)) => Err(format!(
                "`{key}`: JSON has no dates; write it in quotes, as text"
            )),
            None => Ok(()),
        }
    }

    fn check_times(&self) -> Result<(), String> {
        let drip = self.drip.map_or(0, |drip| drip.every_ms);
        let waits = [
            ("delay_ms", self.delay_ms),
            ("jitter_ms", self.jitter_ms),
            ("drip.every_ms", drip),
        ];
        if let Some((key, _)) = waits.iter().find(|(_, wait)| *wait > LONGEST_MS) {
            return Err(format!(
                "`reply.{key}` is at most {LONGEST_MS}, ten minutes"
            ));
        }
        match self.drip {
            Some(Drip { bytes: 0, .. }) => Err("`reply.drip.bytes` is at least 1".to_owned()),
            _ => Ok(()),
        }
    }
}

fn only_one<const N: usize>(keys: [(&str, bool); N]) -> Result<(), String> {
    let mut there = keys.iter().filter(|(_, there)| *there);
    match (there.next(), there.next()) {
        (Some((one, _)), Some((other, _))) => Err(format!(
            "`reply.{one}` and `reply.{other}` exclude each other, not both"
        )),
        _ => Ok(()),
    }
}

fn check_header((name, value): (&String, &String)) -> Result<(), String> {
    let framing = ["content-length", "transfer-encoding", "connection"];
    if framing.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(format!(
            "`reply.headers`: the header `{name}` belongs to the server"
        ));
    }
    if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
        return Err(format!(
            "`reply.headers`: `{name}: {value}` is not a header"
        ));
    }
    Ok(())
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// TOML has dates, which arrive as a table with this one key.
fn has_toml_date(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.contains_key("$__toml_private_datetime") || members.values().any(has_toml_date)
        }
        Value::Array(values) => values.iter().any(has_toml_date),
        _ => false,
    }
}

fn one() -> usize {
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

    #[test]
    fn what_contradicts_itself_is_refused_with_the_key() {
        for (reply, wanted) in [
            (r#"{"status":101}"#, "`reply.status`"),
            (r#"{"body":"a","json":1}"#, "not both"),
            (r#"{"body":"a","set":{"b":1}}"#, "`reply.set`"),
            (r#"{"drop":true,"silent":true}"#, "not both"),
            (r#"{"drop":true,"status":200}"#, "`reply.status`"),
            (r#"{"silent":true,"truncate":2}"#, "`reply.truncate`"),
            (r#"{"reset":true,"html":"x"}"#, "`reply.html`"),
            (r#"{"aadsts":1}"#, "`reply.aadsts`"),
            (r#"{"delay_ms":600001}"#, "`reply.delay_ms`"),
            (r#"{"drip":{"every_ms":600001}}"#, "`reply.drip.every_ms`"),
            (r#"{"drip":{"bytes":0,"every_ms":1}}"#, "`reply.drip.bytes`"),
            (r#"{"headers":{"a b":"c"}}"#, "not a header"),
            (r#"{"headers":{"Content-Length":"1"}}"#, "`reply.headers`"),
        ] {
            let read: Reply = serde_json::from_str(reply).unwrap();
            let refusal = read.check().unwrap_err();
            assert!(refusal.contains(wanted), "{reply}: {refusal}");
        }
        let date: Reply = toml::from_str("set = { a = [2030-01-01] }").unwrap();
        assert!(date.check().unwrap_err().contains("no dates"));
    }

    #[test]
    fn a_reset_may_come_after_a_part_of_the_answer() {
        let reply: Reply =
            serde_json::from_str(r#"{"reset":true,"truncate":9,"body":"whole"}"#).unwrap();
        assert_eq!((reply.check(), reply.is_none()), (Ok(()), false));
    }

    #[test]
    fn a_status_replaces_the_answer_unless_members_of_it_are_changed() {
        let reply = |json: &str| serde_json::from_str::<Reply>(json).unwrap();
        assert!(reply(r#"{"status":503}"#).replaces());
        assert!(!reply(r#"{"status":203,"remove":["a"]}"#).replaces());
        assert!(!reply(r#"{"delay_ms":5}"#).replaces());
    }
}
