//! Which entries somebody wants.

use std::fmt;
use std::ops::RangeInclusive;

use crate::journal::Entry;
use crate::journal::log::Kept;

/// Which entries of a [`Journal`](crate::Journal) are wanted: those that fit everything that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Name of an endpoint such as `imds.token`, or the start of several followed by `*`.
    pub endpoint: Option<String>,
    /// The HTTP method, in any case.
    pub method: Option<String>,
    /// The status of the answer; 0 is a dropped connection.
    pub status: Option<RangeInclusive<u16>>,
    /// Client id: a `client_id` of the request, or the application of a token in request or answer.
    pub client: Option<String>,
    /// Tenant: the first segment of the path as it was sent, or `tid` of a token.
    pub tenant: Option<String>,
    /// Only entries with a number above this one; default 0, all.
    pub since: u64,
    /// Text that stands anywhere in the request, the answer or a token, in any case.
    pub text: Option<String>,
    /// The AADSTS code of the answer.
    pub error: Option<u32>,
    /// Whether a [`Rule`](crate::Rule) made or changed the answer.
    pub scripted: Option<bool>,
    /// Name of a rule that found something; `*` for any.
    pub finding: Option<String>,
    /// No more than this many, the newest.
    pub limit: Option<usize>,
}

/// A field of a query that says nothing a filter understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilterError(String);

impl Filter {
    /// That of one endpoint, or of several if the name ends with `*`.
    pub fn endpoint(name: impl Into<String>) -> Self {
        Self {
            endpoint: Some(name.into()),
            ..Self::default()
        }
    }

    /// Whether an entry fits; the limit has no say in it.
    pub fn fits(&self, entry: &Entry) -> bool {
        let endpoint = &entry.endpoint;
        entry.seq > self.since
            && is(self.endpoint.as_ref(), |wanted| covers(wanted, endpoint))
            && is(self.status.as_ref(), |wanted| {
                wanted.contains(&entry.status)
            })
            && is(self.scripted.as_ref(), |wanted| *wanted == entry.scripted)
            && is(self.error.as_ref(), |wanted| entry.error == Some(*wanted))
            && is(self.method.as_ref(), |it| {
                it.eq_ignore_ascii_case(&entry.method)
            })
            && is(self.client.as_ref(), |wanted| is_by(entry, wanted))
            && is(self.tenant.as_ref(), |wanted| is_in(entry, wanted))
            && is(self.finding.as_ref(), |wanted| has_found(entry, wanted))
            && is(self.text.as_ref(), |wanted| mentions(entry, wanted))
    }

    /// The entry, if it fits; what can be told from outside spares unpacking it.
    pub(super) fn unpack(&self, kept: &Kept) -> Option<Entry> {
        let endpoint = kept.packed.endpoint;
        if !is(self.endpoint.as_ref(), |wanted| covers(wanted, endpoint)) {
            return None;
        }
        let mut entry = kept.packed.unpacked(kept.number);
        if let Some(tokens) = &kept.tokens {
            entry.tokens = tokens.decoded();
        }
        self.fits(&entry).then_some(entry)
    }

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

fn is<T>(wanted: Option<&T>, fits: impl FnOnce(&T) -> bool) -> bool {
    wanted.is_none_or(fits)
}

fn covers(wanted: &str, endpoint: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(start) => endpoint.starts_with(start),
        None => endpoint == wanted,
    }
}

fn is_by(entry: &Entry, client: &str) -> bool {
    let mut fields = entry.form.iter().chain(&entry.query);
    fields.any(|(name, value)| name == "client_id" && value.eq_ignore_ascii_case(client))
        || has_claim(entry, &["appid", "azp"], client)
}

fn is_in(entry: &Entry, tenant: &str) -> bool {
    let segment = entry.path.trim_start_matches('/').split('/').next();
    segment.is_some_and(|segment| segment.eq_ignore_ascii_case(tenant))
        || has_claim(entry, &["tid"], tenant)
}

