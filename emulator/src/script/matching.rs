//! The conditions of a rule, beyond its endpoint.

use std::collections::BTreeMap;
use std::fmt;

use http::header::HeaderName;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::exchange::request::Call;

/// The conditions of a request; all of them have to hold, and none means any request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// The HTTP method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path as sent, in any case; `*` stands for any text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Query fields.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, FieldCondition>,
    /// Headers; names in any case.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub header: BTreeMap<String, FieldCondition>,
    /// Form fields.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub form: BTreeMap<String, FieldCondition>,
}

/// The condition of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldCondition {
    /// This text, in which `*` stands for any text.
    Text(String),
    /// There (`true`), or not there (`false`).
    Present(bool),
}

impl When {
    pub(super) fn is_any(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if self.method.as_ref().is_some_and(String::is_empty) {
            return Err("`when.method` is empty".to_owned());
        }
        if let Some(path) = &self.path
            && !path.starts_with(['/', '*'])
        {
            return Err(format!("`when.path`: `{path}` starts with neither / nor *"));
        }
        let unfit = |name: &&String| HeaderName::try_from(name.as_str()).is_err();
        match self.header.keys().find(unfit) {
            Some(name) => Err(format!("`when.header`: `{name}` is no name of a header")),
            None => Ok(()),
        }
    }

    pub(super) fn fits(&self, call: &Call) -> bool {
        let method = |method: &String| method.eq_ignore_ascii_case(call.method.as_str());
        let path = |path: &String| is_like(&call.path.to_lowercase(), &path.to_lowercase());
        self.method.as_ref().is_none_or(method)
            && self.path.as_ref().is_none_or(path)
            && all(&self.query, |name| call.query(name))
            && all(&self.header, |name| call.header(name))
            && all(&self.form, |name| call.field(name))
    }
}

fn all<'a>(
    wanted: &BTreeMap<String, FieldCondition>,
    sent: impl for<'n> Fn(&'n str) -> Option<&'a str>,
) -> bool {
    wanted
        .iter()
        .all(|(name, wanted)| match (wanted, sent(name)) {
            (FieldCondition::Text(text), Some(value)) => is_like(value, text),
            (FieldCondition::Text(_), None) => false,
            (FieldCondition::Present(present), value) => value.is_some() == *present,
        })
}

/// Whether `text` is `pattern`, whose stars stand for any text.
fn is_like(text: &str, pattern: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return text == pattern;
    };
    let Some(mut text) = text.strip_prefix(start) else {
        return false;
    };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(end)
}

impl Serialize for FieldCondition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Present(present) => serializer.serialize_bool(*present),
        }
    }
}

impl<'de> Deserialize<'de> for FieldCondition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldConditionVisitor)
    }
}

struct FieldConditionVisitor;

impl serde::de::Visitor<'_> for FieldConditionVisitor {
    type Value = FieldCondition;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, true (it is there) or false (it is not)")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<FieldCondition, E> {
        Ok(FieldCondition::Text(text.to_owned()))
    }

    fn visit_bool<E: Error>(self, present: bool) -> Result<FieldCondition, E> {
        Ok(FieldCondition::Present(present))
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use time::OffsetDateTime;

    use super::*;
    use crate::base::random::Random;

    fn fits(when: &str) -> bool {
        let request = Request::post("/Tenant/oauth2/token?a=b&c=");
        let (mut parts, ()) = request
            .header("x-one", "two")
            .body(())
            .unwrap()
            .into_parts();
        let random = Random::new(Some(1));
        let call = Call::new(
            &mut parts,
            b"scope=x%20y",
            &crate::exchange::request::Listener::LOCAL,
            OffsetDateTime::UNIX_EPOCH,
            &random,
        );
        let when: When = serde_json::from_str(when).unwrap();
        when.check().unwrap();
        when.fits(&call)
    }

    #[test]
    fn a_request_fits_if_all_of_it_does() {
        for when in [
            "{}",
            r#"{"method":"post","path":"/tenant/*"}"#,
            r#"{"query":{"a":"b","c":true,"d":false}}"#,
            r#"{"header":{"X-One":"t*"},"form":{"scope":"x y"}}"#,
        ] {
            assert!(fits(when), "{when}");
        }
        for when in [
            r#"{"method":"get"}"#,
            r#"{"path":"/tenant"}"#,
            r#"{"query":{"a":"b","c":false}}"#,
            r#"{"query":{"d":""}}"#,
            r#"{"header":{"x-one":"one"}}"#,
            r#"{"form":{"scope":"x y","a":"b"}}"#,
        ] {
            assert!(!fits(when), "{when}");
        }
    }

    #[test]
    fn a_star_is_any_text_also_none() {
        for (text, pattern) in [
            ("", "*"),
            ("abc", "a*c"),
            ("abc", "*b*"),
            ("aXbXc", "a*b*c"),
            ("ab", "a**b"),
        ] {
            assert!(is_like(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in [("a", ""), ("abc", "a*b"), ("ab", "ab*b"), ("ac", "a*b*c")] {
            assert!(!is_like(text, pattern), "{text} {pattern}");
        }
    }

    #[test]
    fn what_could_never_fit_is_refused() {
        for (when, wanted) in [
            (r#"{"path":"tenant"}"#, "`when.path`"),
            (r#"{"header":{"a b":true}}"#, "`when.header`"),
            (r#"{"method":""}"#, "`when.method`"),
        ] {
            let when: When = serde_json::from_str(when).unwrap();
            assert!(when.check().unwrap_err().contains(wanted));
        }
    }
}
