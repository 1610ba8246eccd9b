//! Members of an answer written as another type.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// A type that a member of an answer is written as; services differ in this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cast {
    /// `1750000000`, of a text of digits.
    Number,
    /// `"1750000000"`, of a number or a boolean.
    String,
    /// `"2025-06-15T15:06:40Z"`, of seconds since 1970.
    Date,
    /// `"6/15/2025 3:06:40 PM +00:00"`, of seconds since 1970: the first App Service API.
    UsDate,
}

impl Cast {
    /// The value as this type, if it can be.
    pub(crate) fn of(self, value: &Value) -> Option<Value> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return None,
        };
        let moment = || OffsetDateTime::from_unix_timestamp(text.parse().ok()?).ok();
        match self {
            Self::Number => text.parse::<i64>().ok().map(Value::from),
            Self::String => Some(Value::from(text)),
            Self::Date => moment()?.format(&Rfc3339).ok().map(Value::from),
            Self::UsDate => moment()?.format(US).ok().map(Value::from),
        }
    }
}

const US: &[time::format_description::BorrowedFormatItem<'_>] = format_description!(
    "[month padding:none]/[day padding:none]/[year] \
     [hour repr:12 padding:none]:[minute]:[second] [period] +00:00"
);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_can_be_written_in_every_way_services_write_it() {
        for (cast, written) in [
            (Cast::Number, json!(1_750_000_000)),
            (Cast::String, json!("1750000000")),
            (Cast::Date, json!("2025-06-15T15:06:40Z")),
            (Cast::UsDate, json!("6/15/2025 3:06:40 PM +00:00")),
        ] {
            for time in [json!(1_750_000_000), json!("1750000000")] {
                assert_eq!(cast.of(&time), Some(written.clone()), "{cast:?}");
            }
        }
        assert_eq!(Cast::Date.of(&json!("soon")), None);
        assert_eq!(Cast::Number.of(&json!([])), None);
    }
}