fn has_claim(entry: &Entry, names: &[&str], value: &str) -> bool {
    entry.tokens.iter().any(|token| {
        let mut claims = names.iter().filter_map(|name| token.claims[*name].as_str());
        claims.any(|claim| claim.eq_ignore_ascii_case(value))
    })
}

fn has_found(entry: &Entry, rule: &str) -> bool {
    let mut findings = entry.findings.iter();
    findings.any(|finding| rule == "*" || finding.rule == rule)
}

fn mentions(entry: &Entry, text: &str) -> bool {
    let text = text.to_lowercase();
    let has = |part: &str| part.to_lowercase().contains(&text);
    let pairs = |pairs: &[(String, String)]| pairs.iter().any(|(name, it)| has(name) || has(it));
    has(&entry.path)
        || has(&entry.reply_body)
        || pairs(&entry.query)
        || pairs(&entry.form)
        || pairs(&entry.headers)
        || pairs(&entry.reply_headers)
        || entry
            .tokens
            .iter()
            .any(|token| has(&token.claims.to_string()))
        || entry
            .findings
            .iter()
            .any(|it| has(&it.rule) || has(&it.text))
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

/// Of a query field; `true` and `false` are numbers of a kind.
pub(super) fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, FilterError> {
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
    use serde_json::json;

    use super::*;
    use crate::invariant::Finding;
    use crate::journal::DecodedToken;

    fn entry() -> Entry {
        let token = DecodedToken {
            place: "reply.access_token".to_owned(),
            header: json!({}),
            claims: json!({ "appid": "ID-1", "tid": "T-1", "name": "Alice" }),
        };
        Entry {
            seq: 5,
            endpoint: "entra.token".to_owned(),
            method: "POST".to_owned(),
            path: "/contoso.example/oauth2/v2.0/token".to_owned(),
            form: vec![("client_id".to_owned(), "id-2".to_owned())],
            status: 429,
            error: Some(90055),
            tokens: vec![token],
            findings: vec![Finding {
                rule: "faster-than-retry-after".to_owned(),
                text: "after 1 s".to_owned(),
                ..Finding::default()
            }],
            ..Entry::default()
        }
    }

    fn filter(fields: &[(&str, &str)]) -> Filter {
        let mut filter = Filter::default();
        for (name, value) in fields {
            assert_eq!(filter.set(name, value), Ok(true), "{name}={value}");
        }
        filter
    }

    #[test]
    fn an_entry_fits_what_is_said_of_it_and_nothing_else() {
        for (name, fits, does_not) in [
            ("endpoint", "entra.token", "entra.token_v1"),
            ("endpoint", "entra.*", "imds.*"),
            ("method", "post", "GET"),
            ("status", "429", "428"),
            ("status", "4xx", "5xx"),
            ("status", "400-430", "0"),
            ("client", "id-1", "id-3"),
            ("client", "ID-2", "T-1"),
            ("tenant", "Contoso.example", "fabrikam"),
            ("tenant", "t-1", "id-1"),
            ("since", "4", "5"),
            ("text", "alice", "bob"),
            ("text", "ID-2", "id-9"),
            ("text", "retry-after", "retry-before"),
            ("error", "AADSTS90055", "7"),
            ("scripted", "false", "true"),
            ("finding", "*", "pkce"),
            ("finding", "faster-than-retry-after", "faster"),
        ] {
            assert!(filter(&[(name, fits)]).fits(&entry()), "{name}={fits}");
            let other = filter(&[(name, does_not)]);
            assert!(!other.fits(&entry()), "{name}={does_not}");
        }
        assert!(!filter(&[("status", "429"), ("method", "GET")]).fits(&entry()));
        let quiet = Entry {
            findings: Vec::new(),
            ..entry()
        };
        assert!(!filter(&[("finding", "*")]).fits(&quiet));
    }

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
