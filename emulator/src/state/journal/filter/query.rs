//! A filter as the fields of a query.

use std::fmt;
use std::ops::RangeInclusive;

use crate::state::journal::Filter;

/// A field of a query that says nothing a filter understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilterError(String);

impl Filter {
    /// Takes one field of a query; `false` if its name is none of a filter's.
    ///
    /// # Errors
    /// A value that cannot be.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<bool, FilterError> {
        let text = || Some(value.to_owned());
        match name {
            "endpoint" => self.endpoint = text(),
            "method" => self.method = text(),
            "status" => self.status = Some(status(value)?),
            "client" => self.client = text(),
            "tenant" => self.tenant = text(),
            "since" => self.since = number(name, value)?,
            "text" => self.text = text(),
            "error" => self.error = Some(number(name, value.trim_start_matches("AADSTS"))?),
            "scripted" => self.scripted = Some(number(name, value)?),
            "finding" => self.finding = text(),
            "limit" => self.limit = Some(number(name, value)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Every name [`set`](Self::set) takes.
    pub(crate) const NAMES: &str =
        "endpoint, method, status, client, tenant, since, text, error, scripted, finding, limit";
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `429`, `4xx` or `400-499`.
fn status(value: &str) -> Result<RangeInclusive<u16>, FilterError> {
    let one = |text: &str| text.trim().parse::<u16>().ok();
    let hundred = value.strip_suffix("xx").and_then(one);
    let range = match (hundred.filter(|it| *it < 10), value.split_once('-')) {
        (Some(hundred), _) => Some(hundred * 100..=hundred * 100 + 99),
        (None, Some((from, to))) => one(from).zip(one(to)).map(|(from, to)| from..=to),
        (None, None) => one(value).map(|status| status..=status),
    };
    let text = || format!("status: `{value}` is neither `429` nor `4xx` nor `400-499`");
    range.ok_or_else(|| FilterError(text()))
}

/// Reads the number of a query field; `true` and `false` are numbers of a kind.
fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, FilterError> {
    let kind = if std::any::type_name::<T>() == "bool" {
        "`true` or `false`"
    } else {
        "a number it can be"
    };
    value
        .parse()
        .map_err(|_| FilterError(format!("{name}: `{value}` is not {kind}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_cannot_be_is_named() {
        let mut filter = Filter::default();
        for (name, value) in [
            ("status", "abc"),
            ("status", "x-4"),
            ("status", "99999"),
            ("status", "70000xx"),
            ("since", "-1"),
            ("limit", "many"),
            ("scripted", "yes"),
            ("error", "AADSTS"),
        ] {
            let error = filter.set(name, value).unwrap_err().to_string();
            assert!(error.starts_with(name), "{error}");
        }
        assert_eq!(filter.set("colour", "red"), Ok(false));
        for name in Filter::NAMES.split(", ") {
            assert_ne!(filter.set(name, "1"), Ok(false), "{name}");
        }
    }
}
