//! How many of something an expectation wants.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// How many there must be: a number, or a table with `gte`, `lte` or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberMatcher {
    least: u64,
    most: u64,
}

impl NumberMatcher {
    /// Exactly one.
    pub fn one() -> Self {
        Self { least: 1, most: 1 }
    }

    /// Whether `number` is right.
    pub fn fits(self, number: u64) -> bool {
        (self.least..=self.most).contains(&number)
    }

    /// The smallest number that is right.
    pub fn least(self) -> u64 {
        self.least
    }
}

impl fmt::Display for NumberMatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (least, most) if least == most => write!(f, "{least}"),
            (least, u64::MAX) => write!(f, "{least} or more"),
            (0, most) => write!(f, "{most} or less"),
            (least, most) => write!(f, "{least} to {most}"),
        }
    }
}

impl<'de> Deserialize<'de> for NumberMatcher {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = NumberMatcher;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or a table with `gte`, `lte` or both")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<NumberMatcher, E> {
        let number = u64::try_from(number).map_err(|_| E::custom("a number below zero"))?;
        Ok(NumberMatcher {
            least: number,
            most: number,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NumberMatcher, A::Error> {
        let mut range = NumberMatcher {
            least: 0,
            most: u64::MAX,
        };
        let mut said = false;
        while let Some(operator) = map.next_key::<String>()? {
            match operator.as_str() {
                "gte" => range.least = map.next_value()?,
                "lte" => range.most = map.next_value()?,
                other => {
                    return Err(Error::custom(format!(
                        "unknown operator `{other}`; a number takes: gte, lte"
                    )));
                }
            }
            said = true;
        }
        if !said || range.least > range.most {
            return Err(Error::custom("no number can fit this"));
        }
        Ok(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_a_number_or_a_range() {
        #[derive(serde::Deserialize)]
        struct Count {
            v: NumberMatcher,
        }
        let count = |text: &str| toml::from_str::<Count>(&format!("v = {text}")).map(|c| c.v);
        assert_eq!(count("3").unwrap().to_string(), "3");
        assert_eq!(count("{ gte = 1 }").unwrap().to_string(), "1 or more");
        assert_eq!(count("{ gte = 1, lte = 4 }").unwrap().to_string(), "1 to 4");
        assert!(count("{ gte = 1, lte = 4 }").unwrap().fits(4));
        assert!(count("{ gte = 5, lte = 4 }").is_err());
        assert!(count("{}").is_err());
        assert!(count("-1").is_err());
    }
}
