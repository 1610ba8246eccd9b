//! The filter of journal entries.

mod query;

use std::ops::RangeInclusive;

use crate::state::journal::Entry;
use crate::state::journal::log::Kept;

/// A filter for entries of a [`Journal`](crate::Journal): those that fit everything that is set.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::state::invariant::Finding;
    use crate::state::journal::DecodedToken;

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
}
