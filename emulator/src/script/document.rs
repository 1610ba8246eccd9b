//! Rules and presets as they are written, in TOML or JSON: one flat table each, so that a key in
//! the wrong place is named with the keys there are.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Preset, Reply, Rule, When};

/// Rules as they are written in a file: a rule, a preset by its name, or a list of both.
///
/// `{ on = "imds.token", reply = { status = 503 } }` is a rule,
/// `{ preset = "throttle-429" }` stands for the rules of that [`Preset`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Reads a list for a member of a larger document.
    pub(crate) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Rule>, D::Error> {
        let elements = Vec::<Element>::deserialize(deserializer)?;
        Ok(elements.into_iter().flat_map(|element| element.0).collect())
    }
}

impl IntoIterator for Rules {
    type Item = Rule;
    type IntoIter = std::vec::IntoIter<Rule>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Rules {
    type Item = &'a Rule;
    type IntoIter = std::slice::Iter<'a, Rule>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de> Deserialize<'de> for Rules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMany)
    }
}

struct OneOrMany;

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Rules;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a rule, a preset or a list of them")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rules, A::Error> {
        let element = Element::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Rules(element.0))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Rules, A::Error> {
        Rules::list(SeqAccessDeserializer::new(list)).map(Rules)
    }
}

/// The rules of one table of a list.
#[derive(Deserialize)]
#[serde(try_from = "Written")]
struct Element(Vec<Rule>);

/// One table: a rule, or the name of a preset.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    preset: Option<String>,
    on: Option<String>,
    when: Option<When>,
    skip: Option<u32>,
    times: Option<Times>,
    for_s: Option<u32>,
    reply: Option<Reply>,
}

impl TryFrom<Written> for Element {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written {
                preset: Some(name),
                on: None,
                when: None,
                skip: None,
                times: None,
                for_s: None,
                reply: None,
            } => Preset::required(&name).map(|preset| Self(preset.rules.clone())),
            written => Rule::try_from(written).map(|rule| Self(vec![rule])),
        }
    }
}

impl TryFrom<Written> for Rule {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let missing = |key: &str| format!("missing field `{key}`");
        let usual = match written.for_s {
            Some(_) => Self::ALWAYS,
            None => 1,
        };
        let rule = Self {
            preset: written.preset,
            on: written.on.ok_or_else(|| missing("on"))?,
            when: written.when.unwrap_or_default(),
            skip: written.skip.unwrap_or(0),
            times: written.times.map_or(usual, |times| times.0),
            for_s: written.for_s,
            reply: written.reply.ok_or_else(|| missing("reply"))?,
        };
        rule.check().map_err(|error| error.to_string())?;
        Ok(rule)
    }
}

/// A number, or `always`.
struct Times(u32);

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimesVisitor)
    }
}

struct TimesVisitor;

impl Visitor<'_> for TimesVisitor {
    type Value = Times;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or \"always\" for `times`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Times, E> {
        match text {
            "always" => Ok(Times(Rule::ALWAYS)),
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Times, E> {
        let unfit = || E::invalid_value(serde::de::Unexpected::Unsigned(number), &self);
        u32::try_from(number).map(Times).map_err(|_| unfit())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Times, E> {
        let unfit = || E::invalid_value(serde::de::Unexpected::Signed(number), &self);
        u32::try_from(number).map(Times).map_err(|_| unfit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<Rule>, String> {
        let rules = serde_json::from_str::<Rules>(json);
        rules
            .map(|rules| rules.into_iter().collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_rule_a_preset_and_a_list_of_both_can_be_written() {
        let rule = r#"{"on":"imds.token","reply":{"status":503}}"#;
        let preset = r#"{"preset":"throttle-429"}"#;
        let one = read(rule).unwrap();
        let many = read(preset).unwrap();
        assert_eq!((one.len(), one[0].times), (1, 1));
        assert!(
            many.iter()
                .all(|rule| rule.preset.as_deref() == Some("throttle-429"))
        );
        let both = read(&format!("[{rule},{preset}]")).unwrap();
        assert_eq!(both, [one, many].concat());
    }

    #[test]
    fn what_is_written_down_is_read_back() {
        let rules = read(
            r#"[{"preset":"imds-410-70s"},{"on":"*","skip":2,"times":"always","reply":{}},
               {"on":"imds.token","for_s":9,"when":{"query":{"a":"b*","c":false}},"reply":{"drop":true}}]"#,
        );
        let rules = rules.unwrap();
        let written = serde_json::to_string(&rules).unwrap();
        assert_eq!(read(&written).unwrap(), rules, "{written}");
        assert_eq!(rules.last().unwrap().times, Rule::ALWAYS);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (document, wanted) in [
            (r#"{"on":"*"}"#, "`reply`"),
            (r#"{"preset":"throttle-429","times":2}"#, "`on`"),
            (r#"{"preset":"throtle"}"#, "throttle-429"),
            (r#"{"on":"*","reply":{"stats":1}}"#, "`stats`"),
            (
                r#"{"on":"*","times":"often","reply":{}}"#,
                "\"always\" for `times`",
            ),
            (r#"{"on":"*","times":0,"reply":{}}"#, "`times`"),
            (r#"{"on":"*","times":-1,"reply":{}}"#, "-1"),
            ("3", "a list of them"),
        ] {
            let refusal = read(document).unwrap_err();
            assert!(refusal.contains(wanted), "{document}: {refusal}");
        }
    }
}
