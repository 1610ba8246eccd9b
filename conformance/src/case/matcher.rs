//! The matcher of an expectation: a text, or a table with one operator of a closed set.

use std::fmt;

use regex_lite::Regex;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// A condition on a value.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// Exactly this text.
    Equals(String),
    /// Not sent at all.
    Absent,
    /// Sent, whatever it is.
    Present,
    /// One of these texts.
    OneOf(Vec<String>),
    /// Fits this regular expression, from start to end.
    Matches(Regex),
    /// Contains this text.
    Contains(String),
    /// A number of at least this.
    Gte(i64),
    /// A number of at most this.
    Lte(i64),
    /// The value at this place (`entra.token[1].header.client-request-id`).
    SameAs(String),
    /// The base64url SHA-256 of the value at this place (PKCE S256).
    Sha256Of(String),
    /// A UUID.
    Uuid,
}

/// The operators, as written in a case.
const OPERATORS: &[&str] = &[
    "absent",
    "present",
    "one_of",
    "matches",
    "contains",
    "gte",
    "lte",
    "same_as",
    "sha256_of",
    "uuid",
];

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(text) => write!(f, "{text:?}"),
            Self::Absent => f.write_str("nothing"),
            Self::Present => f.write_str("any value"),
            Self::OneOf(all) => write!(f, "one of {all:?}"),
            Self::Matches(regex) => write!(f, "a match of /{regex}/"),
            Self::Contains(part) => write!(f, "something with {part:?} in it"),
            Self::Gte(least) => write!(f, "{least} or more"),
            Self::Lte(most) => write!(f, "{most} or less"),
            Self::SameAs(place) => write!(f, "the same as {place}"),
            Self::Sha256Of(place) => write!(f, "the SHA-256 of {place}"),
            Self::Uuid => f.write_str("a UUID"),
        }
    }
}

impl<'de> Deserialize<'de> for Matcher {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MatcherVisitor)
    }
}

struct MatcherVisitor;

impl<'de> Visitor<'de> for MatcherVisitor {
    type Value = Matcher;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a text, or a table with one of: {}",
            OPERATORS.join(", ")
        )
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Matcher, E> {
        Ok(Matcher::Equals(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Matcher, A::Error> {
        let Some(operator) = map.next_key::<String>()? else {
            return Err(Error::custom(
                "an empty table says nothing: write one operator",
            ));
        };
        let matcher = operand(&operator, &mut map)?;
        match map.next_key::<String>()? {
            None => Ok(matcher),
            Some(second) => Err(Error::custom(format!(
                "one operator at a time, but `{operator}` and `{second}` are both here"
            ))),
        }
    }
}

fn operand<'de, A: MapAccess<'de>>(operator: &str, map: &mut A) -> Result<Matcher, A::Error> {
    Ok(match operator {
        "absent" => switch(operator, map.next_value()?, Matcher::Absent)?,
        "present" => switch(operator, map.next_value()?, Matcher::Present)?,
        "uuid" => switch(operator, map.next_value()?, Matcher::Uuid)?,
        "one_of" => Matcher::OneOf(map.next_value()?),
        "contains" => Matcher::Contains(map.next_value()?),
        "gte" => Matcher::Gte(map.next_value()?),
        "lte" => Matcher::Lte(map.next_value()?),
        "same_as" => Matcher::SameAs(map.next_value()?),
        "sha256_of" => Matcher::Sha256Of(map.next_value()?),
        "matches" => {
            let pattern: String = map.next_value()?;
            Regex::new(&format!("^(?:{pattern})$"))
                .map(Matcher::Matches)
                .map_err(|error| {
                    Error::custom(format!("`{pattern}` is no regular expression: {error}"))
                })?
        }
        other => {
            return Err(Error::custom(format!(
                "unknown operator `{other}`; the operators are: {}",
                OPERATORS.join(", ")
            )));
        }
    })
}

fn switch<E: Error>(operator: &str, on: bool, matcher: Matcher) -> Result<Matcher, E> {
    if on {
        return Ok(matcher);
    }
    Err(E::custom(format!(
        "`{operator} = false` has no meaning: leave it out"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Holder {
        v: Matcher,
    }

    fn parse(value: &str) -> Result<Matcher, String> {
        toml::from_str::<Holder>(&format!("v = {value}"))
            .map(|holder| holder.v)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_operator_of_the_list_can_be_written() {
        for operator in OPERATORS {
            let value = match *operator {
                "absent" | "present" | "uuid" => "true",
                "gte" | "lte" => "3",
                "one_of" => "['a']",
                _ => "'a'",
            };
            parse(&format!("{{ {operator} = {value} }}")).unwrap();
        }
    }

    #[test]
    fn a_wrong_operator_is_answered_with_the_list() {
        let error = parse("{ matchs = 'a' }").unwrap_err();
        assert!(error.contains("unknown operator `matchs`"), "{error}");
        assert!(
            error.contains("absent, present, one_of, matches"),
            "{error}"
        );
    }

    #[test]
    fn two_operators_at_once_are_refused() {
        let error = parse("{ gte = 1, lte = 2 }").unwrap_err();
        assert!(error.contains("`gte` and `lte` are both here"), "{error}");
    }

    #[test]
    fn an_operator_with_false_is_refused() {
        assert!(
            parse("{ absent = false }")
                .unwrap_err()
                .contains("has no meaning")
        );
        assert!(parse("{ }").unwrap_err().contains("write one operator"));
        assert!(
            parse("{ matches = '(' }")
                .unwrap_err()
                .contains("no regular expression")
        );
    }
}
